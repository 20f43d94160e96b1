//! How many requests are left? The installation's share of an hour; an answer of 304 costs nothing.

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};

const LIMIT: u64 = 5000;

/// The window that is running.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rate {
    used: u64,
    resets_at: DateTime<Utc>,
    /// Requests that were answered with 304, ever.
    pub not_modified: u64,
}

impl Rate {
    fn roll(&mut self, now: DateTime<Utc>) {
        if self.resets_at <= now {
            (self.used, self.resets_at) = (0, now + TimeDelta::hours(1));
        }
    }

    /// Leaves so many requests until `after` from now.
    pub(crate) fn leave(&mut self, left: u64, now: DateTime<Utc>, after: TimeDelta) {
        (self.used, self.resets_at) = (LIMIT.saturating_sub(left), now + after);
    }

    pub(crate) fn is_used_up(&mut self, now: DateTime<Utc>) -> bool {
        self.roll(now);
        self.used >= LIMIT
    }

    /// Counts one answered request.
    pub(crate) fn count(&mut self, now: DateTime<Utc>, not_modified: bool) {
        self.roll(now);
        if not_modified {
            self.not_modified += 1;
        } else {
            self.used = (self.used + 1).min(LIMIT);
        }
    }

    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let numbers = [
            ("x-ratelimit-limit", LIMIT),
            ("x-ratelimit-remaining", LIMIT - self.used),
            ("x-ratelimit-used", self.used),
            ("x-ratelimit-reset", u64::try_from(self.resets_at.timestamp()).unwrap_or_default()),
        ];
        for (name, number) in numbers {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
        }
        headers.insert("x-ratelimit-resource", HeaderValue::from_static("core"));
    }
}
