//! What is in each environment, is it well, is it as it was promised to be, and how far can it be seen?
//!
//! Read from what the replica holds in memory: every environment with its trouble, and one with all that is in it.
//! [`rails`] is one environment judged by what it was promised to keep, [`parity`] one beside the other that it mirrors.
//! Nothing here can be changed, so nothing needs JavaScript.

mod api;
pub(crate) mod page;
pub mod parity;
pub mod rails;
pub mod shape;
#[cfg(all(test, feature = "ssr"))]
mod tests;
mod view;
