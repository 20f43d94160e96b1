//! What other pages ask: which changes did runs ask for, and why is one held?

use super::facts;
use crate::changes::store;
use crate::context::Context;
use crate::error::Error;
use gatehouse_domain::changes::State;
use gatehouse_domain::{ChangeNumber, PersonId, Reason, RepositoryId, RunAttempt, RunId};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// The change of each attempt of these runs; where one asked for several environments, one that is still held.
///
/// # Errors
/// When the database does not answer.
pub async fn of_runs(
    conn: &mut PgConnection,
    runs: &[(RepositoryId, RunId)],
) -> Result<BTreeMap<(RunId, RunAttempt), (ChangeNumber, State)>, Error> {
    let mut found = BTreeMap::new();
    for (run, attempt, number, state) in store::list_of_runs(conn, runs).await? {
        found.entry((run, attempt)).or_insert((number, state));
    }
    Ok(found)
}

/// By which way a released attempt went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The change.
    pub number: ChangeNumber,
    /// Through the emergency lane.
    pub is_emergency: bool,
    /// It led back to a version of before.
    pub went_back: bool,
    /// Nobody returns to what it released.
    pub is_marked: bool,
}

/// By which way each released attempt of these runs went out.
///
/// # Errors
/// When the database does not answer.
pub async fn ways_of_runs(
    conn: &mut PgConnection,
    runs: &[(RepositoryId, RunId)],
) -> Result<BTreeMap<(RunId, RunAttempt), Way>, Error> {
    store::list_ways_of_runs(conn, runs).await
}

/// Every reason for which the gate of this change is shut; none for one that is not held.
///
/// # Errors
/// `NotFound`, or when the database does not answer.
pub async fn why_held(
    conn: &mut PgConnection,
    ctx: &Context,
    viewer: &PersonId,
    number: &ChangeNumber,
) -> Result<Vec<Reason>, Error> {
    let facts = facts(conn, ctx, number, viewer).await?;
    Ok(if facts.change.state == State::Held { facts.gate.reasons.to_vec() } else { Vec::new() })
}
