//! How far has a run come, and is that what it usually takes?
//!
//! What is known of a run is a copy of what GitHub says, put together from webhooks that come late, doubled, out of order or
//! never, and from reading again. [`Copy::hear_run`] and [`Copy::hear_job`] take the greatest of what was heard, so neither
//! order nor number matters ([`Phase`]); what was lost is found by reading again.
//!
//! | state of a run | because |
//! |---|---|
//! | queued | nothing of it has begun |
//! | waiting | a job of it waits, and none runs |
//! | running | something of it has begun |
//! | success, failure, cancelled, other | GitHub said that it is over, and how |
//!
//! Invariants: a run is never taken back to an earlier attempt, nor a job to an earlier phase.

mod copy;
pub mod dora;
mod stages;
mod usual;

#[cfg(test)]
mod dora_tests;
#[cfg(test)]
mod tests;

pub use copy::{Copy, Job, Outcome, Phase, Run, RunState, Step};
pub use stages::{Stage, StageState, Verdict, stage_of, stages};
pub use usual::{against_usual, busy, median};
