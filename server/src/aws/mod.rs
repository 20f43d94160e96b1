//! Which bytes does a tag name, in our own registry?
//!
//! [`Client`] looks images up in ECR, and reads what the registry's own scan found in them. The image digest of every release is ECR's for the tag that is the
//! run's commit SHA (DESIGN §9), so each question names our own account as the registry, and an answer of
//! another registry or repository than asked is refused.
//!
//! Concrete types, no trait: tests run this very client against the twin, a model with state over real HTTP.
//!
//! Invariants: no write; at most two tries, every call has a deadline; no error's `Display` holds a
//! credential or a response body. What can be stale: a tag can be moved the moment after (our repositories
//! are to be immutable, but nothing here relies on it: later steps go by digest).

mod client;
mod inventory;
mod scan;

#[cfg(test)]
mod moto_tests;
#[cfg(test)]
mod tests;

pub use client::{AwsSettings, Client, Error, Image, Scan};
pub use inventory::Listed;
