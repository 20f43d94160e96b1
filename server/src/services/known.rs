//! What was asked of the outside world about builds that run, and remembered. Bookkeeping of one replica, in memory: it is
//! asked again after a start.

use crate::github::RepoName;
use chrono::{DateTime, Duration, Utc};
use gatehouse_domain::services::catalog::Entry;
use gatehouse_domain::{CommitSha, ImageDigest};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};

/// How many questions one round asks, so that a morning with many releases does not use up GitHub's patience.
pub(super) const A_ROUND: usize = 20;
/// What could not be answered is asked again after this.
const AGAIN: Duration = Duration::seconds(60);
/// What may change (a scan, an owner) is asked again after this.
const STALE: Duration = Duration::seconds(600);

/// How far back a curve goes, and in how many steps at most.
const WINDOW: Duration = Duration::hours(24);
const CURVE: usize = 1_000;

/// An image in its repository.
pub(super) type ImageKey = (String, ImageDigest);
/// Two commits of a repository: what runs on the right, what runs on the left.
pub(super) type WayKey = (RepoName, CommitSha, CommitSha);

/// An answer, or why there is none.
#[derive(Debug, Clone)]
pub(super) struct Looked<T> {
    pub(super) answer: Result<T, String>,
    at: DateTime<Utc>,
}

/// What the registry says of an image.
#[derive(Debug, Clone)]
pub(super) struct ImageFacts {
    /// The one commit that names it by tag, or why there is none.
    pub(super) commit: Result<CommitSha, &'static str>,
    pub(super) pushed_at: Option<DateTime<Utc>>,
    /// AWS's word and the findings by severity; `None`: never scanned.
    pub(super) scan: Option<(String, BTreeMap<String, u32>)>,
}

/// How one commit lies to another.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// The left one is so many commits ahead; the first lines of the newest, at most three.
    Ahead(u32, Vec<String>),
    /// It lacks commits that the right one has.
    Behind,
    /// Their histories part.
    Parted,
}

#[derive(Debug, Default)]
pub(super) struct Inner {
    pub(super) images: BTreeMap<ImageKey, Looked<ImageFacts>>,
    pub(super) ways: BTreeMap<WayKey, Looked<Way>>,
    /// By the service's name.
    pub(super) entries: BTreeMap<String, Looked<Entry>>,
    /// How many pods its autoscaler had, by environment and service: each moment at which that changed, oldest first.
    pub(super) curves: BTreeMap<(String, String), Curve>,
}

/// How many pods from which moment on, oldest first.
pub(super) type Curve = VecDeque<(DateTime<Utc>, u32)>;

impl Inner {
    /// Notes how many pods there are now.
    pub(super) fn note(&mut self, of: (String, String), now: DateTime<Utc>, pods: u32) {
        let curve = self.curves.entry(of).or_default();
        if curve.back().is_none_or(|(_, before)| *before != pods) {
            curve.push_back((now, pods));
        }
        // The last one before the window says what was there when it began.
        while curve.len() > CURVE || curve.get(1).is_some_and(|(at, _)| now - *at > WINDOW) {
            curve.pop_front();
        }
    }
}

/// What is remembered. Cheap to clone; clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Known(Arc<RwLock<Inner>>);

impl Known {
    /// Looks at it. The closure must not wait for anything.
    pub(super) fn read<T>(&self, look: impl FnOnce(&Inner) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes into it. The closure must not wait for anything.
    pub(super) fn write(&self, write: impl FnOnce(&mut Inner)) {
        write(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl<T> Looked<T> {
    /// Whether it is time to ask again. What can never change is asked again only while it is not known.
    pub(super) fn is_due(&self, can_change: bool, now: DateTime<Utc>) -> bool {
        match self.answer {
            Ok(_) => can_change && now - self.at >= STALE,
            Err(_) => now - self.at >= AGAIN,
        }
    }

    /// Puts the new answer in place, unless it is a failure and there was an answer: the last good one stays.
    pub(super) fn renew<K: Ord>(all: &mut BTreeMap<K, Self>, key: K, answer: Result<T, String>, now: DateTime<Utc>) {
        match (all.get_mut(&key), answer) {
            (Some(before), Err(_)) if before.answer.is_ok() => before.at = now,
            (_, answer) => drop(all.insert(key, Self { answer, at: now })),
        }
    }
}
