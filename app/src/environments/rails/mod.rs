//! Does an environment keep the rails that it was promised to keep?
//!
//! One row for each rail: the verdict, what breaks it with the evidence, when that was last seen, and what could not be
//! looked at. What is not judged is said below.

mod api;
pub(crate) mod page;
pub mod shape;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub(crate) mod view;
