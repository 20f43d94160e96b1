//! What does the identity provider say of this person's roles *now*?

use super::gained::record_roles;
use super::store::facts::{self, Refreshable};
use super::store::persons;
use super::token_box;
use crate::audit;
use crate::auth::oidc::OidcError;
use crate::context::Context;
use crate::error::{Error, chain};
use chrono::{DateTime, Utc};
use gatehouse_domain::audit::Actor;
use gatehouse_domain::people::Role;
use gatehouse_domain::people::decide::permit_roles_read;
use gatehouse_domain::{Digest, PersonId};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// As people are told of it.
pub(super) const PROVIDER: &str = "The identity provider";

/// The roles whose configured group is among these.
pub(super) fn roles_of(ctx: &Context, groups: &BTreeSet<String>) -> BTreeSet<Role> {
    ctx.config.roles.iter().filter(|(_, group)| groups.contains(*group)).map(|(role, _)| *role).collect()
}

/// [`refresh_role_facts`] where an outage is no refusal: how old the facts are is among what decides afterwards.
pub async fn refresh_role_facts_if_possible(ctx: &Context, person: &PersonId) {
    if let Err(error) = refresh_role_facts(ctx, person).await {
        tracing::warn!(target: "people", %person, error = chain(&error), "role facts could not be read again");
    }
}

/// Asks the provider about each of the person's accounts, through its stored refresh token.
///
/// A token that the provider no longer takes is forgotten: the facts then go stale by themselves and
/// close every decision that needs them, until the person signs in again. An outage changes nothing,
/// and the age of the facts says so.
///
/// One replica asks about a person at a time. Of two that hold the same token, a provider that rotates them would refuse
/// the second, which would then pass for a person who is gone.
///
/// # Errors
/// When the provider does not answer for one of the accounts, or the database refuses.
pub async fn refresh_role_facts(ctx: &Context, person: &PersonId) -> Result<(), Error> {
    let mut tx = ctx.db.begin().await?;
    facts::lock_refresh(&mut tx, person).await?;
    // After the lock: what another replica was told meanwhile is known here.
    let accounts = facts::list_refreshable(&mut tx, person).await?;
    let now = ctx.now(&mut tx).await?;
    let mut answers = Vec::new();
    for account in accounts {
        match token_box::open(ctx, &account.account, &account.sealed_token) {
            Some(token) => answers.push((account, ctx.idp.refresh(&token, now).await)),
            None => {
                tracing::error!(target: "people", %person, "a refresh token does not open with secrets.token_key");
            }
        }
    }
    // Rows are locked only now: nobody waits for somebody else's server but the next one who asks it.
    let mut unanswered = None;
    for (account, answer) in answers {
        // The account's hash cannot be turned back into `sub`, so the new token's is hashed and compared.
        match answer {
            // Nor does a role go on with an account that was handed to somebody else (ATK-03).
            Ok(told) if account_of(&told.iss, &told.sub) == account.account && told.person.as_ref() == Some(person) => {
                let sealed =
                    told.refresh_token.map(|token| token_box::seal(ctx, &account.account, &token)).transpose()?;
                record(&mut tx, ctx, person, &account, &roles_of(ctx, &told.groups), sealed, now).await?;
            }
            Err(error) if !error.is_taken_back() => unanswered = Some(error),
            Ok(_) | Err(_) => {
                tracing::warn!(target: "people", %person, "the identity provider no longer takes the refresh token");
                facts::delete_token(&mut tx, &account.account, &account.sealed_token).await?;
            }
        }
    }
    // What one account's answer said holds, whatever became of the others.
    tx.commit().await?;
    match unanswered {
        Some(error) => Err(upstream(error)),
        None => Ok(()),
    }
}

/// SHA-256 of `iss` ‖ 0 ‖ `sub`: how an account is known without being named.
pub(super) fn account_of(iss: &str, sub: &str) -> Digest {
    Digest::of(format!("{iss}\0{sub}").as_bytes())
}

pub(super) fn upstream(error: OidcError) -> Error {
    Error::upstream(PROVIDER, error)
}

/// `asked_at` is from before the question: the answer may be older than its arrival.
async fn record(
    conn: &mut PgConnection,
    ctx: &Context,
    person: &PersonId,
    account: &Refreshable,
    read: &BTreeSet<Role>,
    sealed_token: Option<Vec<u8>>,
    asked_at: DateTime<Utc>,
) -> Result<(), Error> {
    // The person before the account, as everywhere.
    persons::lock_person(conn, person).await?;
    let Some((owner, known)) = persons::lock_account(conn, &account.account).await? else {
        return Ok(());
    };
    if let Some(permit) = permit_roles_read(owner, account.account.clone(), &known, read) {
        audit::commit(conn, ctx, &Actor::Portal, permit).await?;
    }
    record_roles(conn, ctx, person).await?;
    facts::set_facts(conn, &account.account, asked_at, sealed_token.as_deref()).await
}
