//! Which machines read in your name, and how do you let one, or stop it?
//!
//! A token is issued with a touch of a key and shown once. Stopping one asks for no key: it must be possible at once.
//! Security sees everybody's live tokens, and can stop them.

mod api;
pub(crate) mod page;
pub mod shape;
mod view;

#[cfg(all(test, feature = "ssr"))]
mod tests;
