//! Events of people become rows. Called by [`crate::audit::commit`] and by nothing else.

use super::store::{governed, keys, standing};
use super::tokens::store as tokens;
use crate::audit::Recording;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::act::SignedDecision;
use gatehouse_domain::audit::Event;
use gatehouse_domain::people::request::Ended;
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
    entry_id: Uuid,
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
        Event::KeyFell(e) => governed::set_key_revoked(conn, &e.key, at).await,
        Event::KeyAsked(e) => {
            standing::insert_request(conn, &e.wanted, at).await?;
            let key = standing::insert_asked_key(conn, &e.wanted, at).await?;
            keys::insert_key_use(conn, &key, e.name.shown()).await
        }
        Event::RoleGained(e) => standing::insert_request(conn, &e.wanted, at).await,
        Event::RoleLost(e) => standing::set_lost(conn, &e.request, at).await,
        Event::RoleTrusted(e) => standing::set_counts_from(conn, &e.request, Some(at)).await,
        Event::Endorsed(e) => {
            let said = (&e.request, &e.endorser, &e.subject_digest, &e.proof);
            standing::insert_endorsement(conn, entry_id, SignedDecision::Approve, said, at).await?;
            match e.counts_from {
                Some(from) => standing::set_counts_from(conn, &e.request, Some(from)).await,
                None => Ok(()),
            }
        }
        Event::EndorsementRefused(e) => {
            let said = (&e.request, &e.endorser, &e.subject_digest, &e.proof);
            standing::insert_endorsement(conn, entry_id, SignedDecision::Reject, said, at).await?;
            standing::set_ended(conn, &e.request, Ended::Refused, at).await
        }
        Event::EndorsementFell(e) => {
            standing::set_fallen(conn, &e.request, &e.endorser, at).await?;
            standing::set_counts_from(conn, &e.request, None).await
        }
        Event::RequestWithdrawn(e) => standing::set_ended(conn, &e.request, Ended::Withdrawn, at).await,
        Event::RequestExpired(e) => standing::set_ended(conn, &e.request, Ended::Expired, at).await,
        Event::Refounded(_) => standing::insert_refounding(conn, entry_id, at).await,
        Event::TokenIssued(e) => tokens::insert_token(conn, e, at).await,
        Event::TokenRevoked(e) => tokens::set_token_revoked(conn, e, at).await,
        // A session is bookkeeping: that it began and ended is what the entry itself says.
        _ => Ok(()),
    }
}
