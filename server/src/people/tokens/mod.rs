//! Which machines read in whose name?
//!
//! A token is issued by its owner's signature ([`issue`]), shown once, and stored as a hash. A program sends it instead
//! of a session; [`bearer`] finds out whose it is, each time. What it may do is read, by its scopes: every verb that acts
//! takes a [`SignedIn`](super::SignedIn), and a [`Machine`] is none and never becomes one.
//!
//! | state | ends by |
//! |---|---|
//! | asked for | the touch, or five minutes |
//! | live | its time (at most a year), its maker, security, or its maker's admission |
//! | revoked, expired | final |
//!
//! Invariants
//! - the secret is in one answer and nowhere else; the database and the log have its SHA-256;
//! - what cannot be verified is refused: a malformed, unknown, expired or revoked token is nobody, not an anonymous reader;
//! - a request with a token and a session is refused: nobody could say whose it is.
//!
//! What can be stale: `people_token_uses` (when it was last used) is at most a minute behind.

pub mod bearer;
mod issue;
mod list;
mod rest;
mod revoke;
mod secret;
pub(super) mod store;
#[cfg(test)]
mod tests;

pub use bearer::Machine;
pub use issue::{begin_token, finish_token};
pub use list::tokens;
pub use rest::rest;
pub use revoke::revoke_token;
