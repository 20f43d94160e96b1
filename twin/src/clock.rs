//! What time is it in the twin?
//!
//! Two answers, because two kinds of reader ask. `now` is the model's time: it is what a test sets, and what every
//! time stamp in an answer is made from. `wire_now` is for the lifetimes of credentials that the real clients judge by
//! the machine's clock (octocrab throws an installation token away when *its* clock says so): it is the machine's time
//! plus whatever a test has advanced, so a frozen model in the past does not make every token look expired.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};

/// Where the twin's time comes from.
#[derive(Clone, Copy, Debug, Default)]
pub enum Clock {
    /// The machine's clock; things that take a moment take a moment.
    #[default]
    System,
    /// Stands still until told; things that take a moment happen at once.
    Manual(DateTime<Utc>),
}

#[derive(Debug)]
struct Inner {
    clock: Clock,
    advanced: TimeDelta,
}

/// The running clock of one twin; clones share it.
#[derive(Clone, Debug)]
pub struct ClockHandle(Arc<Mutex<Inner>>);

impl ClockHandle {
    pub(crate) fn new(clock: Clock) -> Self {
        Self(Arc::new(Mutex::new(Inner { clock, advanced: TimeDelta::zero() })))
    }

    fn with<T>(&self, f: impl FnOnce(&mut Inner) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The model's time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.with(|inner| match inner.clock {
            Clock::System => machine() + inner.advanced,
            Clock::Manual(at) => at,
        })
    }

    /// The machine's time plus what was advanced: for lifetimes of credentials only.
    #[must_use]
    pub fn wire_now(&self) -> DateTime<Utc> {
        self.with(|inner| machine() + inner.advanced)
    }

    /// Whether time stands still until told.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        self.with(|inner| matches!(inner.clock, Clock::Manual(_)))
    }

    /// Moves time on, or back.
    pub fn advance(&self, by: TimeDelta) {
        self.with(|inner| {
            inner.advanced += by;
            if let Clock::Manual(at) = &mut inner.clock {
                *at += by;
            }
        });
    }

    /// Sets the model's time.
    pub fn set(&self, to: DateTime<Utc>) {
        self.advance(to - self.now());
    }
}

/// The one place where the twin asks the machine.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn machine() -> DateTime<Utc> {
    DateTime::<Utc>::from(SystemTime::now())
}
