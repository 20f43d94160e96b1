//! What happened, and how does it get into the log together with the state it changed?
//!
//! [`commit`] is the only way to change a governed table: it writes the entry's exact bytes, applies
//! the event to the tables of its slice, and enqueues the jobs that follow, all in the caller's
//! transaction. It demands a [`gatehouse_domain::Permit`], which only a decision can make.
//!
//! Invariants
//! - entry, state and job commit together or not at all;
//! - entries are never updated or deleted: the application role cannot (grants), and a trigger says no to everybody;
//! - personal text is in an entry only sealed ([`seal`]), with a key that can be destroyed;
//! - nobody reads the log unseen: a read is counted before anything is shown, and one entry per reader and minute says so
//!   ([`flush_reads`]). What stands on a change's own page is no reading of the log.
//!
//! States: an entry is written once and is final. A count of unauthenticated refusals is collected for a
//! minute, then becomes one entry ([`flush_refusals`]).
//!
//! What can be stale: nothing here is cached.

mod commit;
#[cfg(test)]
mod filter_tests;
mod fresh;
mod reads;
mod refusals;
mod rest;
mod seal;
mod sentence;
mod service;
pub(crate) mod store;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use commit::apply_again;
pub use commit::{Recording, commit};
pub use fresh::{Fresh, FreshEntry, Horizon, list_fresh};
pub use reads::flush_reads;
pub use refusals::{count_refusal, flush_refusals, recorded, refuse, source_of};
pub use rest::{EntryList, list_about, rest};
pub use seal::{open, seal};
pub use sentence::{Sentence, sentence};
pub use service::{actor_name, entries_about, list};
