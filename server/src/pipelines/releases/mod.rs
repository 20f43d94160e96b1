//! What lies in the registry, was it ever released, and is it what it was?
//!
//! Each minute a job reads every configured repository ([`look`]) and keeps what it said; the page ([`view`]) shows what is
//! kept. Beside it stands what changes recorded as released, and where an image was seen to run.
//!
//! States of a repository: *never read*; *read*, as of a moment; *in trouble*, with the last good data, its moment and why.
//!
//! Invariants
//! - what could not be read leaves what is kept as it is: a registry that is silent has lost nothing;
//! - a repository is kept whole or not at all, in one transaction;
//! - a tag that named another image before, by the registry's word or by a change's, is said to have moved.
//!
//! What may call it: jobs, the pages' backend. What can be stale: all of it; the page says as of when. Nothing is decided here.

mod look;
mod store;
#[cfg(test)]
mod tests;
mod view;

pub use look::look;
pub use view::view;
