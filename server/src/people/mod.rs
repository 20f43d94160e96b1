//! Who is a person here, which keys are theirs, and who is looking at us right now?
//!
//! An *account* is the identity provider's (`iss`, `sub`); a *person* is an employee id and owns
//! accounts and keys; a *session* is one browser of one person. Anybody with an employee id may sign
//! in and look; every act is decided on its own, from facts that are read in the deciding transaction.
//!
//! | state | its life |
//! |---|---|
//! | sign-in | begun → answered (deleted) or 10 minutes over |
//! | session | live → signed out, replaced, 15 minutes idle or 12 hours old; any of them → reported as stolen |
//! | key | asked for → counts; or enrolled by code or signature, which counts at once → revoked, for ever |
//! | request | asked → endorsed by one → by two → 24 hours later counts; or refused, withdrawn, expired, lost |
//! | role | gained (a request) → counts → lost at once; back again is gained again |
//! | ceremony | begun → taken (deleted *before* it is checked) or 5 minutes over |
//! | role facts | fresh → stale after 15 minutes → fresh again by a refresh or a sign-in |
//!
//! Invariants
//! - secrets that a browser or a founder holds (session, state, code) are stored as SHA-256 only;
//! - a ceremony belongs to one person, one session and one purpose, and is good once;
//! - an account never moves to another person, a credential id never to another key, not even when
//!   two ask at the same moment;
//! - a person's second key is signed for by the first (ATK-W12), a first or replacement key and a gained role
//!   by two others, a day before it counts (ATK-07);
//! - an approval names the session that it was given through, and falls when that was stolen (ATK-08);
//! - all expiry is by the database's clock.
//!
//! Machines read in a person's name: [`tokens`].
//!
//! What can be stale: `people_profiles` (names, for showing) and the groups behind the roles, whose
//! age every decision can see ([`gatehouse_domain::people::Signer::facts_at`]).

mod apply;
mod ceremony;
mod cookies;
mod founders;
mod gained;
mod requests;
pub(crate) mod rest;
mod role_facts;
mod routes;
pub mod service;
mod session;
mod signers;
mod store;
mod sweep;
mod token_box;
pub mod tokens;
mod wish;

#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;

pub use apply::apply;
pub use ceremony::{Ceremony, Signature, Taken, begin_signature, finish_signature, take_ceremony};
pub use founders::{FounderCode, Refounding, init, refound};
pub use rest::rest;
pub use role_facts::{refresh_role_facts, refresh_role_facts_if_possible};
pub use routes::router;
pub use session::{Caller, SignedIn, hold_session, live_sessions};
pub use signers::{everybody, lock_signers, names, public_keys, read_signers};
pub use sweep::sweep;
pub use wish::{Granted, Wish, begin_wish, finish_wish, lock_one, read_one, take_wish};
