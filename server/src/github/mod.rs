//! What does GitHub say, and how is it answered?
//!
//! [`Client`] is the one way to GitHub: an App's JWT buys an installation token (octocrab caches it and
//! buys the next), every call has a deadline, and everything read is parsed into [`facts`] before anyone
//! sees it. [`webhook`] holds the pure half: is this delivery GitHub's, and what does it ask?
//!
//! Concrete types, no trait: there is one GitHub. Tests run this very client against the twin, a model
//! with state over real HTTP, so paging, tokens, redirects and refusals are exercised, not imagined.
//!
//! Invariants:
//! - A URL that came from outside is never called, with one exception: where an artifact's bytes are (`checks`).
//!   Routes are built here from parsed parts.
//! - What cannot be read whole says so: [`Error::Truncated`], or a `*_complete` flag that is `false`.
//!   Nothing is filled in with a default that could open a gate.
//! - GitHub's pace is kept: two requests at once, a second between writes, none while it asks us to wait; what it
//!   answered before is asked for by its ETag, which is free. The pace is this process' own.
//! - A read is tried twice; a write once. Whoever repeats a write re-reads first (DESIGN §9).
//! - No error's `Display` holds a token, a response body or text that a stranger wrote.
//!
//! What can be stale: every fact, from the moment it is returned.

mod cache;
mod checks;
mod client;
mod deliveries;
mod download;
mod error;
pub mod facts;
mod files;
mod history;
mod name;
mod pace;
mod people;
pub mod pipelines;
mod runs;
mod trees;
pub mod webhook;
mod wire;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod truth_tests;

pub use client::{Client, GithubSettings};
pub use error::Error;
pub use files::FileAt;
pub use name::RepoName;
pub use runs::Answer;
