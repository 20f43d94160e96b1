//! Writes to governed tables: one function for each way in which an event changes one.

use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::people::Role;
use gatehouse_domain::people::events::{EnrolledBy, KeyEnrolled};
use gatehouse_domain::webauthn::PublicKey;
use gatehouse_domain::{Digest, KeyId, PersonId, Reason, RequestId};
use sqlx::PgConnection;
use uuid::Uuid;

pub(in crate::people) async fn insert_person(
    conn: &mut PgConnection,
    person: &PersonId,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query("INSERT INTO people_persons (person, first_seen_at) VALUES ($1, $2)")
        .bind(person.as_str())
        .bind(at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Links a new account, or gives a known one its new roles. An account of somebody else matches no
/// row, and the write fails with it.
pub(in crate::people) async fn set_account_roles(
    conn: &mut PgConnection,
    person: &PersonId,
    account: &Digest,
    roles: &[Role],
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let roles: Vec<&str> = roles.iter().map(|role| role.code()).collect();
    let done = sqlx::query(
        "INSERT INTO people_accounts (account, person, roles, linked_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account) DO UPDATE SET roles = excluded.roles WHERE people_accounts.person = excluded.person",
    )
    .bind(account.as_str())
    .bind(person.as_str())
    .bind(&roles)
    .bind(at)
    .execute(conn)
    .await?;
    expect_one(done.rows_affected(), "an account belongs to another person")
}

/// A new code takes the place of an older one that was never used.
pub(in crate::people) async fn insert_founder_code(
    conn: &mut PgConnection,
    person: &PersonId,
    code_hash: &Digest,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query("UPDATE people_founder_codes SET used_at = $2 WHERE person = $1 AND used_at IS NULL")
        .bind(person.as_str())
        .bind(at)
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO people_founder_codes (code_hash, person, issued_at) VALUES ($1, $2, $3)")
        .bind(code_hash.as_str())
        .bind(person.as_str())
        .bind(at)
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::people) async fn insert_key(
    conn: &mut PgConnection,
    enrolled: &KeyEnrolled,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let by = match &enrolled.by {
        EnrolledBy::FounderCode { code_hash } => {
            let done = sqlx::query(
                "UPDATE people_founder_codes SET used_at = $3 WHERE code_hash = $1 AND person = $2 AND used_at IS NULL",
            )
            .bind(code_hash.as_str())
            .bind(enrolled.person.as_str())
            .bind(at)
            .execute(&mut *conn)
            .await?;
            expect_one(done.rows_affected(), "a founder's code was used already")?;
            "founder_code"
        }
        EnrolledBy::Demo => "demo",
        EnrolledBy::Signature(_) => "signature",
    };
    let KeyEnrolled { person, key, credential_id, public_key, .. } = enrolled;
    insert_key_row(conn, (key, person, credential_id, public_key), by, None, at).await
}

/// A key with its id, its owner, its credential id and what verifies its signatures.
pub(super) type KeyOf<'a> = (&'a KeyId, &'a PersonId, &'a str, &'a PublicKey);

/// The one place where a key comes into being.
pub(super) async fn insert_key_row(
    conn: &mut PgConnection,
    (key, person, credential_id, public_key): KeyOf<'_>,
    by: &str,
    request: Option<&RequestId>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO people_keys (key_id, person, credential_id, public_key, enrolled_by, request_id, enrolled_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(key_uuid(key)?)
    .bind(person.as_str())
    .bind(credential_id)
    .bind(serde_json::to_value(public_key).map_err(Error::internal)?)
    .bind(by)
    .bind(request.map(request_uuid).transpose()?)
    .bind(at)
    .execute(conn)
    .await
    .map_err(already_enrolled)?;
    Ok(())
}

/// Of two enrolments of one credential at the same moment the second learns what it would have learnt after it.
fn already_enrolled(error: sqlx::Error) -> Error {
    match error.as_database_error().and_then(|said| said.constraint()) {
        Some("people_keys_credential_id_key") => Error::refused(Reason::KeyAlreadyEnrolled),
        _ => error.into(),
    }
}

pub(in crate::people) async fn set_key_revoked(
    conn: &mut PgConnection,
    key: &KeyId,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let done = sqlx::query("UPDATE people_keys SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL")
        .bind(key_uuid(key)?)
        .bind(at)
        .execute(conn)
        .await?;
    expect_one(done.rows_affected(), "a key was revoked already")
}

pub(in crate::people) fn key_uuid(key: &KeyId) -> Result<Uuid, Error> {
    super::parsed(key.as_str())
}

pub(in crate::people) fn request_uuid(request: &RequestId) -> Result<Uuid, Error> {
    super::parsed(request.as_str())
}

pub(super) fn expect_one(rows: u64, otherwise: &'static str) -> Result<(), Error> {
    if rows == 1 { Ok(()) } else { Err(Error::internal(otherwise)) }
}
