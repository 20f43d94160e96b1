//! Events become rows.

use super::store;
use crate::audit::Recording;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::audit::Event;
use sqlx::PgConnection;
use uuid::Uuid;

/// Applies an event of this slice; every other one leaves the tables as they are.
///
/// # Errors
/// When the database refuses.
pub async fn apply(
    conn: &mut PgConnection,
    _recording: &Recording,
    at: DateTime<Utc>,
    entry_id: Uuid,
    event: &Event,
) -> Result<(), Error> {
    match event {
        Event::IncidentDeclared(e) => store::insert_incident(conn, at, e).await,
        Event::IncidentConfirmed(e) => store::set_confirmed(conn, at, e).await,
        Event::IncidentClosed(e) => store::set_closed(conn, at, e).await,
        Event::IncidentReviewed(e) => store::insert_review(conn, at, entry_id, e).await,
        _ => Ok(()),
    }
}
