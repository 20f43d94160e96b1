//! What waits before it counts, as decisions and pages read it.

use super::governed::request_uuid;
use super::{interval, parsed};
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::people::Role;
use gatehouse_domain::people::founding::REFOUNDING_TOLD;
use gatehouse_domain::people::request::{Ended, Endorsement, Request, Wanted};
use gatehouse_domain::{KeyId, PersonId, RequestId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A role of a person as it stands on record.
#[derive(Debug, Clone)]
pub(in crate::people) struct StandingRole {
    pub(in crate::people) request: RequestId,
    /// It fills seats.
    pub(in crate::people) counts: bool,
    /// Somebody said no, and it has not been lost since.
    pub(in crate::people) refused: bool,
}

const COLUMNS: &str = "SELECT request_id, body, digest, asked_at, counts_from, ended_because FROM people_requests";

/// One request.
pub(in crate::people) async fn find_request(
    conn: &mut PgConnection,
    request: &RequestId,
) -> Result<Option<Request>, Error> {
    one(conn, request, "WHERE request_id = $1").await
}

/// One request, held until the deciding transaction ends. Its person's row must be held before.
pub(in crate::people) async fn lock_request(
    conn: &mut PgConnection,
    request: &RequestId,
) -> Result<Option<Request>, Error> {
    one(conn, request, "WHERE request_id = $1 FOR UPDATE").await
}

async fn one(conn: &mut PgConnection, request: &RequestId, filter: &str) -> Result<Option<Request>, Error> {
    let sql = [COLUMNS, filter].join(" ");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(request_uuid(request)?).fetch_optional(&mut *conn).await?;
    Ok(with_endorsements(conn, row.into_iter().collect()).await?.pop())
}

/// Requests that neither count nor have ended, oldest first.
pub(in crate::people) async fn list_open(conn: &mut PgConnection) -> Result<Vec<Request>, Error> {
    let filter = "WHERE ended_at IS NULL AND (counts_from IS NULL OR counts_from > gatehouse_now()) \
         ORDER BY asked_at, request_id LIMIT 500";
    let rows = sqlx::query(sqlx::AssertSqlSafe([COLUMNS, filter].join(" "))).fetch_all(&mut *conn).await?;
    with_endorsements(conn, rows).await
}

/// Everything that a person ever asked for or gained, newest first.
pub(in crate::people) async fn list_requests_of(
    conn: &mut PgConnection,
    person: &PersonId,
) -> Result<Vec<Request>, Error> {
    let sql = [COLUMNS, "WHERE person = $1 ORDER BY asked_at DESC, request_id DESC LIMIT 100"].join(" ");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(person.as_str()).fetch_all(&mut *conn).await?;
    with_endorsements(conn, rows).await
}

async fn with_endorsements(conn: &mut PgConnection, rows: Vec<PgRow>) -> Result<Vec<Request>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.try_get("request_id")).collect::<Result<_, _>>()?;
    let mut said: BTreeMap<Uuid, Vec<Endorsement>> = BTreeMap::new();
    let endorsements = sqlx::query(
        "SELECT request_id, endorser, key_id, signed_at FROM people_endorsements
         WHERE request_id = ANY($1) AND decision = 'approve' AND fell_at IS NULL ORDER BY signed_at, entry_id",
    )
    .bind(&ids)
    .fetch_all(conn)
    .await?;
    for row in endorsements {
        said.entry(row.try_get("request_id")?).or_default().push(Endorsement {
            endorser: parsed(&row.try_get::<String, _>("endorser")?)?,
            key: parsed(&row.try_get::<Uuid, _>("key_id")?.to_string())?,
            signed_at: row.try_get("signed_at")?,
        });
    }
    rows.iter().zip(ids).map(|(row, id)| request(row, said.remove(&id).unwrap_or_default())).collect()
}

fn request(row: &PgRow, endorsements: Vec<Endorsement>) -> Result<Request, Error> {
    let wanted: Wanted = serde_json::from_slice(row.try_get::<&[u8], _>("body")?).map_err(Error::internal)?;
    let ended: Option<String> = row.try_get("ended_because")?;
    Ok(Request {
        wanted,
        digest: parsed(&row.try_get::<String, _>("digest")?)?,
        asked_at: row.try_get("asked_at")?,
        endorsements,
        counts_from: row.try_get("counts_from")?,
        ended: match ended {
            Some(word) => Some(Ended::from_code(&word).ok_or_else(|| Error::internal("a request ended unknowably"))?),
            None => None,
        },
    })
}

/// The roles of these persons (of everybody, without them) that are on record and were not lost.
pub(in crate::people) async fn list_standing_roles(
    conn: &mut PgConnection,
    persons: Option<&[String]>,
) -> Result<BTreeMap<PersonId, BTreeMap<Role, StandingRole>>, Error> {
    let rows = sqlx::query(
        "SELECT request_id, person, role, coalesce(counts_from <= gatehouse_now(), false) AND ended_at IS NULL AS counts,
             ended_at IS NOT NULL AS refused
         FROM people_requests
         WHERE kind = 'role' AND (ended_at IS NULL OR ended_because = 'refused')
           AND ($1::text[] IS NULL OR person = ANY($1))
         ORDER BY asked_at, request_id",
    )
    .bind(persons)
    .fetch_all(conn)
    .await?;
    let mut found: BTreeMap<PersonId, BTreeMap<Role, StandingRole>> = BTreeMap::new();
    for row in rows {
        // A role that this program no longer knows is no role.
        let Some(role) = Role::from_code(row.try_get("role")?) else { continue };
        let standing = StandingRole {
            request: parsed(&row.try_get::<Uuid, _>("request_id")?.to_string())?,
            counts: row.try_get("counts")?,
            refused: row.try_get("refused")?,
        };
        found.entry(parsed(&row.try_get::<String, _>("person")?)?).or_default().insert(role, standing);
    }
    Ok(found)
}

/// Open requests that this person endorsed and whose endorsement stands, held in the order of their ids.
pub(in crate::people) async fn lock_open_endorsed_by(
    conn: &mut PgConnection,
    endorser: &PersonId,
) -> Result<Vec<Request>, Error> {
    let filter = "WHERE ended_at IS NULL AND (counts_from IS NULL OR counts_from > gatehouse_now()) AND EXISTS (
             SELECT FROM people_endorsements e WHERE e.request_id = people_requests.request_id AND e.endorser = $1
             AND e.decision = 'approve' AND e.fell_at IS NULL) ORDER BY request_id FOR UPDATE";
    let sql = [COLUMNS, filter].join(" ");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(endorser.as_str()).fetch_all(&mut *conn).await?;
    with_endorsements(conn, rows).await
}

/// Whether the key that a request is about is still exactly the one that endorsers were shown.
pub(in crate::people) async fn find_key_differs(conn: &mut PgConnection, wanted: &Wanted) -> Result<bool, Error> {
    let Wanted::Key { request, person, key, credential_id, public_key, .. } = wanted else { return Ok(false) };
    let row = sqlx::query("SELECT key_id, person, credential_id, public_key FROM people_keys WHERE request_id = $1")
        .bind(request_uuid(request)?)
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(true) };
    let stored: KeyId = parsed(&row.try_get::<Uuid, _>("key_id")?.to_string())?;
    let is_same = stored == *key
        && row.try_get::<&str, _>("person")? == person.as_str()
        && row.try_get::<&str, _>("credential_id")? == credential_id
        && row.try_get::<serde_json::Value, _>("public_key")?
            == serde_json::to_value(public_key).map_err(Error::internal)?;
    Ok(!is_same)
}

/// The last refounding, while every page still tells of it.
pub(in crate::people) async fn find_refounding(conn: &mut PgConnection) -> Result<Option<DateTime<Utc>>, Error> {
    Ok(sqlx::query_scalar("SELECT max(refounded_at) FROM people_refoundings WHERE refounded_at > gatehouse_now() - $1")
        .bind(interval(REFOUNDING_TOLD)?)
        .fetch_one(conn)
        .await?)
}
