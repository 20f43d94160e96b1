//! What is still to be done, and how is it done at least once and harmlessly twice?
//!
//! Jobs are rows of graphile_worker's queue in our own database, enqueued in the transaction that
//! decided them ([`enqueue`]), run by every replica ([`Runner`]), retried with growing pauses. Each job
//! is a verb of a slice's service that finds out by itself whether anything is left to do; outside
//! writes happen only here, after commit.
//!
//! Timers are jobs too: one a minute, however many replicas there are.
//!
//! Invariants
//! - a job that fails is tried again, and its failure is logged once, here;
//! - two jobs about one change never run at once: they share a named queue.

mod runner;
mod store;
mod tasks;
#[cfg(test)]
mod tests;

pub use runner::Runner;
pub use store::{Queue, enqueue, waiting};
