//! Persons and accounts, as decisions read them.

use super::keys::{COUNTS, KEYS};
use super::{interval, parsed};
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::people::Role;
use gatehouse_domain::people::founding::CODE_LIFETIME;
use gatehouse_domain::{Digest, KeyId, PersonId};
use sqlx::{PgConnection, Row};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Whether rows are only read, or held still until the deciding transaction ends.
#[derive(Debug, Clone, Copy)]
pub(in crate::people) enum Hold {
    /// For a page.
    Read,
    /// For a decision: nobody's role or key changes under it. Always in the order person, account,
    /// key, and within each by its id, so that two decisions never wait for each other in a circle.
    Share,
}

impl Hold {
    fn sql(self, select: &str, of: &str) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(match self {
            Self::Read => select.to_owned(),
            Self::Share => format!("{select} FOR SHARE OF {of}"),
        })
    }
}

/// One account of a person.
#[derive(Debug, Clone)]
pub(in crate::people) struct AccountRecord {
    pub(in crate::people) roles: BTreeSet<Role>,
    pub(in crate::people) facts_at: Option<DateTime<Utc>>,
}

pub(in crate::people) async fn find_person(conn: &mut PgConnection, person: &PersonId) -> Result<bool, Error> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM people_persons WHERE person = $1)")
        .bind(person.as_str())
        .fetch_one(conn)
        .await?)
}

/// One meeting at a time: of two first sign-ins at once, the second waits and then finds the person.
/// A person who is not there yet has no row to lock, so the lock is on the name.
pub(in crate::people) async fn lock_meeting(conn: &mut PgConnection, person: &PersonId) -> Result<(), Error> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('people.meeting ' || $1, 0))")
        .bind(person.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// One change of a person's keys at a time: two first keys at once would be one too many.
pub(in crate::people) async fn lock_person(conn: &mut PgConnection, person: &PersonId) -> Result<(), Error> {
    sqlx::query("SELECT 1 FROM people_persons WHERE person = $1 FOR NO KEY UPDATE")
        .bind(person.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Whose account this is, and the roles on record for it, locked against another sign-in through it.
pub(in crate::people) async fn lock_account(
    conn: &mut PgConnection,
    account: &Digest,
) -> Result<Option<(PersonId, BTreeSet<Role>)>, Error> {
    let row = sqlx::query("SELECT person, roles FROM people_accounts WHERE account = $1 FOR UPDATE")
        .bind(account.as_str())
        .fetch_optional(conn)
        .await?;
    row.map(|row| Ok((parsed(&row.try_get::<String, _>("person")?)?, roles(&row.try_get::<Vec<String>, _>("roles")?))))
        .transpose()
}

/// Which of these persons exist.
pub(in crate::people) async fn list_persons(
    conn: &mut PgConnection,
    persons: &[String],
    hold: Hold,
) -> Result<BTreeSet<PersonId>, Error> {
    let sql = hold.sql("SELECT person FROM people_persons WHERE person = ANY($1) ORDER BY person", "people_persons");
    let found: Vec<String> = sqlx::query_scalar(sql).bind(persons).fetch_all(conn).await?;
    found.iter().map(|person| parsed(person)).collect()
}

/// The accounts of these persons.
pub(in crate::people) async fn list_accounts(
    conn: &mut PgConnection,
    persons: &[String],
    hold: Hold,
) -> Result<BTreeMap<PersonId, Vec<AccountRecord>>, Error> {
    let select = "SELECT a.person, a.roles, f.facts_at
        FROM people_accounts a LEFT JOIN people_role_facts f USING (account) WHERE a.person = ANY($1) ORDER BY a.account";
    let mut found: BTreeMap<PersonId, Vec<AccountRecord>> = BTreeMap::new();
    for row in sqlx::query(hold.sql(select, "a")).bind(persons).fetch_all(conn).await? {
        found.entry(parsed(&row.try_get::<String, _>("person")?)?).or_default().push(AccountRecord {
            roles: roles(&row.try_get::<Vec<String>, _>("roles")?),
            facts_at: row.try_get("facts_at")?,
        });
    }
    Ok(found)
}

/// Every role whose group any account of a person was last known to be in: what the provider said, however long ago.
/// Without `persons`, of everybody.
pub(in crate::people) async fn list_known_roles(
    conn: &mut PgConnection,
    persons: Option<&[String]>,
) -> Result<BTreeMap<PersonId, BTreeSet<Role>>, Error> {
    let rows = sqlx::query(
        "SELECT p.person, coalesce(array_agg(role) FILTER (WHERE role IS NOT NULL), '{}') AS roles
         FROM people_persons p LEFT JOIN people_accounts a USING (person) LEFT JOIN unnest(a.roles) AS role ON true
         WHERE $1::text[] IS NULL OR p.person = ANY($1) GROUP BY p.person ORDER BY p.person",
    )
    .bind(persons)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| Ok((parsed(&row.try_get::<String, _>("person")?)?, roles(&row.try_get::<Vec<String>, _>("roles")?))))
        .collect()
}

/// The keys of these persons that count.
pub(in crate::people) async fn list_active_keys(
    conn: &mut PgConnection,
    persons: &[String],
    hold: Hold,
) -> Result<BTreeMap<PersonId, BTreeSet<KeyId>>, Error> {
    let select = ["SELECT k.person, k.key_id FROM", KEYS, "WHERE k.person = ANY($1) AND", COUNTS, "ORDER BY k.key_id"];
    let mut found: BTreeMap<PersonId, BTreeSet<KeyId>> = BTreeMap::new();
    for row in sqlx::query(hold.sql(&select.join(" "), "k")).bind(persons).fetch_all(conn).await? {
        let key = parsed(&row.try_get::<Uuid, _>("key_id")?.to_string())?;
        found.entry(parsed(&row.try_get::<String, _>("person")?)?).or_default().insert(key);
    }
    Ok(found)
}

/// A founder's unused code that is not too old, locked so that it is used once.
pub(in crate::people) async fn lock_founder_code(
    conn: &mut PgConnection,
    person: &PersonId,
    code_hash: &Digest,
) -> Result<bool, Error> {
    let found: Option<i32> = sqlx::query_scalar(
        "SELECT 1 FROM people_founder_codes WHERE code_hash = $1 AND person = $2 AND used_at IS NULL
             AND issued_at > gatehouse_now() - $3 FOR UPDATE",
    )
    .bind(code_hash.as_str())
    .bind(person.as_str())
    .bind(interval(CODE_LIFETIME)?)
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// A role that this program no longer knows is no role.
fn roles(codes: &[String]) -> BTreeSet<Role> {
    codes.iter().filter_map(|code| Role::from_code(code)).collect()
}
