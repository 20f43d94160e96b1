//! Where does everything live? One model behind one lock, shared by every listener and every handle, so that an answer
//! given to GitHub is what Kubernetes runs a moment later. The lock is never held across an await.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::aws::Ecr;
use crate::clock::ClockHandle;
use crate::faults::FaultBook;
use crate::github::model::GitHub;
use crate::kubernetes::{ClusterId, Clusters};
use crate::oidc::Provider;
use crate::world::{self, Person, Service};

/// Where the twin listens, without trailing slashes.
#[derive(Clone, Debug, Default)]
pub struct Urls {
    /// GitHub's API.
    pub github: String,
    /// The OIDC issuer.
    pub oidc: String,
    /// The production cluster.
    pub kubernetes: String,
    /// The staging cluster.
    pub staging: String,
    /// The development cluster.
    pub development: String,
    /// ECR.
    pub aws: String,
    /// The twin's own control API.
    pub control: String,
}

impl Urls {
    /// One of the clusters.
    #[must_use]
    pub fn cluster(&self, id: ClusterId) -> &str {
        match id {
            ClusterId::Production => &self.kubernetes,
            ClusterId::Staging => &self.staging,
            ClusterId::Development => &self.development,
        }
    }
}

/// What the portal has to know to be let in; made from the seed.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Signs webhooks.
    pub webhook: String,
    /// The portal's OIDC client secret.
    pub oidc_client: String,
    /// The production cluster's bearer token.
    pub kubernetes: String,
    /// The staging cluster's.
    pub staging: String,
    /// The development cluster's.
    pub development: String,
    /// AWS access key id.
    pub aws_id: String,
    /// AWS secret access key; the twin never checks it.
    pub aws_secret: String,
}

impl Secrets {
    /// One cluster's bearer token.
    #[must_use]
    pub fn cluster(&self, id: ClusterId) -> &str {
        match id {
            ClusterId::Production => &self.kubernetes,
            ClusterId::Staging => &self.staging,
            ClusterId::Development => &self.development,
        }
    }

    fn from_seed(seed: u64) -> Self {
        let hex = |what: &str| hex::encode(Sha256::digest(format!("twin {seed} {what}")));
        let mut aws_id = format!("AKIA{}", hex("aws id").to_uppercase());
        aws_id.truncate(20);
        Self {
            webhook: hex("webhook"),
            oidc_client: hex("oidc"),
            kubernetes: hex("kubernetes"),
            staging: hex("kubernetes staging"),
            development: hex("kubernetes development"),
            aws_id,
            aws_secret: hex("aws secret"),
        }
    }
}

pub(crate) struct Model {
    /// Whether a whole week is played, for people who look, and not only what tests need.
    pub is_week: bool,
    pub rng: ChaCha20Rng,
    pub people: Vec<Person>,
    pub services: Vec<Service>,
    pub github: GitHub,
    pub oidc: Provider,
    pub clusters: Clusters,
    pub ecr: Ecr,
}

impl Model {
    pub(crate) fn uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.rng.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    pub(crate) fn secret(&mut self, prefix: &str) -> String {
        let mut bytes = [0; 18];
        self.rng.fill_bytes(&mut bytes);
        format!("{prefix}{}", hex::encode(bytes))
    }

    pub(crate) fn service(&self, name: &str) -> anyhow::Result<Service> {
        let found = self.services.iter().find(|service| service.name == name);
        found.cloned().ok_or_else(|| anyhow::anyhow!("AltScore has no service `{name}`"))
    }
}

/// How long production takes to become the new image when time runs by itself.
const ROLL_OUT: Duration = Duration::from_millis(1500);

pub(crate) struct Inner {
    pub clock: ClockHandle,
    pub urls: Urls,
    pub secrets: Secrets,
    pub faults: FaultBook,
    pub http: reqwest::Client,
    /// Where what is said is written down.
    pub record: Option<PathBuf>,
    model: Mutex<Model>,
    unknown: Mutex<Vec<String>>,
    portal: Mutex<Option<String>>,
}

/// Everything one twin is; clones share it.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Inner>);

impl std::ops::Deref for Shared {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    // A test that panics while it holds the model must not hide its own message behind a poisoned lock.
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn new(seed: u64, is_week: bool, clock: ClockHandle, urls: Urls) -> anyhow::Result<Self> {
        let mut model = Model {
            is_week,
            rng: ChaCha20Rng::seed_from_u64(seed),
            people: world::people(),
            services: world::services(),
            github: GitHub::default(),
            oidc: Provider::default(),
            clusters: Clusters::default(),
            ecr: Ecr::default(),
        };
        crate::history::write(&mut model, clock.now())?;
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).no_proxy().build()?;
        Ok(Self(Arc::new(Inner {
            clock,
            urls,
            secrets: Secrets::from_seed(seed),
            faults: FaultBook::default(),
            http,
            record: crate::record::file(),
            model: Mutex::new(model),
            unknown: Mutex::default(),
            portal: Mutex::default(),
        })))
    }

    pub(crate) fn model(&self) -> MutexGuard<'_, Model> {
        open(&self.model)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn unknown_routes(&self) -> Vec<String> {
        open(&self.unknown).clone()
    }

    pub(crate) fn note_unknown(&self, route: String) {
        tracing::warn!(%route, "unknown route");
        open(&self.unknown).push(route);
    }

    pub(crate) fn portal(&self) -> Option<String> {
        open(&self.portal).clone()
    }

    pub(crate) fn set_portal(&self, public_url: &str) {
        *open(&self.portal) = Some(public_url.trim_end_matches('/').to_owned());
    }

    /// Lets production become what was approved: at once when time stands still, else a moment later.
    pub(crate) fn roll_out_soon(&self, run: u64) {
        if self.clock.is_manual() {
            let now = self.now();
            self.model().roll_out(now, run);
            self.tell_soon(run);
            return;
        }
        self.tell_soon(run);
        let shared = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(ROLL_OUT).await;
            let now = shared.now();
            shared.model().roll_out(now, run);
            shared.tell_soon(run);
        });
    }

    /// Tells the portal of a run, where it is told of runs; whatever asks does not wait for that.
    pub(crate) fn tell_soon(&self, run: u64) {
        if !self.model().github.tells {
            return;
        }
        let github = crate::github::GithubModel(self.clone());
        tokio::spawn(async move {
            if let Err(error) = github.tell(run).await {
                tracing::warn!(%error, run, "the portal was not told of a run");
            }
        });
    }
}
