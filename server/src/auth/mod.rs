//! How do we know who is at the other end?
//!
//! Two outside parties vouch, for different things, and neither stands in for the other:
//! - [`oidc`]: the identity provider says who somebody is and which groups they are in (sign-in);
//! - [`webauthn`]: a security key says that one person, present and verified, meant one exact act.
//!
//! Nothing here keeps state; the ceremonies and sessions are rows of the `people` slice.

pub mod oidc;
#[cfg(test)]
pub mod testing;
pub mod webauthn;
