//! What is held of one cluster, for many readers and the few writers that watch it.

use gatehouse_domain::environments::facts::{Cluster, Kind, Reach};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Notify;

/// One cluster's facts. Cheap to clone; clones are the same.
///
/// A reader takes a moment of it and keeps that as long as it likes. A writer changes in place what nobody reads, and
/// copies (pointers, not objects) what somebody does: once a batch, never once an event.
#[derive(Debug, Clone)]
pub struct Mirror {
    cluster: Arc<RwLock<Arc<Cluster>>>,
    moved: Arc<Notify>,
}

impl Mirror {
    /// An empty one; `moved` is told when something that is shown has changed.
    #[must_use]
    pub fn new(moved: Arc<Notify>) -> Self {
        Self { cluster: Arc::default(), moved }
    }

    /// The cluster at this moment.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Cluster> {
        // A writer cannot panic half-way through an object, so what a poisoned lock guards is whole.
        Arc::clone(&self.cluster.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes it, and says so.
    pub(super) fn write(&self, change: impl FnOnce(&mut Cluster)) {
        self.write_quietly(change);
        self.moved.notify_one();
    }

    /// Changes what no page needs to hear of at once.
    pub(super) fn write_quietly(&self, change: impl FnOnce(&mut Cluster)) {
        let mut cluster = self.cluster.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut cluster));
    }

    /// Changes how far a kind can be read, and says so where that is news.
    pub(super) fn reach(&self, kind: Kind, change: impl FnOnce(&mut Reach)) {
        let mut is_news = false;
        self.write_quietly(|cluster| {
            let reach = cluster.reach.entry(kind).or_default();
            let before = (reach.trouble.clone(), reach.absent);
            change(reach);
            is_news = before != (reach.trouble.clone(), reach.absent);
        });
        if is_news {
            self.moved.notify_one();
        }
    }
}
