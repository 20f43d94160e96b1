//! Events of the rules become rows. Called by [`crate::audit::commit`] and by nothing else.

use super::store;
use crate::audit::Recording;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::audit::Event;
use sqlx::PgConnection;
use uuid::Uuid;

/// Applies one recorded event; those of other slices are theirs.
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
        Event::ConfigurationAdopted(e) => store::insert_in_force(conn, at, entry_id, &e.digest, None).await,
        Event::ConfigurationCameIntoForce(e) => {
            store::insert_in_force(conn, at, entry_id, &e.proposal.proposed, Some(&e.number)).await
        }
        _ => Ok(()),
    }
}
