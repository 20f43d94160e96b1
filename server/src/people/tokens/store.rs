//! The SQL of machine tokens. The governed table is written for recorded events only (`people::apply`).

use crate::error::Error;
use crate::people::store::parsed;
use chrono::{DateTime, Utc};
use gatehouse_domain::people::tokens::{Scope, Token, TokenIssued, TokenRevoked};
use gatehouse_domain::{Digest, PersonId, TokenId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// A token, and what is counted beside it.
pub(in crate::people) struct TokenRecord {
    pub(in crate::people) token: Token,
    pub(in crate::people) label: String,
    pub(in crate::people) issued_at: DateTime<Utc>,
    pub(in crate::people) used_at: Option<DateTime<Utc>>,
    pub(in crate::people) revoked_by: Option<PersonId>,
}

const COLUMNS: &str = "SELECT t.token_id, t.person, t.scopes, t.issued_at, t.expires_at, t.revoked_at, t.revoked_by,
        u.label, u.used_at
    FROM people_tokens t JOIN people_token_uses u USING (token_id)";

pub(in crate::people) async fn insert_token(
    conn: &mut PgConnection,
    issued: &TokenIssued,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let scopes: Vec<&str> = issued.scopes.iter().map(|scope| scope.code()).collect();
    sqlx::query(
        "INSERT INTO people_tokens (token_id, person, secret_hash, scopes, issued_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(uuid(&issued.token)?)
    .bind(issued.person.as_str())
    .bind(issued.secret_hash.as_str())
    .bind(&scopes)
    .bind(at)
    .bind(issued.expires_at)
    .execute(&mut *conn)
    .await?;
    sqlx::query("INSERT INTO people_token_uses (token_id, label) VALUES ($1, $2)")
        .bind(uuid(&issued.token)?)
        .bind(issued.name.shown())
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::people) async fn set_token_revoked(
    conn: &mut PgConnection,
    revoked: &TokenRevoked,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE people_tokens SET revoked_at = $2, revoked_by = $3 WHERE token_id = $1 AND revoked_at IS NULL",
    )
    .bind(uuid(&revoked.token)?)
    .bind(at)
    .bind(revoked.by.as_str())
    .execute(conn)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::internal("a token was revoked already")) }
}

/// Newest first. `None`: everybody's that still live.
pub(in crate::people) async fn list_tokens(
    conn: &mut PgConnection,
    of: Option<&PersonId>,
) -> Result<Vec<TokenRecord>, Error> {
    let sql = [
        COLUMNS,
        "WHERE CASE WHEN $1::text IS NULL THEN t.revoked_at IS NULL AND t.expires_at > gatehouse_now()
                    ELSE t.person = $1 END
         ORDER BY t.issued_at DESC, t.token_id LIMIT 500",
    ]
    .join(" ");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(of.map(PersonId::as_str)).fetch_all(conn).await?;
    rows.iter().map(record).collect()
}

/// One token, held until the decision on it commits: it is revoked once.
pub(in crate::people) async fn lock_token(conn: &mut PgConnection, token: &TokenId) -> Result<Option<Token>, Error> {
    let sql = [COLUMNS, "WHERE t.token_id = $1 FOR UPDATE OF t"].join(" ");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(uuid(token)?).fetch_optional(conn).await?;
    row.map(|row| record(&row).map(|record| record.token)).transpose()
}

/// The token of a secret, and the time of now.
pub(super) async fn find_by_secret(
    conn: &mut PgConnection,
    secret_hash: &Digest,
) -> Result<Option<(Token, DateTime<Utc>)>, Error> {
    let sql = [
        "SELECT gatehouse_now() AS now, coalesce(used_at < gatehouse_now() - interval '1 minute', true) AS is_due, found.*
         FROM (",
        COLUMNS,
        "WHERE t.secret_hash = $1) AS found",
    ]
    .join(" ");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(secret_hash.as_str()).fetch_optional(&mut *conn).await?;
    let Some(row) = row else { return Ok(None) };
    let token = record(&row)?.token;
    // A write for every request would cost more than a minute of precision is worth.
    if row.try_get("is_due")? {
        sqlx::query("UPDATE people_token_uses SET used_at = gatehouse_now() WHERE token_id = $1")
            .bind(uuid(&token.token)?)
            .execute(conn)
            .await?;
    }
    Ok(Some((token, row.try_get("now")?)))
}

fn uuid(token: &TokenId) -> Result<Uuid, Error> {
    parsed(token.as_str())
}

fn record(row: &PgRow) -> Result<TokenRecord, Error> {
    let scopes: Vec<String> = row.try_get("scopes")?;
    let revoked_by: Option<String> = row.try_get("revoked_by")?;
    Ok(TokenRecord {
        token: Token {
            token: parsed(&row.try_get::<Uuid, _>("token_id")?.to_string())?,
            person: parsed(&row.try_get::<String, _>("person")?)?,
            // A scope that this program no longer knows opens nothing.
            scopes: scopes.iter().filter_map(|code| Scope::from_code(code)).collect(),
            expires_at: row.try_get("expires_at")?,
            revoked_at: row.try_get("revoked_at")?,
        },
        label: row.try_get("label")?,
        issued_at: row.try_get("issued_at")?,
        used_at: row.try_get("used_at")?,
        revoked_by: revoked_by.map(|by| parsed(&by)).transpose()?,
    })
}
