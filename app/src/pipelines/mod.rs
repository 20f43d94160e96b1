//! How far is each run, and what does it wait for?
//!
//! Every run as one line of five stages, one run with its jobs, steps and durations, and what lies in the registry
//! ([`releases`]), how releases go ([`dora`]).
//!
//! Invariants
//! - a stage is picture, word and tone, never colour alone;
//! - titles, branches, logins and names of jobs and steps are strangers' words, and shown as such;
//! - a run that waits says what for, in the gate's own words;
//! - what GitHub could not be asked is said, with the time of what is shown.

mod api;
pub mod dora;
mod list;
pub(crate) mod page;
pub mod releases;
pub mod shape;
mod stages;
mod view;

#[cfg(all(test, feature = "ssr"))]
mod tests;
