//! Events of people become rows. Called by [`crate::audit::commit`] and by nothing else.

use super::store::{governed, keys};
use crate::audit::Recording;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::audit::Event;
use sqlx::PgConnection;
use uuid::Uuid;

/// Applies one recorded event; those of other slices are theirs.
///
/// # Errors
/// When the database refuses, or the event does not fit the state that it claims to change.
pub async fn apply(
    conn: &mut PgConnection,
    _recording: &Recording,
    at: DateTime<Utc>,
    _entry_id: Uuid,
    event: &Event,
) -> Result<(), Error> {
    match event {
        Event::PersonMet(e) => governed::insert_person(conn, &e.person, at).await,
        Event::RolesRead(e) => governed::set_account_roles(conn, &e.person, &e.account, &e.roles, at).await,
        Event::FounderCodeIssued(e) => governed::insert_founder_code(conn, &e.person, &e.code_hash, at).await,
        Event::KeyEnrolled(e) => {
            governed::insert_key(conn, e, at).await?;
            keys::insert_key_use(conn, &e.key, e.name.shown()).await
        }
        Event::KeyRevoked(e) => governed::set_key_revoked(conn, &e.key, at).await,
        // A session is bookkeeping: that it began and ended is what the entry itself says.
        _ => Ok(()),
    }
}
