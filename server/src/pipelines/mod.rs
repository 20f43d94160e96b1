//! How far is each run, what does it wait for, and is that what it usually takes?
//!
//! A copy of what GitHub says of runs and jobs. Webhooks move it at once ([`take`]); once a minute the newest runs and
//! whatever is not over are read again ([`sweep`]), by ETag, which is free while nothing changes. Nothing is decided on it:
//! what holds a run, and why, is asked of `changes`.
//!
//! | of a run | until |
//! |---|---|
//! | not settled | it was read whole, jobs and all, after GitHub said that it is over |
//! | settled | another attempt begins |
//!
//! Invariants
//! - what is kept only goes forward ([`gatehouse_domain::pipelines::Copy`]): late, doubled and shuffled webhooks change
//!   nothing, and the end is GitHub's;
//! - only runs of configured workflows are kept; their titles, branches and jobs' names are strangers' words;
//! - no address comes from outside: links to GitHub are built from names and numbers;
//! - a page reads no more than a page: every list comes from an index, in its order.
//!
//! [`releases`] is what lies in the registry, and what became of it.
//!
//! What may call it: the delivery intake ([`take`]), jobs, the pages' backend, programs. What can be stale: everything, as long as
//! GitHub cannot be read; each page says since when, and why.

mod dora;
#[cfg(test)]
mod dora_tests;
mod keep;
pub mod releases;
mod rest;
mod store;
mod sweep;
#[cfg(test)]
mod tests;
mod view;

pub use dora::dora;
pub use keep::{is_taken, take};
pub use rest::rest;
pub use store::moved;
pub use sweep::sweep;
pub use view::{Ran, list, ran, show};
