//! What does every service need, and where do time and randomness come from?
//!
//! A [`Context`] is one portal: its configuration, its database, the outside systems' clients, and
//! the only sources of time and randomness in the program. Everything else takes both as arguments,
//! so a test decides them.
//!
//! **Time.** Decisions use the database's clock ([`Context::now`]): every replica asks the same one,
//! and it is the clock that expiry is checked against in the transaction. [`wall_clock`] is this
//! machine's; it is good for the age of a token that another system will judge, and for nothing that
//! opens a gate.

mod entropy;

pub use entropy::Entropy;

use crate::auth::oidc::OidcClient;
use crate::auth::webauthn::Authenticators;
use crate::aws::{self, AwsSettings};
use crate::config::Config;
use crate::environments::Environments;
use crate::github::{self, GithubSettings};
use crate::kube;
use crate::live::Live;
use crate::policy::{Policy, Waiting};
use crate::services::Known;
use chrono::{DateTime, Utc};
use gatehouse_domain::{Digest, EnvironmentName};
use sqlx::{PgConnection, PgPool};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One portal. Cheap to clone.
#[derive(Clone)]
pub struct Context(Arc<Parts>);

/// What a [`Context`] holds.
pub struct Parts {
    /// Valid, and the same as long as this context lives. Where another configuration comes into force, another context
    /// takes its place ([`Context::under`]); what this one still decides is refused.
    pub config: Config,
    /// The digest of its governed part, which every gate and decision asks for.
    pub policy_digest: Digest,
    /// What this process's own file says, where that is not in force.
    pub waiting: Waiting,
    /// The application role's connections.
    pub db: PgPool,
    /// Randomness.
    pub entropy: Entropy,
    /// GitHub, as our App.
    pub github: github::Client,
    /// The cluster of each gated environment, by the environment's name.
    pub clusters: BTreeMap<EnvironmentName, kube::Client>,
    /// The clusters of those that are only looked at. No gate asks them.
    pub observed: BTreeMap<EnvironmentName, kube::Client>,
    /// The image registry.
    pub ecr: aws::Client,
    /// The identity provider.
    pub idp: OidcClient,
    /// Who must sign what.
    pub policy: Policy,
    /// Ceremonies with security keys.
    pub authenticators: Authenticators,
    /// `<host[:port]>/audit`, in every signed act and log entry.
    pub log_origin: String,
    /// Whether this replica works on jobs.
    pub job_loop: Arc<JobLoop>,
    /// Whether the demo's relaxed rules hold, which every page says.
    pub demo: bool,
    /// Who listens for changes on this replica.
    pub live: Live,
    /// What is in each environment's cluster, as this replica sees it.
    pub environments: Environments,
    /// What was asked about builds that run.
    pub services: Known,
}

/// What is bound to the process, and outlives a configuration.
#[derive(Default)]
struct Bound {
    job_loop: Arc<JobLoop>,
    live: Live,
    environments: Environments,
    services: Known,
}

/// Whether the job loop of this replica runs.
#[derive(Debug, Default)]
pub struct JobLoop(AtomicBool);

impl JobLoop {
    /// Says whether it does, from now on.
    pub fn set_running(&self, running: bool) {
        self.0.store(running, Ordering::Relaxed);
    }

    /// Whether it does.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// An outside system's client could not be made from the configuration. No question was asked yet: a
/// portal starts, and says "not known", while an outside system is down.
#[derive(Debug, thiserror::Error)]
#[error("the client for {system} cannot be made: {source}")]
pub struct ClientError {
    system: String,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl ClientError {
    fn of<E: Into<Box<dyn std::error::Error + Send + Sync>>>(system: &str) -> impl FnOnce(E) -> Self {
        let system = system.to_owned();
        |source| Self { system, source: source.into() }
    }
}

impl Context {
    /// Puts a portal together. Asks nothing of anybody yet.
    ///
    /// # Errors
    /// When a client cannot be made, because a key or certificate in the configuration is not one.
    pub async fn new(config: Config, db: PgPool, entropy: Entropy) -> Result<Self, ClientError> {
        // kube takes its TLS from the process. A second install only says that there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self::assemble(config, db, entropy, Bound::default()).await
    }

    /// The same portal under another configuration: what is bound to the process stays, every client is made anew.
    ///
    /// # Errors
    /// As [`Context::new`].
    pub async fn under(&self, config: Config) -> Result<Self, ClientError> {
        let bound = Bound {
            job_loop: Arc::clone(&self.job_loop),
            live: self.live.clone(),
            environments: self.environments.clone(),
            services: self.services.clone(),
        };
        Self::assemble(config, self.db.clone(), self.entropy.clone(), bound).await
    }

    async fn assemble(config: Config, db: PgPool, entropy: Entropy, bound: Bound) -> Result<Self, ClientError> {
        let Bound { job_loop, live, environments, services } = bound;
        let github = github::Client::connect(&GithubSettings {
            api_url: config.github.api_url.url().clone(),
            app_id: config.github.app_id,
            installation_id: config.github.installation_id,
            private_key_pem: config.github.private_key.clone(),
        });
        let registry = AwsSettings {
            region: config.aws.region.clone(),
            account: config.aws.account.clone(),
            endpoint: config.aws.ecr_endpoint.as_ref().map(|address| address.url().clone()),
            access_key: config.aws.access_key.as_ref().map(|key| (key.id.clone(), key.secret.clone())),
        };
        let ecr = aws::Client::connect(&registry).await;
        let (mut clusters, mut observed) = (BTreeMap::new(), BTreeMap::new());
        for place in config.places() {
            let Some(token) = place.kubernetes_token else {
                tracing::error!(environment = %place.name, "this file names no token for a cluster that is in force: what runs there is not known, and its gates stay shut");
                continue;
            };
            let ca = place.kubernetes_ca.map(str::as_bytes);
            let client = kube::Client::connect(place.kubernetes_url.url(), token, ca);
            let system = format!("the cluster of {}", place.name);
            let which = if place.gated { &mut clusters } else { &mut observed };
            which.insert(place.name.clone(), client.map_err(ClientError::of(&system))?);
        }
        let idp = OidcClient::configured(&config.oidc, &config.public_url);
        let authenticators = Authenticators::new(config.public_url.url()).ok_or("public_url names no host");
        Ok(Self(Arc::new(Parts {
            github: github.map_err(ClientError::of("GitHub"))?,
            ecr: ecr.map_err(ClientError::of("AWS"))?,
            idp: idp.map_err(ClientError::of("the identity provider"))?,
            authenticators: authenticators.map_err(ClientError::of("security keys"))?,
            clusters,
            observed,
            policy: Policy::compile(&config.policy),
            log_origin: config.log_origin(),
            job_loop,
            demo: config.is_demo(),
            policy_digest: config.digest(),
            waiting: Waiting::default(),
            live,
            environments,
            services,
            config,
            db,
            entropy,
        })))
    }

    /// The database's time. Inside a transaction it moves on, as `clock_timestamp()` does.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn now(&self, connection: &mut PgConnection) -> Result<DateTime<Utc>, sqlx::Error> {
        sqlx::query_scalar("SELECT gatehouse_now()").fetch_one(connection).await
    }
}

impl Deref for Context {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("log_origin", &self.log_origin)
            .field("demo", &self.demo)
            .finish_non_exhaustive()
    }
}

/// This machine's time, for the age of tokens. Never for a decision.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the process clock is read")]
pub fn wall_clock() -> DateTime<Utc> {
    DateTime::from(std::time::SystemTime::now())
}
