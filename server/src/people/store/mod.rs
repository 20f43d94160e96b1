//! The SQL of people. Governed tables are written in `governed` and `standing` only, which [`super::apply`]
//! calls for events that were permitted; everything else is bookkeeping.

pub(super) mod ceremonies;
pub(super) mod facts;
pub(super) mod governed;
pub(super) mod keys;
pub(super) mod persons;
pub(super) mod requests;
pub(super) mod sessions;
pub(super) mod signins;
pub(super) mod standing;

use crate::error::Error;
use sqlx::postgres::types::PgInterval;
use std::str::FromStr;

/// A stored text as the type that it was stored from. What does not parse was not written by us.
pub(super) fn parsed<T: FromStr>(text: &str) -> Result<T, Error>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse().map_err(Error::internal)
}

/// A length of time as the database's.
pub(super) fn interval(length: chrono::Duration) -> Result<PgInterval, Error> {
    PgInterval::try_from(length).map_err(Error::internal)
}
