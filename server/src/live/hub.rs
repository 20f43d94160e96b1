//! The fan-out within one replica: who listens, and what has moved.

use gatehouse_app::live::Topic;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Moves that a reader may lag behind before its stream ends.
const LAG: usize = 64;

/// A person has a handful of tabs; a browser opens six connections to one host.
const PER_SESSION: usize = 8;

/// What has moved, as of one entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// `None`: it is not known what, so everything.
    topics: Option<BTreeSet<Topic>>,
    /// The newest entry that was seen, as the log's cursor.
    pub version: String,
}

impl Moved {
    /// These topics.
    #[must_use]
    pub fn these(topics: BTreeSet<Topic>, version: String) -> Self {
        Self { topics: Some(topics), version }
    }

    /// Perhaps everything.
    #[must_use]
    pub fn everything(version: String) -> Self {
        Self { topics: None, version }
    }

    /// Whether a page of this topic must look again.
    #[must_use]
    pub fn concerns(&self, topic: &Topic) -> bool {
        self.topics.as_ref().is_none_or(|topics| topics.contains(topic))
    }
}

/// What a replica knows of its listeners. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Live(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    moved: broadcast::Sender<Moved>,
    sessions: Mutex<BTreeMap<Uuid, Session>>,
    /// Transactions that have written entries and have not been seen to end.
    expected: Mutex<BTreeSet<u64>>,
    look: Notify,
    stop: CancellationToken,
}

#[derive(Debug)]
struct Session {
    streams: usize,
    over: CancellationToken,
}

impl Default for Live {
    fn default() -> Self {
        Self(Arc::new(Parts {
            moved: broadcast::Sender::new(LAG),
            sessions: Mutex::default(),
            expected: Mutex::default(),
            look: Notify::new(),
            stop: CancellationToken::new(),
        }))
    }
}

impl Live {
    /// A transaction of this replica has written entries. It may still fail; that is for the watch to see.
    pub fn expect(&self, transaction: u64) {
        locked(&self.0.expected).insert(transaction);
        self.look();
    }

    /// Asks the watch to look at the log now.
    pub fn look(&self) {
        self.0.look.notify_one();
    }

    /// Ends every stream, and lets no new one begin.
    pub fn close(&self) {
        self.0.stop.cancel();
    }

    /// Waits until somebody asked to look.
    pub(super) async fn asked(&self) {
        self.0.look.notified().await;
    }

    /// Whether a transaction of ours is still on its way.
    pub(super) fn expects_any(&self) -> bool {
        !locked(&self.0.expected).is_empty()
    }

    /// Forgets transactions that have ended: those whose entries were `seen`, and all below the oldest that runs.
    pub(super) fn ended(&self, seen: impl Iterator<Item = u64>, oldest_running: u64) {
        let mut expected = locked(&self.0.expected);
        for transaction in seen {
            expected.remove(&transaction);
        }
        expected.retain(|transaction| *transaction >= oldest_running);
    }

    /// Tells every stream of this replica.
    pub(crate) fn tell(&self, moved: Moved) {
        // Nobody listens: then nobody needs to know.
        drop(self.0.moved.send(moved));
    }

    /// The sessions that have streams here.
    pub(super) fn sessions(&self) -> Vec<Uuid> {
        locked(&self.0.sessions).keys().copied().collect()
    }

    /// Ends the streams of every session that is not among these.
    pub(super) fn keep_only(&self, asked: &[Uuid], alive: &BTreeSet<Uuid>) {
        let sessions = locked(&self.0.sessions);
        for id in asked.iter().filter(|id| !alive.contains(id)) {
            if let Some(session) = sessions.get(id) {
                session.over.cancel();
            }
        }
    }

    /// A place among the listeners, or `None` when the session has enough of them or the portal is stopping.
    pub(super) fn join(&self, session: Uuid) -> Option<Seat> {
        if self.0.stop.is_cancelled() {
            return None;
        }
        let mut sessions = locked(&self.0.sessions);
        let entry = sessions.entry(session).or_insert_with(|| Session { streams: 0, over: self.0.stop.child_token() });
        if entry.streams >= PER_SESSION {
            return None;
        }
        entry.streams += 1;
        let over = entry.over.clone();
        Some(Seat { live: self.clone(), session, over, moved: self.0.moved.subscribe() })
    }
}

/// One stream's place. Dropping it gives the place back.
pub(super) struct Seat {
    live: Live,
    session: Uuid,
    over: CancellationToken,
    moved: broadcast::Receiver<Moved>,
}

impl Seat {
    /// The next move; `None` when the stream must end: its session did, the portal stops, or the reader is too slow.
    pub(super) async fn next(&mut self) -> Option<Moved> {
        tokio::select! {
            biased;
            () = self.over.cancelled() => None,
            moved = self.moved.recv() => moved.ok(),
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut sessions = locked(&self.live.0.sessions);
        if let Some(session) = sessions.get_mut(&self.session) {
            session.streams = session.streams.saturating_sub(1);
            // A session that ended and is somehow alive again begins anew.
            if session.streams == 0 {
                sessions.remove(&self.session);
            }
        }
    }
}

/// None of these sections can panic half-way, so what a poisoned lock guards is whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(version: usize) -> Moved {
        Moved::these([Topic::Home].into(), version.to_string())
    }

    #[tokio::test]
    async fn who_reads_too_slowly_is_dropped_and_nobody_waits_for_them() {
        let live = Live::default();
        let (slow, quick) = (live.join(Uuid::from_u128(1)), live.join(Uuid::from_u128(2)));
        let (Some(mut slow), Some(mut quick)) = (slow, quick) else { unreachable!("there is room") };
        for version in 0..=LAG {
            live.tell(moved(version));
            assert_eq!(quick.next().await, Some(moved(version)));
        }
        assert_eq!(slow.next().await, None);
    }

    #[tokio::test]
    async fn a_session_has_so_many_streams_and_gives_them_back() {
        let live = Live::default();
        let session = Uuid::from_u128(1);
        let mut seats: Vec<_> = (0..PER_SESSION).filter_map(|_| live.join(session)).collect();
        assert_eq!(seats.len(), PER_SESSION);
        assert!(live.join(session).is_none());
        assert!(live.join(Uuid::from_u128(2)).is_some(), "another's are not ours");
        drop(seats.pop());
        assert!(live.join(session).is_some());
        drop(seats);
        assert!(live.sessions().is_empty(), "nothing is left behind");
    }

    #[tokio::test]
    async fn a_session_that_ended_takes_its_streams_with_it() {
        let live = Live::default();
        let (gone, stays) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (Some(mut first), Some(mut other)) = (live.join(gone), live.join(stays)) else { unreachable!("room") };
        live.keep_only(&[gone, stays], &[stays].into());
        assert_eq!(first.next().await, None);
        live.tell(moved(1));
        assert_eq!(other.next().await, Some(moved(1)));
        live.close();
        assert_eq!(other.next().await, None);
        assert!(live.join(stays).is_none(), "a portal that stops takes nobody in");
    }

    #[test]
    fn a_transaction_is_expected_until_it_was_seen_or_cannot_run_any_more() {
        let live = Live::default();
        for transaction in [10, 11, 12] {
            live.expect(transaction);
        }
        live.ended([11].into_iter(), 11);
        assert!(live.expects_any(), "12 may still commit");
        live.ended(std::iter::empty(), 13);
        assert!(!live.expects_any(), "12 was rolled back");
    }
}
