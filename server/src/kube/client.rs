//! The wire to one cluster's API server.

use super::ImageRef;
use super::watch::WATCH_SECONDS;
use gatehouse_domain::ImageDigest;
use k8s_openapi::api::apps::v1::Deployment;
use kube::config::AuthInfo;
use kube::{Api, Config};
use secrecy::SecretString;
use std::time::Duration;
use url::Url;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Longer than a watch lasts.
const WATCH_READ_TIMEOUT: Duration = Duration::from_secs(WATCH_SECONDS as u64 + 10);
/// Around everything, so that a peer that drips one byte a second is still bounded.
const DEADLINE: Duration = Duration::from_secs(15);

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The cluster did not say what runs. `Display` holds only our own words and configured names.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cluster refuses the token, or what it may see.
    #[error("the cluster refused {what} (status {status})")]
    Denied {
        /// What was asked for.
        what: String,
        /// The API server's HTTP status.
        status: u16,
    },
    /// No answer, or one that says that the cluster is in trouble.
    #[error("the cluster did not answer when asked for {what}")]
    Unavailable {
        /// What was asked for.
        what: String,
        /// The network's or the API server's trouble.
        #[source]
        source: Cause,
    },
    /// The answer does not say what runs.
    #[error("the cluster's answer about {what} could not be read: {why}")]
    Unreadable {
        /// What was asked for.
        what: String,
        /// Which rule it breaks; never the answer's own text.
        why: &'static str,
    },
    /// The configuration cannot work. Only [`Client::connect`] says this.
    #[error("the Kubernetes settings are unusable: {why}")]
    Settings {
        /// Which setting, and what is wrong with it.
        why: &'static str,
    },
}

impl Error {
    /// Whether the same question may get another answer later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

/// What a Deployment runs, as far as its own record tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningImage {
    /// The image that the pod template asks for.
    pub image: ImageRef,
    /// Its content address, when the template pins it; by a tag alone nobody knows what runs.
    pub digest: Option<ImageDigest>,
    /// How many pods are wanted.
    pub desired: i32,
    /// How many pods there are, of this template or an older one.
    pub replicas: i32,
    /// How many of them are of this template.
    pub updated: i32,
    /// How many of them serve.
    pub available: i32,
    /// Whether the cluster has taken note of the latest template.
    pub observed: bool,
}

impl RunningImage {
    /// Whether this image and no other serves: the roll-out is over.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.observed && self.updated == self.desired && self.replicas == self.desired && self.available == self.desired
    }
}

/// One cluster. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    kube: kube::Client,
    watching: kube::Client,
}

impl Client {
    /// Prepares the client; the first call shows whether the token is taken.
    ///
    /// `ca` is the cluster's own authority in PEM; without it the machine's trust store decides. Must run
    /// inside a Tokio runtime (kube starts a task); refuses with [`Error::Settings`] otherwise.
    pub fn connect(url: &Url, token: &SecretString, ca: Option<&[u8]>) -> Result<Self, Error> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(Error::Settings { why: "the client was started outside the server's runtime" });
        }
        // kube builds its TLS from the process's provider. Main installs it; tests may not, and a second
        // install only reports that there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let uri = url.as_str().parse().map_err(|_| Error::Settings { why: "kubernetes_url is not an address" })?;
        let mut config = Config::new(uri);
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        config.read_timeout = Some(READ_TIMEOUT);
        config.reset_reader_on_write = true;
        config.default_retry = false;
        config.root_cert = ca.map(certificates).transpose()?;
        config.auth_info = AuthInfo { token: Some(token.clone()), ..AuthInfo::default() };
        let client = |config| {
            let unusable = |_| Error::Settings { why: "the TLS settings or the token cannot be used" };
            kube::Client::try_from(config).map_err(unusable)
        };
        let kube = client(config.clone())?;
        config.read_timeout = Some(WATCH_READ_TIMEOUT);
        Ok(Self { kube, watching: client(config)? })
    }

    /// For watches, on which nothing may be heard for as long as they last.
    pub(super) fn watching(&self) -> kube::Client {
        self.watching.clone()
    }

    /// What `container` of `deployment` runs; `None` when there is no such Deployment.
    ///
    /// A Deployment without that container is [`Error::Unreadable`]: something else was configured.
    pub async fn read_running_image(
        &self,
        namespace: &str,
        deployment: &str,
        container: &str,
    ) -> Result<Option<RunningImage>, Error> {
        let what = format!("deployment {deployment} in {namespace}");
        let api: Api<Deployment> = Api::namespaced(self.kube.clone(), namespace);
        let found = tokio::time::timeout(DEADLINE, api.get_opt(deployment))
            .await
            .map_err(|elapsed| Error::Unavailable { what: what.clone(), source: elapsed.into() })?
            .map_err(|error| classify(error, &what))?;
        found.map(|d| running_image(d, container).map_err(|why| Error::Unreadable { what, why })).transpose()
    }
}

fn running_image(deployment: Deployment, container: &str) -> Result<RunningImage, &'static str> {
    let generation = deployment.metadata.generation;
    let spec = deployment.spec;
    let status = deployment.status.unwrap_or_default();
    let containers = spec.template.spec.ok_or("it has no pod spec")?.containers;
    let container = containers.into_iter().find(|c| c.name == container).ok_or("it has no such container")?;
    let image: ImageRef = container
        .image
        .ok_or("its container has no image")?
        .parse()
        .map_err(|_| "its image is not an image reference")?;
    Ok(RunningImage {
        digest: image.digest().cloned(),
        image,
        // Kubernetes fills in 1 where nothing is said.
        desired: spec.replicas.unwrap_or(1),
        replicas: status.replicas.unwrap_or(0),
        updated: status.updated_replicas.unwrap_or(0),
        available: status.available_replicas.unwrap_or(0),
        observed: generation.is_some() && status.observed_generation >= generation,
    })
}

fn classify(error: kube::Error, what: &str) -> Error {
    let what = what.to_owned();
    match error {
        kube::Error::Api(status) => match status.code {
            // 501 is no passing trouble: this server does not know the route and will not learn it.
            408 | 429 | 500 | 502..=599 => {
                Error::Unavailable { what, source: format!("status {}", status.code).into() }
            }
            code => Error::Denied { what, status: code },
        },
        // The cause may quote the answer, so it is dropped.
        kube::Error::SerdeError(_) | kube::Error::FromUtf8(_) => {
            Error::Unreadable { what, why: "it is not what Kubernetes documents" }
        }
        other => Error::Unavailable { what, source: other.into() },
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    use rustls::pki_types::{CertificateDer, pem::PemObject as _};
    let bad = || Error::Settings { why: "kubernetes_ca_file holds no certificate in PEM" };
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|_| bad())?;
    if found.is_empty() { Err(bad()) } else { Ok(found.into_iter().map(|c| c.to_vec()).collect()) }
}
