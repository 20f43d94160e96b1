//! Whose machine is this? Asked for every request, of the database and of the admitted list as it is now.

use super::secret::Secret;
use super::store;
use crate::context::Context;
use crate::error::Error;
use gatehouse_domain::audit::Actor;
use gatehouse_domain::people::tokens::{Scope, reason_against_use};
use gatehouse_domain::{PersonId, Reason, TokenId};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use std::collections::BTreeSet;

/// A program with a live token. It reads what its scopes name; nothing that acts takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// The token; may stand in logs, its secret never does.
    pub token: TokenId,
    /// Whose name it reads in.
    pub person: PersonId,
    /// What it may read.
    pub scopes: BTreeSet<Scope>,
}

impl Machine {
    /// As the log names it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Machine { token: self.token.clone(), person: self.person.clone() }
    }
}

/// The machine that a request's `Authorization` names; `None` when it has none.
///
/// # Errors
/// `TokenInvalid`, `TokenExpired`, `TokenRevoked` or `TokenOwnerNotAdmitted`; or when the database does not answer.
pub async fn machine(ctx: &Context, headers: &HeaderMap) -> Result<Option<Machine>, Error> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let invalid = || Error::refused(Reason::TokenInvalid);
    if values.next().is_some() {
        return Err(invalid());
    }
    let (scheme, text) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(invalid)?;
    let secret = Secret::parse(text).filter(|_| scheme.eq_ignore_ascii_case("bearer")).ok_or_else(invalid)?;
    let mut conn = ctx.db.acquire().await?;
    let (token, now) = store::find_by_secret(&mut conn, &secret.hash()).await?.ok_or_else(invalid)?;
    let owner_is_admitted = ctx.config.admitted.iter().any(|row| row.person == token.person);
    match reason_against_use(&token, owner_is_admitted, now) {
        Some(reason) => Err(Error::refused(reason)),
        None => Ok(Some(Machine { token: token.token, person: token.person, scopes: token.scopes })),
    }
}
