//! What happens to people's data if this goes out? For the data protection officer, who reads no code.
//!
//! The answers come first, each with a sign and a word; then what becomes of tables and of what is declared about them;
//! then, in a frame of its own, what nobody could tell. There is one question, answered with the same key, over the same
//! subject, as on the change's own page: this is another view of the same change, never another change.
//!
//! Invariants
//! - *no* is said only where every file that says something about data could be read; else it is *could not tell*;
//! - every line names the file that it comes from; whatever stands in a file is hostile text.

mod lines;
pub(crate) mod page;
pub mod shape;
mod short;
#[cfg(all(test, feature = "ssr"))]
mod tests;
mod view;
