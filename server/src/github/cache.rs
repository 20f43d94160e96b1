//! What did GitHub answer last time? A conditional request that it answers with 304 costs nothing of our share, so
//! every answer is kept with its ETag until something more recent needs the room.
//!
//! Octocrab's own layer is not used: its storage cannot tell a whole body from one that broke off, and keeps both.

use hashlink::LruCache;
use http::HeaderValue;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All kept answers together.
const MOST_BYTES: usize = 32 << 20;
/// One answer: a hundred runs take 2 MB; the few larger ones (recursive trees) are read again.
const MOST_OF_ONE: usize = 4 << 20;

/// One whole answer.
pub(super) struct Kept {
    pub(super) etag: HeaderValue,
    pub(super) next_query: Option<String>,
    pub(super) body: Vec<u8>,
}

/// The answers, by route; the least recently used goes first.
pub(super) struct Cache(Mutex<Answers>);

struct Answers {
    by_route: LruCache<String, Arc<Kept>>,
    bytes: usize,
}

/// What an answer costs beside its body.
fn weight(route: &str, kept: &Kept) -> usize {
    route.len() + kept.etag.len() + kept.next_query.as_ref().map_or(0, String::len) + kept.body.len()
}

impl Cache {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Answers { by_route: LruCache::new_unbounded(), bytes: 0 }))
    }

    fn open(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn find(&self, route: &str) -> Option<Arc<Kept>> {
        self.open().by_route.get(route).cloned()
    }

    pub(super) fn keep(&self, route: &str, kept: Kept) {
        let weight_of_new = weight(route, &kept);
        let mut answers = self.open();
        if let Some(old) = answers.by_route.remove(route) {
            answers.bytes -= weight(route, &old);
        }
        if weight_of_new > MOST_OF_ONE {
            return;
        }
        answers.bytes += weight_of_new;
        answers.by_route.insert(route.to_owned(), Arc::new(kept));
        while answers.bytes > MOST_BYTES {
            let Some((route, old)) = answers.by_route.remove_lru() else { break };
            answers.bytes -= weight(&route, &old);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(size: usize) -> Kept {
        Kept { etag: HeaderValue::from_static("W/\"x\""), next_query: None, body: vec![b' '; size] }
    }

    #[test]
    fn it_holds_so_much_and_the_least_used_goes_first() {
        let cache = Cache::new();
        for n in 0..20 {
            cache.keep(&format!("/{n}"), kept(MOST_OF_ONE - 100));
            assert!(cache.find("/0").is_some(), "what is used stays");
        }
        let answers = cache.open();
        assert!(answers.bytes <= MOST_BYTES, "{}", answers.bytes);
        assert_eq!(answers.bytes, answers.by_route.iter().map(|(route, kept)| weight(route, kept)).sum::<usize>());
        assert!(answers.by_route.peek("/19").is_some() && answers.by_route.peek("/1").is_none());
    }

    #[test]
    fn what_is_too_large_is_not_kept_and_drops_what_it_was_before() {
        let cache = Cache::new();
        cache.keep("/a", kept(10));
        cache.keep("/a", kept(MOST_OF_ONE));
        assert!(cache.find("/a").is_none());
        assert_eq!(cache.open().bytes, 0);
    }
}
