//! Which security keys are yours, how does the browser touch one, and who waits to be let in?
//!
//! A first key is asked for and endorsed by two others (or enrolled with a founder's code, or where the
//! demo admits its people by itself); a further one must be signed for with one that is already there,
//! so an enrolment has up to two touches. A key is revoked by signature too. The people page lists who
//! is admitted and what waits; a request's page is where others endorse it. [`ceremony`] is the one place that talks to
//! authenticators, for these pages and for decisions on changes.

mod api;
pub(crate) mod ceremony;
mod endorse;
mod enrol;
pub(crate) mod page;
#[expect(clippy::module_inception, reason = "the people page of the people slice")]
mod people;
mod request;
pub(crate) mod rows;
pub mod sessions;
pub mod shape;
pub mod tokens;
mod view;

#[cfg(all(test, feature = "ssr"))]
mod tests;
