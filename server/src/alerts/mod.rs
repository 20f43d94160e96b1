//! Is something wrong in production, who says so, and was it looked at afterwards?
//!
//! Incidents live here because Alertmanager will make P1s of alerts; until its webhook is read, people declare them, each
//! step one touch of a key, decided by [`gatehouse_domain::alerts`].
//!
//! | state | ends by |
//! |---|---|
//! | declared | a P1: a second person's confirmation; any: closing |
//! | live | closing |
//! | closed | final; owes a review by somebody else than whoever declared it |
//!
//! Invariants
//! - whoever changes an incident holds it alone, whoever decides on it holds it shared ([`hold`]), before any row: so a
//!   release is either before its closing in the log, or does not happen;
//! - the title is a person's words: sealed in the log, opened for showing.
//!
//! What may call it: the pages' backend; `changes`, which asks for an incident by [`find`]. What can be stale: nothing.

mod apply;
mod service;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod view;

pub use apply::apply;
pub use service::{begin_incident, finish_incident};
pub use view::{incident, incidents, live};

use crate::audit;
use crate::context::Context;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::alerts::Incident;
use gatehouse_domain::{EnvironmentName, IncidentId, ServiceName};
use sqlx::PgConnection;

/// An incident as it stands, its title opened where that is possible.
///
/// # Errors
/// When the database refuses.
pub async fn find(conn: &mut PgConnection, ctx: &Context, id: &IncidentId) -> Result<Option<Incident>, Error> {
    let mut found = store::find_incident(conn, id).await?;
    if let Some(incident) = &mut found {
        incident.title.clear = audit::open(conn, ctx, &incident.title).await?;
    }
    Ok(found)
}

/// Every incident that was declared since then, newest first; their titles stay sealed.
///
/// # Errors
/// When the database refuses.
pub async fn declared_since(conn: &mut PgConnection, since: DateTime<Utc>) -> Result<Vec<Incident>, Error> {
    store::list_declared_since(conn, since).await
}

/// Keeps an incident as it is until the transaction ends; alone, for whoever changes it.
///
/// # Errors
/// When the database refuses.
pub async fn hold(conn: &mut PgConnection, id: &IncidentId, is_alone: bool) -> Result<(), Error> {
    store::hold_incident(conn, id, is_alone).await
}

/// Every incident that is not closed; titles stay sealed.
///
/// # Errors
/// When the database refuses.
pub async fn open(conn: &mut PgConnection) -> Result<Vec<Incident>, Error> {
    store::list_incidents(conn, true).await
}

/// The latest incidents that name this service and were not over before then, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn of(
    conn: &mut PgConnection,
    ctx: &Context,
    service: &ServiceName,
    since: DateTime<Utc>,
) -> Result<Vec<Incident>, Error> {
    let mut found = store::list_incidents(conn, false).await?;
    found.retain(|one| {
        one.declared.services.contains(service) && one.closed.as_ref().is_none_or(|(_, at)| *at >= since)
    });
    for incident in &mut found {
        incident.title.clear = audit::open(conn, ctx, &incident.title).await?;
    }
    Ok(found)
}

/// Live P1s that concern this service there.
///
/// # Errors
/// When the database refuses.
pub async fn live_for(
    conn: &mut PgConnection,
    ctx: &Context,
    service: &ServiceName,
    environment: &EnvironmentName,
) -> Result<Vec<Incident>, Error> {
    let mut live = store::list_incidents(conn, true).await?;
    live.retain(|one| {
        one.is_live_p1() && one.declared.environment == *environment && one.declared.services.contains(service)
    });
    for incident in &mut live {
        incident.title.clear = audit::open(conn, ctx, &incident.title).await?;
    }
    Ok(live)
}
