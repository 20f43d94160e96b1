//! What is in a cluster, kept up to date by watching it, one watch for each kind.
//!
//! ```text
//! kube's watcher: list in chunks, then watch ──► raw JSON ──► decode ──► a batch ──► Mirror ──► readers' snapshots
//!        ▲            any error ends it                        └► poison: named, counted, left out
//!        └── after a pause with jitter: everything is read anew; until then what was held is held, and says why
//! ```
//!
//! States of a kind: never read, known (as of now), in trouble (as of then, and why), absent (no such CRD; asked again).
//!
//! Invariants
//! - what is held is whole as of [`Reach::as_of`]: it moves with events, with every list, and while a watch stands.
//!   A watch stands as long as no error came of it: each ends after [`WATCH_SECONDS`] and is begun again, and one that
//!   died without a word is noticed by then and a few seconds. So a kind without trouble is behind by no more than that;
//! - a list that is not whole changes nothing; an object that cannot be decoded costs only itself;
//! - all times are this machine's: no cluster's clock says what is fresh;
//! - bounded: no raw object outlives its decoding, and what is said often is kept once ([`decode::Pool`]).
//!
//! [`Reach::as_of`]: gatehouse_domain::environments::facts::Reach::as_of

mod batch;
pub mod decode;
mod fact;
mod kinds;
mod mirror;
mod raw;
#[cfg(test)]
mod tests;
mod trouble;

pub use fact::Fact;
pub use kinds::{ALL, is_custom, plural};
pub use mirror::Mirror;

use crate::context::{Entropy, wall_clock};
use batch::Batch;
use futures::StreamExt as _;
use gatehouse_domain::environments::facts::Kind;
use kube::Api;
use kube::runtime::watcher;
use raw::Raw;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use trouble::End;

/// After how many seconds a watch is begun again.
pub const WATCH_SECONDS: u32 = 30;

/// Objects of one answer of a list.
const CHUNK: u32 = 500;

/// How long things take.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// After the first failure; doubled with each that follows.
    pub first: Duration,
    /// The longest pause between two tries.
    pub longest: Duration,
    /// Between two looks for a kind that the cluster did not know.
    pub absent: Duration,
    /// How long events are gathered into one write.
    pub gather: Duration,
    /// How often a watch that stands says so.
    pub stands: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            absent: Duration::from_secs(60),
            gather: Duration::from_millis(100),
            stands: Duration::from_secs(5),
        }
    }
}

/// Keeps `mirror` up to date with every kind of the cluster behind `client` until `stop`.
pub async fn run(client: super::Client, mirror: Mirror, entropy: Entropy, pace: Pace, stop: CancellationToken) {
    let mut watches = JoinSet::new();
    for kind in ALL {
        let watch = Watch { client: client.watching(), kind, mirror: mirror.clone(), entropy: entropy.clone(), pace };
        let stop = stop.clone();
        watches.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = watch.keep() => {}
            }
        });
    }
    while watches.join_next().await.is_some() {}
}

/// One kind of one cluster.
struct Watch {
    client: kube::Client,
    kind: Kind,
    mirror: Mirror,
    entropy: Entropy,
    pace: Pace,
}

impl Watch {
    /// Watches for ever.
    async fn keep(self) {
        let mut batch = Batch::new(self.kind);
        let mut failures = 0_u32;
        loop {
            let (end, was_whole) = self.follow(&mut batch).await;
            // A watch that stood and broke is begun again before anybody is told.
            failures = if was_whole { 0 } else { failures.saturating_add(1) };
            let pause = match end {
                End::Expired => self.jittered(self.pace.first / 4),
                End::Absent => {
                    self.mirror.write(|cluster| batch.absent(cluster, wall_clock()));
                    failures = 0;
                    self.jittered(self.pace.absent)
                }
                End::Trouble(why) => {
                    if failures > 0 {
                        self.mirror.reach(self.kind, |reach| reach.trouble = Some(why));
                    }
                    let doubled = self.pace.first.saturating_mul(1 << failures.saturating_sub(1).min(10));
                    self.jittered(if failures == 0 { self.pace.first / 4 } else { doubled.min(self.pace.longest) })
                }
            };
            sleep(pause).await;
        }
    }

    /// Lists and watches until that ends. Says how, and whether the list was whole.
    async fn follow(&self, batch: &mut Batch) -> (End, bool) {
        let api: Api<Raw> = Api::all_with(self.client.clone(), &kinds::resource(self.kind));
        let config = watcher::Config::default().timeout(WATCH_SECONDS).page_size(CHUNK);
        let events = watcher(api, config);
        tokio::pin!(events);
        let mut stands = interval(self.pace.stands);
        stands.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_whole = false;
        let mut due: Option<Instant> = None;
        loop {
            tokio::select! {
                biased;
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    due = None;
                    self.flush(batch);
                }
                event = events.next() => match event {
                    Some(Ok(event)) => {
                        if batch.take(event, wall_clock()) {
                            is_whole = true;
                            due = None;
                            self.flush(batch);
                        } else if due.is_none() && batch.has_changes() {
                            due = Some(Instant::now() + self.pace.gather);
                        }
                    }
                    Some(Err(error)) => {
                        self.flush(batch);
                        return (trouble::end(self.kind, &error), is_whole);
                    }
                    None => return (End::Expired, is_whole),
                },
                _ = stands.tick() => {
                    if is_whole && due.is_none() {
                        self.mirror.reach(self.kind, |reach| reach.as_of = Some(wall_clock()));
                    }
                }
            }
        }
    }

    fn flush(&self, batch: &mut Batch) {
        if batch.has_changes() {
            self.mirror.write(|cluster| batch.write(cluster, wall_clock()));
        }
    }

    /// Between a half and the whole of it, so that watches which broke together do not come back together.
    fn jittered(&self, pause: Duration) -> Duration {
        let part = f64::from(u16::from_le_bytes(self.entropy.bytes())) / f64::from(u16::MAX);
        pause.mul_f64(0.5 + part / 2.0)
    }
}
