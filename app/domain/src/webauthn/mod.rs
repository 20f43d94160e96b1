//! Did this key really sign this challenge, here, by a person's touch and PIN? Was it made here?
//!
//! The pure half of the two verifiers: it needs no ceremony state, no clock and no network, so the
//! same code runs in the server beside webauthn-rs (both must agree), in the browser, and offline
//! years later over an evidence pack.
//!
//! It follows W3C Web Authentication Level 3, §7.2 ("Verifying an Authentication Assertion"), and
//! is stricter where the standard leaves a choice: the origin is compared as an exact string, framed
//! pages never sign, user verification is always required, keys that can leave their device are
//! refused, and no extension was asked for, so none may come back. Each refusal names its step. A
//! registration (§7.1) goes through the same steps, and is read without a CBOR parser: a key of the one
//! kind that we take has one spelling.
//!
//! What stays with the caller: that the challenge was ours, fresh, and used once; that the credential
//! belongs to the person who is asked; and storing the new counter.

mod assertion;
mod authenticator_data;
mod client_data;
mod credential;
mod registration;
mod verify;

#[cfg(test)]
mod tests;

pub use assertion::{Assertion, MalformedAssertion};
pub use credential::{PublicKey, StoredCredential};
pub use registration::{Registered, RegistrationError, RegistrationExpectation, verify_registration};
pub use verify::{AssertionError, Expectation, Verified, verify_assertion};
