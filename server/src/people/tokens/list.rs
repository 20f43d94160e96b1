//! The caller's tokens; for security, everybody's that still read.

use super::store::{TokenRecord, list_tokens};
use crate::context::Context;
use crate::error::Error;
use crate::people::names;
use crate::people::service::read_signer;
use chrono::{DateTime, Utc};
use gatehouse_app::people::tokens::shape::{ScopeView, TokenRow, TokenState, TokensView};
use gatehouse_app::shape::{Availability, PersonView};
use gatehouse_domain::people::Role;
use gatehouse_domain::people::tokens::{LONGEST_DAYS, Scope};
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::{PersonId, Reason};
use std::collections::{BTreeMap, BTreeSet};

/// The tokens page.
///
/// # Errors
/// When the database refuses.
pub async fn tokens(ctx: &Context, person: &PersonId) -> Result<TokensView, Error> {
    let mut conn = ctx.db.acquire().await?;
    let signer = read_signer(&mut conn, ctx, person).await?;
    let now = ctx.now(&mut conn).await?;
    let yours = list_tokens(&mut conn, Some(person)).await?;
    let others = match signer.held_roles().contains(&Role::Security) {
        true => list_tokens(&mut conn, None).await?,
        false => Vec::new(),
    };
    let persons: BTreeSet<PersonId> = yours.iter().chain(&others).map(|row| row.token.person.clone()).collect();
    let called = names(&mut conn, &persons).await?;
    let mut reasons = Vec::new();
    if !signer.is_admitted {
        reasons.push(ReasonView::from(&Reason::NotAdmitted));
    } else if signer.active_keys.is_empty() {
        reasons.push(ReasonView::from(&Reason::NoKey));
    }
    Ok(TokensView {
        yours: yours.iter().map(|token| row(token, &called, now)).collect(),
        others: others.iter().filter(|one| one.token.person != *person).map(|one| row(one, &called, now)).collect(),
        issue: Availability { reasons },
        scopes: Scope::ALL.iter().map(|scope| scope_view(*scope)).collect(),
        longest_days: LONGEST_DAYS,
        as_of: now,
    })
}

fn row(record: &TokenRecord, called: &BTreeMap<PersonId, String>, now: DateTime<Utc>) -> TokenRow {
    let token = &record.token;
    TokenRow {
        id: token.token.to_string(),
        name: record.label.clone(),
        owner: PersonView { id: token.person.to_string(), name: called.get(&token.person).cloned() },
        scopes: token.scopes.iter().map(|scope| scope.code().to_owned()).collect(),
        issued_at: record.issued_at,
        expires_at: token.expires_at,
        last_used_at: record.used_at,
        state: match token.revoked_at {
            Some(at) => TokenState::Revoked { at, by: record.revoked_by.as_ref().map(ToString::to_string) },
            None if token.expires_at <= now => TokenState::Expired,
            None => TokenState::Live,
        },
    }
}

fn scope_view(scope: Scope) -> ScopeView {
    let what = match scope {
        Scope::Changes => "Changes, their gates and their entries",
        Scope::Runs => "Runs of pipelines, with their jobs and what they wait for",
        Scope::Audit => "The whole audit log; each minute of reading is itself an entry",
        Scope::People => "Your own roles, keys, sessions and tokens, and what waits for endorsement",
    };
    ScopeView { code: scope.code().to_owned(), what: what.to_owned() }
}
