//! What runs where, is it healthy, and is it as it was promised to be?
//!
//! [`facts`] is what is kept of a cluster's objects: only what is shown or judged, so that ten thousand pods are a few
//! megabytes and no secret's value is ever held. Everything else here is a pure function of facts: [`guard_rails`] of one
//! cluster's, [`parity`] of two.
//!
//! Invariants
//! - a kind that could not be read is *unknown*, never empty: who judges asks [`facts::Cluster::reach`] first, and says
//!   what it could not look at ([`Gap`]);
//! - judging never looks at a clock; the moment is an argument.

pub mod facts;
mod gap;
pub mod guard_rails;
pub mod health;
pub mod parity;

pub use gap::{Gap, plural, singular};
