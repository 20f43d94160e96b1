//! What the identity provider last said: names for showing, and when it spoke of roles.

use super::parsed;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::{Digest, PersonId};
use sqlx::{PgConnection, Row};
use std::collections::BTreeMap;

/// An account that can be asked about again.
#[derive(Debug, Clone)]
pub(in crate::people) struct Refreshable {
    pub(in crate::people) account: Digest,
    pub(in crate::people) sealed_token: Vec<u8>,
}

/// Lets one transaction at a time, of all replicas, ask the provider about this person.
pub(in crate::people) async fn lock_refresh(conn: &mut PgConnection, person: &PersonId) -> Result<(), Error> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('people.refresh:' || $1, 0))")
        .bind(person.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::people) async fn set_profile(
    conn: &mut PgConnection,
    person: &PersonId,
    name: &str,
    email: Option<&str>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO people_profiles (person, name, email, read_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (person) DO UPDATE SET name = excluded.name, email = excluded.email, read_at = excluded.read_at",
    )
    .bind(person.as_str())
    .bind(name)
    .bind(email)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

pub(in crate::people) async fn list_names(
    conn: &mut PgConnection,
    persons: &[String],
) -> Result<BTreeMap<PersonId, String>, Error> {
    sqlx::query("SELECT person, name FROM people_profiles WHERE person = ANY($1)")
        .bind(persons)
        .fetch_all(conn)
        .await?
        .iter()
        .map(|row| Ok((parsed(&row.try_get::<String, _>("person")?)?, row.try_get("name")?)))
        .collect()
}

/// Everybody, by name; those without one come last.
pub(in crate::people) async fn list_everybody(
    conn: &mut PgConnection,
) -> Result<Vec<(PersonId, Option<String>)>, Error> {
    sqlx::query(
        "SELECT person, name FROM people_persons LEFT JOIN people_profiles USING (person)
         ORDER BY name NULLS LAST, person LIMIT 1000",
    )
    .fetch_all(conn)
    .await?
    .iter()
    .map(|row| Ok((parsed(&row.try_get::<String, _>("person")?)?, row.try_get("name")?)))
    .collect()
}

/// The provider spoke. Without a new token the old one is kept: not every provider rotates them.
pub(in crate::people) async fn set_facts(
    conn: &mut PgConnection,
    account: &Digest,
    at: DateTime<Utc>,
    sealed_token: Option<&[u8]>,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO people_role_facts (account, facts_at, refresh_token) VALUES ($1, $2, $3)
         ON CONFLICT (account) DO UPDATE SET facts_at = excluded.facts_at,
             refresh_token = coalesce(excluded.refresh_token, people_role_facts.refresh_token)",
    )
    .bind(account.as_str())
    .bind(at)
    .bind(sealed_token)
    .execute(conn)
    .await?;
    Ok(())
}

/// The provider took the token back: what it said before counts no more, from this moment on. Only if it is still that token.
pub(in crate::people) async fn delete_token(
    conn: &mut PgConnection,
    account: &Digest,
    sealed_token: &[u8],
) -> Result<(), Error> {
    sqlx::query("UPDATE people_role_facts SET refresh_token = NULL, facts_at = 'epoch' WHERE account = $1 AND refresh_token = $2")
        .bind(account.as_str())
        .bind(sealed_token)
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::people) async fn list_refreshable(
    conn: &mut PgConnection,
    person: &PersonId,
) -> Result<Vec<Refreshable>, Error> {
    sqlx::query(
        "SELECT f.account, f.refresh_token FROM people_role_facts f JOIN people_accounts a USING (account)
         WHERE a.person = $1 AND f.refresh_token IS NOT NULL ORDER BY f.account",
    )
    .bind(person.as_str())
    .fetch_all(conn)
    .await?
    .iter()
    .map(|row| {
        Ok(Refreshable {
            account: parsed(&row.try_get::<String, _>("account")?)?,
            sealed_token: row.try_get("refresh_token")?,
        })
    })
    .collect()
}

/// Persons who are here now and whose facts are about to go stale.
pub(in crate::people) async fn list_persons_to_refresh(conn: &mut PgConnection) -> Result<Vec<PersonId>, Error> {
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT a.person FROM people_role_facts f JOIN people_accounts a USING (account)
         JOIN people_sessions s ON s.account = a.account
         WHERE f.refresh_token IS NOT NULL AND f.facts_at < gatehouse_now() - interval '10 minutes'
           AND s.ended_at IS NULL AND s.seen_at > gatehouse_now() - interval '15 minutes'
         ORDER BY a.person LIMIT 200",
    )
    .fetch_all(conn)
    .await?;
    found.iter().map(|person| parsed(person)).collect()
}
