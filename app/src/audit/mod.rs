//! What happened, entry by entry?
//!
//! Every entry with its exact bytes and leaf hash, newest first; filters and cursor are the query
//! string, so that a view can be sent to somebody. The page only reads.

mod api;
pub(crate) mod page;
pub mod shape;
mod view;

#[cfg(all(test, feature = "ssr"))]
mod tests;
