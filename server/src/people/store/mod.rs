//! The SQL of people. Governed tables are written in `governed` only, which [`super::apply`] calls for
//! events that were permitted; everything else is bookkeeping.

pub(super) mod ceremonies;
pub(super) mod facts;
pub(super) mod governed;
pub(super) mod keys;
pub(super) mod persons;
pub(super) mod sessions;
pub(super) mod signins;

use crate::error::Error;
use std::str::FromStr;

/// A stored text as the type that it was stored from. What does not parse was not written by us.
pub(super) fn parsed<T: FromStr>(text: &str) -> Result<T, Error>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse().map_err(Error::internal)
}
