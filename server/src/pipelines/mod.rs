//! What was built, and what became of it?
//!
//! [`releases`] is what lies in the registry.

pub mod releases;
