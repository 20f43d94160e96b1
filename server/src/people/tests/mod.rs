//! Stories of people: through the real routes and services, a real database and the twin's provider.

mod atk_w;
mod ceremonies;
mod first_keys;
mod founders;
mod hostile_provider;
mod keys;
mod refound;
mod role_facts;
mod roles;
mod sign_in;
mod strict;

use crate::error::Error;

/// The codes of a refusal.
fn codes<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Refused(reasons)) => reasons.codes().join(", "),
        other => format!("not refused: {other:?}"),
    }
}
