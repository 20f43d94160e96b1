//! What is in each environment's cluster, and how far can it be seen?
//!
//! One read model for each replica, in memory: [`crate::kube::watch`] fills it, pages read it and wait for nothing. Every
//! replica watches for itself, so nothing of it is in the database and nothing of it is told to other replicas.
//!
//! States of an environment: not watched (nobody gave a token for its cluster), watched. How far each kind of a watched
//! one could be read is in [`Cluster::reach`].
//!
//! Invariants
//! - no gate asks it: what decides is read from the cluster when it decides ([`crate::changes`]);
//! - what is held of a cluster is never shown as another's: where an environment gets another address, it begins empty;
//! - pages are told that something moved a few times a second at most, whatever the clusters do.
//!
//! What may call it: every slice, by [`Environments::snapshot`]. What can be stale: all of it, and it says since when.

#[cfg(test)]
mod judged_tests;
mod parity;
mod rails;
#[cfg(test)]
mod tests;
mod view;

pub use view::{environment, environments};

pub use parity::parity;
pub use rails::rails;

use crate::context::Context;
use crate::kube::watch::{self, Mirror, Pace};
use crate::live::Moved;
use gatehouse_app::live::Topic;
use gatehouse_domain::EnvironmentName;
use gatehouse_domain::environments::facts::Cluster;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Notify, watch::Receiver};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How long pages are left alone after they were told.
const REST: Duration = Duration::from_millis(300);

/// What this replica sees. Cheap to clone; clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Environments {
    watched: Arc<RwLock<BTreeMap<EnvironmentName, Watched>>>,
    moved: Arc<Notify>,
}

#[derive(Debug, Clone)]
struct Watched {
    address: String,
    mirror: Mirror,
}

impl Environments {
    /// The cluster of this environment at this moment; `None`: it is not watched.
    #[must_use]
    pub fn snapshot(&self, environment: &EnvironmentName) -> Option<Arc<Cluster>> {
        let watched = self.watched.read().unwrap_or_else(PoisonError::into_inner);
        watched.get(environment).map(|it| it.mirror.snapshot())
    }

    /// What is held for exactly these environments: their mirrors, kept where name and address are the same.
    fn hold(&self, wanted: BTreeMap<EnvironmentName, String>) -> BTreeMap<EnvironmentName, Mirror> {
        let mut watched = self.watched.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::take(&mut *watched);
        for (name, address) in wanted {
            let kept = old.get(&name).filter(|it| it.address == address).cloned();
            let it = kept.unwrap_or_else(|| Watched { address, mirror: Mirror::new(Arc::clone(&self.moved)) });
            watched.insert(name, it);
        }
        watched.iter().map(|(name, it)| (name.clone(), it.mirror.clone())).collect()
    }
}

/// Watches the clusters of the configuration in force until `stop`; under another configuration, its clusters.
pub async fn run(mut contexts: Receiver<Context>, stop: CancellationToken) {
    let ctx = contexts.borrow().clone();
    let herald = tell(&ctx);
    tokio::pin!(herald);
    loop {
        let ctx = contexts.borrow_and_update().clone();
        let turn = stop.child_token();
        let mut watches = begin(&ctx, Pace::default(), &turn);
        tokio::select! {
            () = stop.cancelled() => {}
            Ok(()) = contexts.changed() => {}
            () = &mut herald => {}
        }
        turn.cancel();
        while watches.join_next().await.is_some() {}
        if stop.is_cancelled() {
            return;
        }
    }
}

fn begin(ctx: &Context, pace: Pace, stop: &CancellationToken) -> JoinSet<()> {
    let client = |name: &EnvironmentName| ctx.clusters.get(name).or_else(|| ctx.observed.get(name));
    let places = ctx.config.places().into_iter().filter(|it| client(it.name).is_some());
    let wanted = places.map(|it| (it.name.clone(), it.kubernetes_url.as_str().to_owned())).collect();
    let mut watches = JoinSet::new();
    for (name, mirror) in ctx.environments.hold(wanted) {
        if let Some(client) = client(&name) {
            let entropy = ctx.entropy.split("environments.watch");
            watches.spawn(watch::run(client.clone(), mirror, entropy, pace, stop.clone()));
        }
    }
    watches
}

/// Tells the pages of this replica, for ever.
async fn tell(ctx: &Context) {
    let mut times = 0_u64;
    loop {
        ctx.environments.moved.notified().await;
        times = times.wrapping_add(1);
        ctx.live.tell(Moved::these([Topic::Environments].into(), format!("environments-{times}")));
        sleep(REST).await;
    }
}
