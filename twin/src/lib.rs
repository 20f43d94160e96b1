//! The twin: what is outside the portal, as a model with state behind the real wire protocols.
//!
//! One listener each for GitHub, the OpenID provider, the three clusters, AWS, and the twin's own control API, all
//! on loopback. The portal talks to them with its real clients; a test talks to the model with the handles below.
//!
//! - The same seed and the same manual clock give the same world.
//! - Time stands still under a manual clock, and what takes a moment then happens at once.
//! - A route that is not modelled answers 501 and is remembered: a test ends by asserting that
//!   [`Twin::unknown_routes`] is empty.
//! - Every route has a name (`github.run`, `github.callback`, `ecr.describe`, …) for [`FaultBook`] and its call counts.

// GitHub's answers are long objects, each one `json!`.
#![recursion_limit = "256"]

mod aws;
mod clock;
mod control;
mod faults;
mod github;
mod history;
mod kubernetes;
mod oidc;
mod portal_files;
mod record;
mod state;
mod value;
mod visitors;
pub mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use aws::EcrHandle;
pub use clock::{Clock, ClockHandle};
pub use faults::{Fault, FaultBook};
pub use github::{Answer, Delivery, Edit, GithubModel, MergedPr, NewCommit, PushRun, RunId, StatusReport, sign};
pub use kubernetes::{ClusterId, KubernetesHandle};
pub use oidc::{Lie, PeopleHandle};
pub use state::{Secrets, Urls};
pub use visitors::Person as Visitor;

use state::Shared;

/// Which ports to listen on; 0 takes any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    /// GitHub.
    pub github: u16,
    /// The OpenID provider.
    pub oidc: u16,
    /// The production cluster.
    pub kubernetes: u16,
    /// ECR.
    pub aws: u16,
    /// The twin's own API.
    pub control: u16,
    /// The staging cluster.
    pub staging: u16,
    /// The development cluster.
    pub development: u16,
}

impl Ports {
    /// Seven ports in a row: control, GitHub, OIDC, Kubernetes, AWS, the clusters of staging and development. Zero takes
    /// any.
    #[must_use]
    pub fn from(base: u16) -> Self {
        let port = |offset: u16| if base == 0 { 0 } else { base.saturating_add(offset) };
        Self {
            control: base,
            github: port(1),
            oidc: port(2),
            kubernetes: port(3),
            aws: port(4),
            staging: port(5),
            development: port(6),
        }
    }
}

/// How to start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Everything random comes from here.
    pub seed: u64,
    /// Play a whole week, for people who look; tests need less.
    pub week: bool,
    /// Where time comes from.
    pub clock: Clock,
    /// Where to listen.
    pub ports: Ports,
}

/// A running outside world. Dropping it stops it.
pub struct Twin {
    shared: Shared,
    servers: Vec<JoinHandle<()>>,
}

async fn bind(system: &str, port: u16) -> anyhow::Result<(TcpListener, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("port {port} for {system} is busy"))?;
    let url = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
    Ok((listener, url))
}

impl Twin {
    /// Binds every port, writes the history and serves.
    ///
    /// # Errors
    /// When a port is busy.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let ports = options.ports;
        let (github, github_url) = bind("GitHub", ports.github).await?;
        let (oidc, oidc_url) = bind("OIDC", ports.oidc).await?;
        let (kubernetes, kubernetes_url) = bind("Kubernetes", ports.kubernetes).await?;
        let (aws, aws_url) = bind("AWS", ports.aws).await?;
        let (staging, staging_url) = bind("the staging cluster", ports.staging).await?;
        let (development, development_url) = bind("the development cluster", ports.development).await?;
        let (control, control_url) = bind("control", ports.control).await?;
        let urls = Urls {
            github: github_url,
            oidc: oidc_url,
            kubernetes: kubernetes_url,
            staging: staging_url,
            development: development_url,
            aws: aws_url,
            control: control_url,
        };
        let shared = Shared::new(options.seed, options.week, ClockHandle::new(options.clock), urls)?;
        let serve = |listener: TcpListener, router: Router| {
            tokio::spawn(async move {
                if let Err(error) = axum::serve(listener, router).await {
                    tracing::error!(%error, "a listener of the twin ended");
                }
            })
        };
        let serve_cluster = |listener: TcpListener, id: ClusterId| -> anyhow::Result<JoinHandle<()>> {
            let (listener, router) = (kubernetes::Both::new(listener)?, kubernetes::router(&shared, id));
            Ok(tokio::spawn(async move {
                if let Err(error) = axum::serve(listener, router).await {
                    tracing::error!(%error, "a listener of the twin ended");
                }
            }))
        };
        let servers = vec![
            serve(github, github::router(&shared)),
            serve(oidc, oidc::router(&shared)),
            serve_cluster(kubernetes, ClusterId::Production)?,
            serve_cluster(staging, ClusterId::Staging)?,
            serve_cluster(development, ClusterId::Development)?,
            serve(aws, aws::router(&shared)),
            serve(control, control::router(&shared)),
        ];
        Ok(Self { shared, servers })
    }

    /// Where everything listens.
    #[must_use]
    pub fn urls(&self) -> Urls {
        self.shared.urls.clone()
    }

    /// Writes the portal's configuration and secrets (mode 0600) into `dir`, notes where the portal is, and returns the
    /// path of `gatehouse.toml`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn portal_files(&self, dir: &Path, public_url: &str, listen: SocketAddr) -> anyhow::Result<PathBuf> {
        portal_files::write(&self.shared, dir, public_url, listen)
    }

    /// Says where webhooks go: `{url}/webhooks/github`.
    pub fn set_portal(&self, url: &str) {
        self.shared.set_portal(url);
    }

    /// What the portal was given to be let in with.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        self.shared.secrets.clone()
    }

    /// GitHub and its story verbs.
    #[must_use]
    pub fn github(&self) -> GithubModel {
        GithubModel(self.shared.clone())
    }

    /// The people and their identity provider.
    #[must_use]
    pub fn people(&self) -> PeopleHandle {
        PeopleHandle(self.shared.clone())
    }

    /// The same as [`Twin::people`].
    #[must_use]
    pub fn oidc(&self) -> PeopleHandle {
        self.people()
    }

    /// The production cluster.
    #[must_use]
    pub fn kubernetes(&self) -> KubernetesHandle {
        self.cluster(ClusterId::Production)
    }

    /// One of the clusters.
    #[must_use]
    pub fn cluster(&self, id: ClusterId) -> KubernetesHandle {
        KubernetesHandle(self.shared.clone(), id)
    }

    /// What `kubectl` reads to find the clusters: a context for each, production the first.
    #[must_use]
    pub fn kubeconfig(&self) -> String {
        kubernetes::kubeconfig(&self.shared)
    }

    /// The registry.
    #[must_use]
    pub fn ecr(&self) -> EcrHandle {
        EcrHandle(self.shared.clone())
    }

    /// Somebody signs in to the portal, through its own HTTP, and adds a key. [`Twin::portal_files`] was called.
    ///
    /// # Errors
    /// When the portal or the provider does not let them.
    pub async fn visit(&self, sub: &str) -> anyhow::Result<Visitor> {
        Visitor::arrive(&self.shared, sub).await
    }

    /// What shall go wrong, and how often each route was called.
    #[must_use]
    pub fn faults(&self) -> FaultBook {
        self.shared.faults.clone()
    }

    /// The model's time.
    #[must_use]
    pub fn clock(&self) -> ClockHandle {
        self.shared.clock.clone()
    }

    /// Every request that met nothing modelled, as `system: METHOD /path`.
    #[must_use]
    pub fn unknown_routes(&self) -> Vec<String> {
        self.shared.unknown_routes()
    }

    /// Stops listening.
    pub async fn shutdown(mut self) {
        for server in std::mem::take(&mut self.servers) {
            server.abort();
            // Aborted on purpose: the only error there can be is that it was.
            let _aborted = server.await;
        }
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}
