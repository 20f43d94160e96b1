//! Everything about persons that a decision may look at.

use super::gained::{admits_by_itself, sources};
use super::store::governed::key_uuid;
use super::store::persons::{self, AccountRecord, Hold};
use super::store::requests::{self, StandingRole};
use super::store::{facts, keys};
use crate::context::Context;
use crate::error::Error;
use chrono::{DateTime, Utc};
use gatehouse_domain::people::{Role, Signer, is_fresh};
use gatehouse_domain::webauthn::StoredCredential;
use gatehouse_domain::{KeyId, PersonId};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// For a decision: the rows stay as they are until the transaction ends. Every id is in the answer,
/// those that Gatehouse never met as strangers who hold nothing.
///
/// # Errors
/// When the database refuses.
pub async fn lock_signers(
    conn: &mut PgConnection,
    ctx: &Context,
    ids: &BTreeSet<PersonId>,
) -> Result<BTreeMap<PersonId, Signer>, Error> {
    signers(conn, ctx, ids, Hold::Share).await
}

/// For a page: the same, without holding anything.
///
/// # Errors
/// When the database refuses.
pub async fn read_signers(
    conn: &mut PgConnection,
    ctx: &Context,
    ids: &BTreeSet<PersonId>,
) -> Result<BTreeMap<PersonId, Signer>, Error> {
    signers(conn, ctx, ids, Hold::Read).await
}

/// The names of these persons, where the identity provider told us one.
///
/// # Errors
/// When the database refuses.
pub async fn names(conn: &mut PgConnection, ids: &BTreeSet<PersonId>) -> Result<BTreeMap<PersonId, String>, Error> {
    facts::list_names(conn, &texts(ids)).await
}

/// These keys as they were enrolled, whoever's they are and whether or not they were revoked since.
///
/// # Errors
/// When the database refuses.
pub async fn public_keys(
    conn: &mut PgConnection,
    ids: impl Iterator<Item = &KeyId>,
) -> Result<BTreeMap<KeyId, StoredCredential>, Error> {
    keys::list_credentials(conn, &ids.map(key_uuid).collect::<Result<Vec<_>, _>>()?).await
}

/// Everybody we know, with the names that we have, by name: for choosing one.
///
/// # Errors
/// When the database refuses.
pub async fn everybody(conn: &mut PgConnection) -> Result<Vec<(PersonId, Option<String>)>, Error> {
    facts::list_everybody(conn).await
}

fn texts(ids: &BTreeSet<PersonId>) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

async fn signers(
    conn: &mut PgConnection,
    ctx: &Context,
    ids: &BTreeSet<PersonId>,
    hold: Hold,
) -> Result<BTreeMap<PersonId, Signer>, Error> {
    let ids_text = texts(ids);
    let known = persons::list_persons(conn, &ids_text, hold).await?;
    let mut accounts = persons::list_accounts(conn, &ids_text, hold).await?;
    let mut keys = persons::list_active_keys(conn, &ids_text, hold).await?;
    // Their rows need no lock: what counts stops counting only under the person's own, which is held.
    let mut standing = requests::list_standing_roles(conn, Some(&ids_text)).await?;
    let now = ctx.now(conn).await?;
    let signer = |person: &PersonId| {
        let admitted = ctx.config.admitted.iter().find(|row| row.person == *person).filter(|_| known.contains(person));
        let accounts = accounts.remove(person).unwrap_or_default();
        let (group_roles, facts_at) = provider_roles(&accounts, now);
        let known = accounts.iter().flat_map(|account| account.roles.iter().copied()).collect();
        let waiting_roles = waiting(ctx, person, &known, standing.remove(person).unwrap_or_default());
        Signer {
            person: person.clone(),
            is_admitted: admitted.is_some(),
            admitted_roles: admitted.map(|row| row.roles.clone()).unwrap_or_default(),
            group_roles,
            waiting_roles,
            facts_at,
            github_id: admitted.map(|row| row.github_id),
            github_aliases: admitted.map(|row| row.other_github_ids.clone()).unwrap_or_default(),
            active_keys: keys.remove(person).unwrap_or_default(),
        }
    };
    let mut signer = signer;
    Ok(ids.iter().map(|person| (person.clone(), signer(person))).collect())
}

/// Roles that both sources say and that do not count yet: all of them but those that do.
fn waiting(
    ctx: &Context,
    person: &PersonId,
    known: &BTreeSet<Role>,
    standing: BTreeMap<Role, StandingRole>,
) -> BTreeSet<Role> {
    if admits_by_itself(ctx) {
        return BTreeSet::new();
    }
    let mut waiting = sources(ctx, person, known);
    waiting.retain(|role| !standing.get(role).is_some_and(|standing| standing.counts));
    waiting
}

/// What the provider says of a person with several accounts: what the freshly asked ones say together,
/// as old as the oldest of those. An account that nobody could ask about lately adds nothing beside
/// them; where all are stale, they speak together and the age shows it.
fn provider_roles(accounts: &[AccountRecord], now: DateTime<Utc>) -> (BTreeSet<Role>, Option<DateTime<Utc>>) {
    let any_fresh = accounts.iter().any(|account| account.facts_at.is_some_and(|at| is_fresh(at, now)));
    let mut roles = BTreeSet::new();
    let mut oldest: Option<DateTime<Utc>> = None;
    for account in accounts {
        // Never asked, or the provider took its word back (see `facts::delete_token`): it says nothing.
        let Some(at) = account.facts_at.filter(|at| *at > DateTime::UNIX_EPOCH) else { continue };
        if is_fresh(at, now) == any_fresh {
            roles.extend(&account.roles);
            oldest = Some(oldest.map_or(at, |oldest| oldest.min(at)));
        }
    }
    (roles, oldest)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use chrono::Duration;

    #[test]
    fn a_stale_account_adds_nothing_beside_a_fresh_one() {
        let now: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
        let account = |minutes: i64, role| AccountRecord {
            roles: BTreeSet::from([role]),
            facts_at: Some(now - Duration::minutes(minutes)),
        };
        let (fresh, other, stale) = (account(2, Role::Engineer), account(9, Role::Oncall), account(16, Role::Security));
        let said = provider_roles(&[fresh.clone(), other, stale.clone()], now);
        assert_eq!(said, (BTreeSet::from([Role::Engineer, Role::Oncall]), Some(now - Duration::minutes(9))));
        assert_eq!(
            provider_roles(std::slice::from_ref(&stale), now),
            (BTreeSet::from([Role::Security]), Some(now - Duration::minutes(16)))
        );
        let never = AccountRecord { facts_at: None, ..fresh };
        assert_eq!(provider_roles(&[never], now), (BTreeSet::new(), None));
        let taken_back = AccountRecord { facts_at: Some(DateTime::UNIX_EPOCH), ..stale };
        assert_eq!(provider_roles(&[taken_back], now), (BTreeSet::new(), None));
    }
}
