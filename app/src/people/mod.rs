//! Which security keys are yours, and how does the browser touch one?
//!
//! A first key is enrolled with a founder's code (or where the demo admits its people by itself); a
//! further one must be signed for with one that is already there, so an enrolment has up to two
//! touches. A key is revoked by signature too. [`ceremony`] is the one place that talks to
//! authenticators, for these pages and for decisions on changes.

mod api;
pub(crate) mod ceremony;
mod enrol;
pub(crate) mod page;
pub mod shape;
mod view;

#[cfg(all(test, feature = "ssr"))]
mod tests;
