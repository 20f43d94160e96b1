//! May it be done? A decision is a value: either a permit, or every reason against it.
//!
//! A [`Permit`] can be made only in this crate, by the functions that decide. The server's stores
//! demand one for every write to a governed table, so a write that nobody decided does not compile.

use crate::audit::Event;
use crate::reason::Reasons;
use serde::{Deserialize, Serialize};

/// The outcome of a `decide_*` function.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a decision that nobody reads was not made"]
pub enum Decision {
    /// It may be done, and this is exactly what is done.
    Allow(Permit),
    /// It may not, for all these reasons.
    Refuse(Reasons),
}

/// What a decision allowed: the events to record and apply, and the jobs that follow, all in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a permit does nothing until it is committed"]
pub struct Permit {
    events: Vec<Event>,
    jobs: Vec<Job>,
}

impl Permit {
    pub(crate) fn new(event: Event) -> Self {
        Self { events: vec![event], jobs: Vec::new() }
    }

    pub(crate) fn and(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    pub(crate) fn then(mut self, job: Job) -> Self {
        self.jobs.push(job);
        self
    }

    /// This permit's events and jobs, then the other's.
    pub(crate) fn followed_by(mut self, other: Self) -> Self {
        self.events.extend(other.events);
        self.jobs.extend(other.jobs);
        self
    }

    /// The events, in the order in which they are recorded.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The events and the jobs, for the one place that commits them.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Event>, Vec<Job>) {
        (self.events, self.jobs)
    }
}

/// Work that follows a commit. Each is idempotent: doing it again finds nothing left to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "job")]
pub enum Job {
    /// Read a stored webhook delivery and act on it.
    ReadDelivery {
        /// GitHub's delivery GUID.
        guid: String,
    },
    /// Read the outside world again for a change, and replace its subject where it differs.
    AssessChange {
        /// The change.
        number: crate::ChangeNumber,
    },
    /// Check everything again and record the intent to answer GitHub.
    ExecuteChange {
        /// The change.
        number: crate::ChangeNumber,
    },
    /// See whether the proof that an emergency skipped was made good.
    SettleDebt {
        /// The change that went out without it.
        number: crate::ChangeNumber,
    },
    /// Give GitHub the recorded answer, once.
    AnswerGithub {
        /// The change.
        number: crate::ChangeNumber,
    },
}
