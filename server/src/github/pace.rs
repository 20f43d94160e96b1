//! How fast may GitHub be asked? Few at once, a second between writes, and not at all while it asks us to wait.

use super::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as Turnstile, Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// GitHub asks for requests in series; two let a short question pass beside a long one.
const LANES: usize = 2;
/// Between two writes, as GitHub's documentation asks.
const BETWEEN_WRITES: Duration = Duration::from_secs(1);

/// This process' pace, shared by every clone of a client.
pub(super) struct Pace {
    lanes: Semaphore,
    between_writes: Duration,
    last_write: Turnstile<Option<Instant>>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { lanes: Semaphore::new(LANES), between_writes: BETWEEN_WRITES, last_write: Turnstile::new(None) }
    }

    /// Waits for a free lane. The lane is free again when the permit is dropped.
    pub(super) async fn lane(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed, so there always is one some time.
        self.lanes.acquire().await.ok()
    }

    /// Waits until a write is due.
    pub(super) async fn write(&self) {
        let mut last = self.last_write.lock().await;
        if let Some(last) = *last {
            tokio::time::sleep_until(last + self.between_writes).await;
        }
        *last = Some(Instant::now());
    }
}

/// Until when one of our identities was asked to be quiet. Asking on is what GitHub bans an App for, whichever job or
/// page wants to know.
#[derive(Default)]
pub(super) struct Shut(Mutex<Option<Instant>>);

impl Shut {
    /// Refuses while the wait lasts.
    pub(super) fn check(&self, what: &str) -> Result<(), Error> {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match until.map(|until| until.saturating_duration_since(Instant::now())) {
            None | Some(Duration::ZERO) => Ok(()),
            Some(left) => Err(Error::RateLimited { what: what.to_owned(), retry_after: left }),
        }
    }

    /// GitHub asked us to wait.
    pub(super) fn close(&self, wait: Duration) {
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *until = (*until).max(Instant::now().checked_add(wait));
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[tokio::test]
    async fn writes_are_apart_whoever_makes_them() {
        let gap = Duration::from_millis(60);
        let pace = Pace { between_writes: gap, ..Pace::new() };
        let began = Instant::now();
        tokio::join!(pace.write(), pace.write(), pace.write());
        assert!(began.elapsed() >= gap * 2, "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn no_more_than_two_are_on_their_way() {
        let pace = Pace::new();
        let (_one, two) = (pace.lane().await, pace.lane().await);
        let third = pace.lane();
        tokio::pin!(third);
        assert!(futures::poll!(&mut third).is_pending());
        drop(two);
        assert!(futures::poll!(&mut third).is_ready());
    }

    #[test]
    fn while_the_wait_lasts_nothing_is_asked_and_a_shorter_one_does_not_end_it() {
        let shut = Shut::default();
        shut.check("x").unwrap();
        shut.close(Duration::from_secs(60));
        shut.close(Duration::from_secs(5));
        let left = shut.check("x").unwrap_err().retry_after().unwrap();
        assert!(left > Duration::from_secs(50) && left <= Duration::from_secs(60), "{left:?}");
        let over = Shut::default();
        over.close(Duration::ZERO);
        over.check("x").unwrap();
    }
}
