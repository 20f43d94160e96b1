//! How do people give the signatures that they are asked for?
//!
//! For the lead and the auditor, and no ranking: a picture of reading time against size without names, pairs who approve
//! each other in the order of their ids, and roles without names. Nothing here decides anything.

mod api;
pub(crate) mod page;
pub mod shape;
mod view;

#[cfg(all(test, feature = "ssr"))]
mod tests;
