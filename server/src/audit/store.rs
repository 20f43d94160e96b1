//! The SQL of the log.

use super::fresh::FreshEntry;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::audit::{About, Entry};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

/// One entry as it is stored.
pub(crate) struct StoredEntry {
    pub(crate) xid: u64,
    pub(crate) body: Vec<u8>,
    pub(crate) entry: Entry,
}

/// Counted refusals of one source in one minute.
pub(super) struct Count {
    pub(super) attempt: String,
    pub(super) reason: String,
    pub(super) source: String,
    pub(super) minute: DateTime<Utc>,
    pub(super) count: i64,
}

/// This transaction's id, and the next free place among its entries.
pub(super) async fn find_transaction_place(conn: &mut PgConnection) -> Result<(u64, u32), Error> {
    let row = sqlx::query(
        "SELECT pg_current_xact_id()::text AS xid,
                (SELECT coalesce(max(ord) + 1, 0) FROM audit_entries WHERE xid = pg_current_xact_id()) AS ord",
    )
    .fetch_one(conn)
    .await?;
    let xid: String = row.try_get("xid")?;
    let ord: i32 = row.try_get("ord")?;
    Ok((xid.parse().map_err(Error::internal)?, u32::try_from(ord).map_err(Error::internal)?))
}

pub(super) async fn insert_entry(conn: &mut PgConnection, entry: &Entry, bytes: &[u8]) -> Result<(), Error> {
    let about = entry.event.about();
    sqlx::query(
        "INSERT INTO audit_entries (id, xid, ord, at, body, leaf_hash, act, actor, about_kind, about_id)
         VALUES ($1, $2::text::xid8, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(entry.id)
    .bind(entry.tx.to_string())
    .bind(i32::try_from(entry.ord).map_err(Error::internal)?)
    .bind(entry.at)
    .bind(bytes)
    .bind(Entry::leaf_hash(bytes).bytes().as_slice())
    .bind(entry.event.act())
    .bind(entry.actor.key())
    .bind(about.kind())
    .bind(about.id())
    .execute(conn)
    .await?;
    Ok(())
}

/// What the audit page asks for.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) act: Option<String>,
    pub(super) actor: Option<String>,
    pub(super) about: Option<String>,
    pub(super) since: Option<DateTime<Utc>>,
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) before: Option<(u64, u32)>,
}

/// Newest first, at most `limit`.
pub(super) async fn list_entries(
    conn: &mut PgConnection,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<StoredEntry>, Error> {
    let mut query: QueryBuilder<Postgres> =
        QueryBuilder::new("SELECT xid::text AS xid, body FROM audit_entries WHERE true");
    for (column, value) in [(" AND act = ", &filter.act), (" AND actor = ", &filter.actor)] {
        if let Some(value) = value {
            query.push(column).push_bind(value.clone());
        }
    }
    if let Some(about) = &filter.about {
        query.push(" AND mentions @> ").push_bind(vec![about.clone()]);
    }
    for (column, moment) in [(" AND at >= ", filter.since), (" AND at < ", filter.until)] {
        if let Some(moment) = moment {
            query.push(column).push_bind(moment);
        }
    }
    if let Some((xid, ord)) = filter.before {
        query
            .push(" AND (xid, ord) < (")
            .push_bind(xid.to_string())
            .push("::text::xid8, ")
            .push_bind(i64::from(ord))
            .push(")");
    }
    // By the column, not by its text, in which 1000 comes before 999.
    query.push(" ORDER BY audit_entries.xid DESC, ord DESC LIMIT ").push_bind(limit);
    query.build().fetch_all(conn).await?.iter().map(stored).collect()
}

/// One entry.
pub(super) async fn find_entry(conn: &mut PgConnection, id: uuid::Uuid) -> Result<Option<StoredEntry>, Error> {
    let row = sqlx::query("SELECT xid::text AS xid, body FROM audit_entries WHERE id = $1");
    row.bind(id).fetch_optional(conn).await?.as_ref().map(stored).transpose()
}

/// All entries about one thing, oldest first.
pub(super) async fn list_entries_about(conn: &mut PgConnection, about: &str) -> Result<Vec<StoredEntry>, Error> {
    sqlx::query(
        "SELECT xid::text AS xid, body FROM audit_entries WHERE about_id = $1
                 ORDER BY audit_entries.xid, ord LIMIT 1000",
    )
    .bind(about)
    .fetch_all(conn)
    .await?
    .iter()
    .map(stored)
    .collect()
}

/// Entries of transactions from `since` on, and the oldest transaction that still runs, of one snapshot.
pub(super) async fn list_since(
    conn: &mut PgConnection,
    since: Option<u64>,
    limit: i64,
) -> Result<(Vec<FreshEntry>, u64), Error> {
    let rows = sqlx::query(
        "SELECT now.oldest::text AS oldest, e.xid::text AS xid, e.ord, e.act, e.about_kind, e.about_id
         FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest) now
         LEFT JOIN LATERAL (
             SELECT xid, ord, act, about_kind, about_id FROM audit_entries
             WHERE xid >= coalesce($1::text::xid8, now.oldest) ORDER BY xid, ord LIMIT $2
         ) e ON true
         ORDER BY e.xid, e.ord",
    )
    .bind(since.map(|xid| xid.to_string()))
    .bind(limit)
    .fetch_all(conn)
    .await?;
    let oldest = match rows.first() {
        Some(row) => number(&row.try_get::<String, _>("oldest")?)?,
        None => return Err(Error::internal("a snapshot without a transaction")),
    };
    let mut entries = Vec::with_capacity(rows.len());
    for row in &rows {
        // One row without an entry says that there is none.
        let Some(xid) = row.try_get::<Option<String>, _>("xid")? else { continue };
        let (act, kind, id): (String, String, String) =
            (row.try_get("act")?, row.try_get("about_kind")?, row.try_get("about_id")?);
        entries.push(FreshEntry {
            xid: number(&xid)?,
            ord: u32::try_from(row.try_get::<i32, _>("ord")?).map_err(Error::internal)?,
            about: About::from_parts(&kind, id).map_err(Error::internal)?,
            act,
        });
    }
    Ok((entries, oldest))
}

fn number(text: &str) -> Result<u64, Error> {
    text.parse().map_err(Error::internal)
}

fn stored(row: &PgRow) -> Result<StoredEntry, Error> {
    let body: Vec<u8> = row.try_get("body")?;
    let xid: String = row.try_get("xid")?;
    // Bytes that do not parse are a finding, not something to show as well as one can.
    let entry = Entry::parse(&body).map_err(Error::internal)?;
    Ok(StoredEntry { xid: xid.parse().map_err(Error::internal)?, body, entry })
}

pub(super) async fn find_person_key(conn: &mut PgConnection, owner: &str) -> Result<Option<Vec<u8>>, Error> {
    Ok(sqlx::query_scalar("SELECT wrapped FROM audit_person_keys WHERE owner = $1")
        .bind(owner)
        .fetch_optional(conn)
        .await?)
}

/// Stores a wrapped key unless there is one, and returns the one that is there.
pub(super) async fn insert_person_key(conn: &mut PgConnection, owner: &str, wrapped: &[u8]) -> Result<Vec<u8>, Error> {
    sqlx::query("INSERT INTO audit_person_keys (owner, wrapped) VALUES ($1, $2) ON CONFLICT (owner) DO NOTHING")
        .bind(owner)
        .bind(wrapped)
        .execute(&mut *conn)
        .await?;
    Ok(sqlx::query_scalar("SELECT wrapped FROM audit_person_keys WHERE owner = $1").bind(owner).fetch_one(conn).await?)
}

pub(super) async fn count_refusal(
    conn: &mut PgConnection,
    attempt: &str,
    reason: &str,
    source: &str,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO audit_refusal_counts (attempt, reason, source, minute, count)
         VALUES ($1, $2, $3, date_trunc('minute', gatehouse_now()), 1)
         ON CONFLICT (attempt, reason, source, minute) DO UPDATE SET count = audit_refusal_counts.count + 1",
    )
    .bind(attempt)
    .bind(reason)
    .bind(source)
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn count_read(conn: &mut PgConnection, reader: &str) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO audit_read_counts (reader, minute, count) VALUES ($1, date_trunc('minute', gatehouse_now()), 1)
         ON CONFLICT (reader, minute) DO UPDATE SET count = audit_read_counts.count + 1",
    )
    .bind(reader)
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn take_closed_reads(conn: &mut PgConnection) -> Result<Vec<(String, DateTime<Utc>, i64)>, Error> {
    let rows = sqlx::query_as(
        "DELETE FROM audit_read_counts WHERE minute < date_trunc('minute', gatehouse_now()) RETURNING reader, minute, count",
    );
    Ok(rows.fetch_all(conn).await?)
}

pub(super) async fn take_closed_counts(conn: &mut PgConnection) -> Result<Vec<Count>, Error> {
    sqlx::query(
        "DELETE FROM audit_refusal_counts WHERE minute < date_trunc('minute', gatehouse_now())
         RETURNING attempt, reason, source, minute, count",
    )
    .fetch_all(conn)
    .await?
    .iter()
    .map(|row| {
        Ok(Count {
            attempt: row.try_get("attempt")?,
            reason: row.try_get("reason")?,
            source: row.try_get("source")?,
            minute: row.try_get("minute")?,
            count: row.try_get("count")?,
        })
    })
    .collect()
}
