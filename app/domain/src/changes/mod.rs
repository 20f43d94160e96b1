//! May this release go to production?
//!
//! A *change* is the record of one promotion attempt (repository, run, attempt, environment). Within
//! it stands one *subject* `S`, the exact thing approved; when anything that `S` names becomes
//! another, a new subject takes its place with no approvals (INV-2). Persons sign; signatures fill
//! seats by maximum matching (INV-5); whoever had a part in making it fills none (INV-4). The *gate*
//! is derived from all this, every time, and never stored. Which seats there are is the *requirement*: a policy names
//! them from the files that change, and never fewer than the invariants do; it also names what must be *proved* first.
//!
//! ```text
//!            ┌── subject replaced ──┐
//!  opened → held ───────────────────┘
//!            │ all seats filled         │ reject: held, but blocked until withdrawn
//!            ▼                          ▼
//!        executing → released       closed · expired · superseded
//!            └──→ cancelled (GitHub's run moved on)
//! ```
//!
//! Signatures alone open nothing: what stands on the [`lane`] (a stopped line) keeps it shut. What a release leaves behind
//! for [`going_back`] opens one gate once, for exactly what ran before.
//!
//! Everything here is a function of its arguments; see [`crate`].

mod contributors;
pub mod data;
pub mod decide;
pub mod events;
mod evidence;
mod files;
mod gate;
pub mod going_back;
pub mod habits;
pub mod lane;
pub mod planning;
pub mod policy;
mod record;
mod requirement;
mod rollback;
mod seats;
mod subject;
mod values;
mod want;

pub use contributors::{Contributor, Contributors, Part, Who};
pub use evidence::{Check, Evidence, Outcome, Report, Verdict, evidence_digest};
pub use files::{ChangedFiles, Doubt};
pub use gate::{Freshness, Gate, derive_gate};
pub use going_back::WayBack;
pub use record::{Approval, Change, ChangeKey, State};
pub use requirement::{Consulted, Decided, Requirement, RuleMatched};
pub use rollback::{Edited, Migrations, RollbackPlan};
pub use seats::{Seat, SeatFilled, match_seats};
pub use subject::{Absent, Field, SUBJECT_LIFETIME, Source, Subject};
pub use values::{ValuesMoved, keys_that_differ};
pub use want::Want;

#[cfg(test)]
mod tests;
