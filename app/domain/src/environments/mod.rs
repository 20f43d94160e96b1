//! What runs where, is it healthy, and is it as it was promised to be?
//!
//! [`facts`] is what is kept of a cluster's objects: only what is shown or judged, so that ten thousand pods are a few
//! megabytes and no secret's value is ever held. Everything else here is a pure function of facts.
//!
//! Invariants
//! - a kind that could not be read is *unknown*, never empty: who judges asks [`facts::Cluster::reach`] first;
//! - judging never looks at a clock; the moment is an argument.

pub mod facts;
