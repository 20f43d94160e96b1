//! What is in each environment, is it well, and how far can it be seen?
//!
//! Two pages, read from what the replica holds in memory: every environment with its trouble, and one with all that is
//! in it. Nothing here can be changed, so nothing needs JavaScript.

mod api;
pub(crate) mod page;
pub mod shape;
#[cfg(all(test, feature = "ssr"))]
mod tests;
mod view;
