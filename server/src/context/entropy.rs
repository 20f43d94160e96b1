//! Where does randomness come from, so that production is unpredictable and a test is not?

use chrono::{DateTime, Utc};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// A shared stream of random bytes: seeded by the operating system in production, by a number in tests.
///
/// Each purpose has a stream of its own ([`Entropy::split`]), so that one more draw for a session
/// does not shift every nonce that a test has written down.
#[derive(Clone)]
pub struct Entropy(Arc<Stream>);

struct Stream {
    seed: [u8; 32],
    rng: Mutex<ChaCha20Rng>,
    children: Mutex<BTreeMap<&'static str, Entropy>>,
}

impl Entropy {
    /// For production.
    ///
    /// # Errors
    /// When the operating system gives no randomness; the portal must not start then.
    pub fn from_os() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self::from_seed(seed))
    }

    /// For tests: the same number, the same bytes.
    #[must_use]
    pub fn from_number(seed: u64) -> Self {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(seed.to_le_bytes()) {
            *to = from;
        }
        Self::from_seed(bytes)
    }

    fn from_seed(seed: [u8; 32]) -> Self {
        let rng = Mutex::new(ChaCha20Rng::from_seed(seed));
        Self(Arc::new(Stream { seed, rng, children: Mutex::new(BTreeMap::new()) }))
    }

    /// The stream of one purpose. It is derived from the seed, not from a draw; asking twice gives
    /// **the same stream, further on**, never the same bytes again.
    #[must_use]
    pub fn split(&self, purpose: &'static str) -> Self {
        let mut children = whole(&self.0.children);
        let child = children.entry(purpose).or_insert_with(|| {
            let mut hash = Sha256::new();
            hash.update(b"gatehouse/entropy/v1\0");
            hash.update(self.0.seed);
            hash.update(purpose.as_bytes());
            Self::from_seed(hash.finalize().into())
        });
        child.clone()
    }

    /// The next `N` bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        whole(&self.0.rng).fill_bytes(&mut bytes);
        bytes
    }

    /// A UUID that sorts by `now`, to the millisecond.
    #[must_use]
    pub fn uuid_v7(&self, now: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// A UUID of nothing but randomness, for what must not tell when it was made.
    #[must_use]
    pub fn uuid_v4(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }
}

/// A panic elsewhere leaves a generator in a good state: what matters is that it moved on.
fn whole<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(…)")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn one_number_one_stream() {
        let (a, b) = (Entropy::from_number(7), Entropy::from_number(7));
        assert_eq!(a.bytes::<32>(), b.bytes::<32>());
        assert_ne!(a.bytes::<32>(), Entropy::from_number(8).bytes::<32>());
    }

    #[test]
    fn a_purpose_never_repeats_itself_and_is_not_moved_by_another() {
        let (a, b) = (Entropy::from_number(7), Entropy::from_number(7));
        let first = a.split("session").bytes::<16>();
        assert_ne!(first, a.split("session").bytes::<16>(), "asked again, it goes on");
        assert_ne!(first, a.split("nonce").bytes::<16>());
        let _ = (b.bytes::<64>(), b.split("nonce").bytes::<16>());
        assert_eq!(first, b.split("session").bytes::<16>());
    }

    #[test]
    fn the_operating_system_never_gives_the_same() {
        assert_ne!(Entropy::from_os().unwrap().bytes::<32>(), Entropy::from_os().unwrap().bytes::<32>());
    }

    #[test]
    fn uuids_sort_by_time() {
        let entropy = Entropy::from_number(1);
        let noon: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        let (a, b) = (entropy.uuid_v7(noon), entropy.uuid_v7(noon + chrono::Duration::milliseconds(1)));
        assert!(a < b);
        assert_eq!(a.get_version_num(), 7);
    }
}
