//! Which rules are in force, since when and by whose signatures, and what is proposed instead?
//!
//! What differs is shown value by value and line by line, before anybody proposes it and on the change that is signed.

mod api;
pub(crate) mod diff;
pub(crate) mod page;
pub mod shape;
mod view;

#[cfg(all(test, feature = "ssr"))]
mod tests;
