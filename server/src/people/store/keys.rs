//! Keys, with what is counted beside them.

use super::governed::key_uuid;
use super::parsed;
use crate::error::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use gatehouse_domain::webauthn::{PublicKey, StoredCredential};
use gatehouse_domain::{KeyId, PersonId, RequestId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A key as it is now.
#[derive(Debug, Clone)]
pub(in crate::people) struct KeyRecord {
    pub(in crate::people) key: KeyId,
    pub(in crate::people) label: String,
    pub(in crate::people) credential: StoredCredential,
    pub(in crate::people) enrolled_at: DateTime<Utc>,
    pub(in crate::people) used_at: Option<DateTime<Utc>>,
    pub(in crate::people) revoked_at: Option<DateTime<Utc>>,
    /// Where it waits, or waited, for endorsements.
    pub(in crate::people) request: Option<RequestId>,
    /// Whether it signs anything.
    pub(in crate::people) counts: bool,
}

/// Keys, with the requests that some of them wait in.
pub(in crate::people) const KEYS: &str = "people_keys k LEFT JOIN people_requests r USING (request_id)";
/// Whether a key of [`KEYS`] signs anything.
pub(in crate::people) const COUNTS: &str =
    "(k.revoked_at IS NULL AND (k.request_id IS NULL OR coalesce(r.counts_from <= gatehouse_now(), false)))";
const COLUMNS: &str = "k.key_id, u.label, k.credential_id, k.public_key, u.counter, k.enrolled_at, u.used_at, \
    k.revoked_at, k.request_id";
const USES: &str = "JOIN people_key_uses u USING (key_id)";

/// All keys that a person ever had, active ones first, then the newest.
pub(in crate::people) async fn list_keys(conn: &mut PgConnection, person: &PersonId) -> Result<Vec<KeyRecord>, Error> {
    let order = "WHERE k.person = $1 ORDER BY k.revoked_at IS NOT NULL, k.enrolled_at DESC, k.key_id";
    let sql = ["SELECT", COLUMNS, ",", COUNTS, "AS counts FROM", KEYS, USES, order].join(" ");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(person.as_str()).fetch_all(conn).await?.iter().map(record).collect()
}

/// An active key of this person by its credential id, locked: the key against revocation, its counter
/// against a second signature at the same moment.
pub(in crate::people) async fn lock_active_key(
    conn: &mut PgConnection,
    person: &PersonId,
    credential_id: &[u8],
) -> Result<Option<KeyRecord>, Error> {
    let (whose, lock) = ("WHERE k.person = $1 AND k.credential_id = $2 AND", "FOR SHARE OF k FOR UPDATE OF u");
    let sql = ["SELECT", COLUMNS, ", true AS counts FROM", KEYS, USES, whose, COUNTS, lock].join(" ");
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(person.as_str())
        .bind(URL_SAFE_NO_PAD.encode(credential_id))
        .fetch_optional(conn)
        .await?
        .as_ref()
        .map(record)
        .transpose()
}

/// What verifies the signatures of these keys.
pub(in crate::people) async fn list_credentials(
    conn: &mut PgConnection,
    ids: &[Uuid],
) -> Result<BTreeMap<KeyId, StoredCredential>, Error> {
    let sql = ["SELECT", COLUMNS, ", true AS counts FROM", KEYS, USES, "WHERE k.key_id = ANY($1)"].join(" ");
    let found = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(conn).await?;
    found.iter().map(record).map(|found| found.map(|key| (key.key, key.credential))).collect()
}

/// Whether anybody has, or ever had, a key with this id.
pub(in crate::people) async fn has_credential(conn: &mut PgConnection, credential_id: &str) -> Result<bool, Error> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM people_keys WHERE credential_id = $1)")
        .bind(credential_id)
        .fetch_one(conn)
        .await?)
}

/// How many persons ever had a key that counted.
pub(in crate::people) async fn count_persons_with_keys(conn: &mut PgConnection) -> Result<usize, Error> {
    let sql = [
        "SELECT count(DISTINCT k.person) FROM",
        KEYS,
        "WHERE k.request_id IS NULL OR coalesce(r.counts_from <= gatehouse_now(), false)",
    ];
    let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.join(" "))).fetch_one(conn).await?;
    usize::try_from(count).map_err(Error::internal)
}

/// The row beside a new key.
pub(in crate::people) async fn insert_key_use(conn: &mut PgConnection, key: &KeyId, label: &str) -> Result<(), Error> {
    sqlx::query("INSERT INTO people_key_uses (key_id, label, counter) VALUES ($1, $2, 0)")
        .bind(key_uuid(key)?)
        .bind(label)
        .execute(conn)
        .await?;
    Ok(())
}

/// What the key said of itself when it was made.
pub(in crate::people) async fn set_counter(conn: &mut PgConnection, key: &KeyId, counter: u32) -> Result<(), Error> {
    sqlx::query("UPDATE people_key_uses SET counter = $2 WHERE key_id = $1")
        .bind(key_uuid(key)?)
        .bind(i64::from(counter))
        .execute(conn)
        .await?;
    Ok(())
}

/// One more signature.
pub(in crate::people) async fn set_used(
    conn: &mut PgConnection,
    key: &KeyId,
    counter: u32,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query("UPDATE people_key_uses SET counter = $2, used_at = $3 WHERE key_id = $1")
        .bind(key_uuid(key)?)
        .bind(i64::from(counter))
        .bind(at)
        .execute(conn)
        .await?;
    Ok(())
}

fn record(row: &PgRow) -> Result<KeyRecord, Error> {
    let public_key: serde_json::Value = row.try_get("public_key")?;
    let public_key: PublicKey = serde_json::from_value(public_key).map_err(Error::internal)?;
    let id: String = row.try_get("credential_id")?;
    let counter: i64 = row.try_get("counter")?;
    Ok(KeyRecord {
        key: parsed(&row.try_get::<Uuid, _>("key_id")?.to_string())?,
        label: row.try_get("label")?,
        credential: StoredCredential {
            id: URL_SAFE_NO_PAD.decode(id).map_err(Error::internal)?,
            public_key,
            counter: u32::try_from(counter).map_err(Error::internal)?,
            // No other key was ever enrolled.
            backup_eligible: false,
        },
        enrolled_at: row.try_get("enrolled_at")?,
        used_at: row.try_get("used_at")?,
        revoked_at: row.try_get("revoked_at")?,
        request: row
            .try_get::<Option<Uuid>, _>("request_id")?
            .map(|request| parsed(&request.to_string()))
            .transpose()?,
        counts: row.try_get("counts")?,
    })
}
