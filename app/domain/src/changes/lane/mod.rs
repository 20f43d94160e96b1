//! What stands between a held change and production, whatever is signed?
//!
//! The *lane* of a service into an environment is what GitHub calls concurrency: one run goes at a time, the others wait
//! behind it. A *stop* is a person's signed word that nothing goes out to an environment.
//!
//! | stop | ends by |
//! |---|---|
//! | holds | its time, or the signature of an engineer or of security |
//! | lifted, over | final; another stop is another one |
//!
//! An *emergency* is a live P1 that a person attached to one subject of a change: it lets wants pass that may be skipped,
//! and opens a *debt* with the intent.
//!
//! Invariants
//! - a stop only ever closes; signatures given meanwhile count when it is over;
//! - whoever executes holds the line of the environment, shared; whoever stops or lifts holds it alone. So a release is
//!   either before a stop in the log, or does not happen;
//! - a newer change ends an older one only by a person's signature over both, as they were read.

mod emergency;
mod line;
mod supersede;

pub(super) use emergency::debt_of;
pub use emergency::{
    Attaching, DEBT_TIME, Debt, Emergency, MAY_ATTACH, decide_attach, emergency_digest, permit_pay,
    reasons_against_attach,
};
pub use line::{MAY_LIFT, MAY_STOP, StopDraft, decide_lift, decide_stop, reasons_against_lift, reasons_against_stop};
pub use supersede::{Overtaking, decide_supersede, reasons_against_supersede, supersede_digest};

use crate::ids::{EnvironmentName, PersonId, StopId};
use crate::personal::Personal;
use crate::reason::Reason;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One time that somebody stopped the line, and that nobody lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// Our id for it.
    pub stop: StopId,
    /// To where nothing goes out.
    pub environment: EnvironmentName,
    /// Who said so.
    pub by: PersonId,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Until when, if it ends by itself.
    pub until: Option<DateTime<Utc>>,
    /// Why; its clear text is there where it was opened.
    pub why: Personal,
}

impl Stop {
    /// Whether it holds at `now`.
    #[must_use]
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// What stands on the lane of one change, read in the deciding transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lane {
    /// Stops of its environment that nobody lifted, oldest first.
    pub stops: Vec<Stop>,
    /// The P1 that was attached to it last.
    pub emergency: Option<Emergency>,
    /// Proofs that its service still owes there.
    pub debts: Vec<Debt>,
}

impl Lane {
    /// Everything on it that keeps the gate shut at `now`.
    #[must_use]
    pub fn against(&self, now: DateTime<Utc>) -> Vec<Reason> {
        let stopped = |stop: &Stop| Reason::LineStopped {
            by: stop.by.clone(),
            since: stop.since,
            until: stop.until,
            why: stop.why.clear.clone(),
        };
        self.stops.iter().filter(|stop| stop.holds(now)).map(stopped).collect()
    }
}
