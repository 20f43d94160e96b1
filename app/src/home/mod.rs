//! What needs you?
//!
//! The heading is the answer. Changes that the caller can approve come first, longest waiting first; then
//! keys and roles of others that they could endorse; then what waits for others; then what ended lately. Nothing here can be stale beyond `as_of`.

mod api;
pub(crate) mod page;
pub mod shape;
mod view;

#[cfg(all(test, feature = "ssr"))]
mod tests;
