//! What lies in the registry, was it ever released, and is it what it was?
//!
//! One page of images, newest first, with what is worth a look said in words: never deployed, a tag that moved, not scanned.
//! A registry that does not answer keeps its last good data, with its moment and why.

mod api;
pub(crate) mod page;
pub mod shape;
#[cfg(all(test, feature = "ssr"))]
mod tests;
mod view;
