//! Does an environment mirror the one that it was declared to mirror?
//!
//! What differs stands side by side; what somebody explained is folded below, with why and until when. What could not be
//! compared, and what is not, is said.

mod api;
pub(crate) mod page;
pub mod shape;
#[cfg(all(test, feature = "ssr"))]
mod tests;
mod view;
