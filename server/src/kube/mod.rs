//! What runs in production now, and what is in each cluster?
//!
//! [`watch`] keeps a whole cluster in memory, for pages and judgements of it. Gates never ask it: they ask [`Client`].
//!
//! [`Client`] reads one cluster with a token that may only look. The base of every comparison hangs on its
//! answer, so it says what it knows and no more: the image that the Deployment asks for, its digest only
//! when the image is pinned by one (a tag tells nothing), and whether the roll-out of it has settled.
//!
//! Concrete types, no trait: tests run this very client against the twin, a model with state over real HTTP.
//!
//! Invariants: no write, no retry inside (the job that asks tries again), every call has a deadline; no
//! error's `Display` holds a token or a response body. What can be stale: the answer, once returned.

mod client;
mod image;
pub mod watch;

#[cfg(test)]
mod tests;

pub use client::{Client, Error, RunningImage};
pub use image::ImageRef;
