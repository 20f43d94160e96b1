//! Signing in: away to the identity provider, and back.

use crate::audit;
use crate::auth::oidc::{Answer, Identity, OidcError, SigninSecrets};
use crate::context::Context;
use crate::error::Error;
use crate::people::cookies::BrowserSecret;
use crate::people::gained::record_roles;
use crate::people::role_facts::{PROVIDER, account_of, roles_of, upstream};
use crate::people::routes::CallbackParams;
use crate::people::session::Caller;
use crate::people::store::sessions::{EndCause, insert_session, set_session_ended};
use crate::people::store::signins::{SigninRecord, insert_signin, take_signin};
use crate::people::store::{facts, persons};
use crate::people::token_box;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatehouse_domain::audit::{About, Actor};
use gatehouse_domain::people::Role;
use gatehouse_domain::people::decide::{SignIn, permit_sign_in};
use gatehouse_domain::people::events::PersonMet;
use gatehouse_domain::{Digest, PersonId, Reason};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use subtle::ConstantTimeEq;
use url::Url;

/// A sign-in on its way.
pub(in crate::people) struct Begun {
    /// Where the browser goes.
    pub(in crate::people) provider: Url,
    /// What it must bring back.
    pub(in crate::people) browser: BrowserSecret,
}

/// What attempts are counted as.
const ATTEMPT: &str = "people.sign_in";

/// Begins a sign-in that will lead to `return_to`.
///
/// # Errors
/// `Upstream` when the identity provider cannot be found.
pub(in crate::people) async fn begin_sign_in(ctx: &Context, caller: &Caller, return_to: &str) -> Result<Begun, Error> {
    let begun = begin(ctx, return_to).await;
    counted(ctx, caller, begun).await
}

async fn begin(ctx: &Context, return_to: &str) -> Result<Begun, Error> {
    let random = ctx.entropy.split("people.signin");
    let text = || URL_SAFE_NO_PAD.encode(random.bytes::<32>());
    let secrets = SigninSecrets { state: text(), nonce: text(), pkce_verifier: text() };
    let browser = BrowserSecret::new(random.bytes());
    let mut conn = ctx.db.acquire().await?;
    let now = ctx.now(&mut conn).await?;
    // Nothing is held while we wait for somebody else's server.
    drop(conn);
    let provider = ctx.idp.authorize_url(&secrets, now).await.map_err(refused_or_outage)?;
    let record = SigninRecord {
        browser_hash: browser.hash(),
        nonce: secrets.nonce,
        pkce_verifier: secrets.pkce_verifier,
        return_to: local_path(return_to).to_owned(),
        is_live: true,
    };
    let mut conn = ctx.db.acquire().await?;
    insert_signin(&mut conn, &state_hash(&secrets.state), &record).await?;
    Ok(Begun { provider, browser })
}

/// Ends a sign-in with what the browser brought: the session's secret, and where to go.
///
/// # Errors
/// `SigninInvalid`, `SigninDenied`, `IdentityNotBelieved`, `NoEmployeeId`, `AccountMoved`, or `Upstream`
/// when the identity provider does not answer.
pub(in crate::people) async fn finish_sign_in(
    ctx: &Context,
    caller: &Caller,
    browser: Option<BrowserSecret>,
    answer: &CallbackParams,
) -> Result<(BrowserSecret, String), Error> {
    let finished = finish(ctx, caller, browser, answer).await;
    counted(ctx, caller, finished).await
}

/// Nobody is known here yet, so refusals are counted, not listed; one that waits for the provider is, too.
async fn counted<T>(ctx: &Context, caller: &Caller, result: Result<T, Error>) -> Result<T, Error> {
    let outage = Reason::SourceUnavailable(PROVIDER.to_owned());
    let reason = match &result {
        // Its account is known, so this one has an entry of its own.
        Err(Error::Refused(reasons)) if *reasons.first() == Reason::AccountMoved => return result,
        Err(Error::Refused(reasons)) => reasons.first(),
        Err(Error::Upstream { .. }) => &outage,
        _ => return result,
    };
    audit::count_refusal(ctx, ATTEMPT, reason, &caller.source_ip).await?;
    result
}

async fn finish(
    ctx: &Context,
    caller: &Caller,
    browser: Option<BrowserSecret>,
    answer: &CallbackParams,
) -> Result<(BrowserSecret, String), Error> {
    let mut conn = ctx.db.acquire().await?;
    // Taken first: an answer that is refused cannot be tried again with another cookie.
    let signin = take_signin(&mut conn, &state_hash(&answer.state)).await?;
    let signin = signin.ok_or_else(|| refused("state", Reason::SigninInvalid))?;
    let now = ctx.now(&mut conn).await?;
    drop(conn);
    if !signin.is_live {
        return Err(refused("time", Reason::SigninInvalid));
    }
    if !browser.is_some_and(|browser| bool::from(browser.hash().ct_eq(&signin.browser_hash))) {
        return Err(refused("browser", Reason::SigninInvalid));
    }
    if answer.error.is_some() {
        return Err(refused("grant", Reason::SigninDenied));
    }
    let code = answer.code.as_deref().ok_or_else(|| refused("code", Reason::SigninInvalid))?;
    let said = Answer { code, iss: answer.iss.as_deref() };
    let secrets =
        SigninSecrets { state: answer.state.clone(), nonce: signin.nonce, pkce_verifier: signin.pkce_verifier };
    let identity = ctx.idp.exchange(said, &secrets, now).await.map_err(refused_or_outage)?;
    let person = identity.person.clone().ok_or_else(|| refused("employee_id", Reason::NoEmployeeId))?;

    let mut tx = ctx.db.begin().await?;
    // The session before the people, as whoever reports one as stolen has it.
    if let Some(old) = &caller.session {
        set_session_ended(&mut tx, old.session_id, EndCause::Replaced).await?;
    }
    let account = account_of(&identity.iss, &identity.sub);
    persons::lock_meeting(&mut tx, &person).await?;
    // The person before the account, as everywhere.
    persons::lock_person(&mut tx, &person).await?;
    let known = persons::lock_account(&mut tx, &account).await?;
    if let Some((owner, _)) = known.as_ref().filter(|(owner, _)| *owner != person) {
        let about = About::Person(owner.clone());
        tx.rollback().await?;
        tracing::error!(target: "people", %person, %account, check = "account", "an account came back with another employee id");
        audit::refuse(ctx, &Actor::Anonymous, ATTEMPT, about, &Reason::AccountMoved.into()).await?;
        return Err(Error::refused(Reason::AccountMoved));
    }
    let secret = admit(&mut tx, ctx, person, account, known.map(|(_, roles)| roles), &identity).await?;
    tx.commit().await?;
    Ok((secret, signin.return_to))
}

/// Records the sign-in and begins a session: always a new secret, whatever the browser had before.
async fn admit(
    conn: &mut PgConnection,
    ctx: &Context,
    person: PersonId,
    account: Digest,
    known_roles: Option<BTreeSet<Role>>,
    identity: &Identity,
) -> Result<BrowserSecret, Error> {
    let met = if persons::find_person(conn, &person).await? {
        None
    } else {
        let owner = person.as_str();
        let name = audit::seal(conn, ctx, owner, &identity.name).await?;
        let email = audit::seal(conn, ctx, owner, identity.email.as_deref().unwrap_or_default()).await?;
        Some(PersonMet { person: person.clone(), name, email })
    };
    let random = ctx.entropy.split("people.session");
    let (secret, session_id) = (BrowserSecret::new(random.bytes()), random.uuid_v4());
    let permit = permit_sign_in(SignIn {
        person: person.clone(),
        account: account.clone(),
        met,
        known_roles,
        session: session_id.into(),
        roles: roles_of(ctx, &identity.groups),
    });
    audit::commit(conn, ctx, &Actor::Person { id: person.clone() }, permit).await?;
    record_roles(conn, ctx, &person).await?;

    let now = ctx.now(conn).await?;
    facts::set_profile(conn, &person, &identity.name, identity.email.as_deref(), now).await?;
    let token = identity.refresh_token.as_ref().map(|token| token_box::seal(ctx, &account, token)).transpose()?;
    facts::set_facts(conn, &account, now, token.as_deref()).await?;
    insert_session(conn, session_id, &secret.hash(), &person, &account).await?;
    Ok(secret)
}

/// Says no for the person, and which check it was for the operator.
fn refused(check: &'static str, reason: Reason) -> Error {
    tracing::warn!(target: "people", check, code = reason.code(), "a sign-in was refused");
    Error::refused(reason)
}

fn refused_or_outage(error: OidcError) -> Error {
    let check = error.check();
    tracing::warn!(target: "people", check, error = crate::error::chain(&error), "a sign-in was not believed");
    match error {
        error if error.is_outage() => upstream(error),
        OidcError::Refused(_) => Error::refused(Reason::SigninDenied),
        _ => Error::refused(Reason::IdentityNotBelieved),
    }
}

fn state_hash(state: &str) -> Vec<u8> {
    Sha256::digest(state.as_bytes()).to_vec()
}

/// A path of our own, or home: `//evil.test`, `/\evil.test` and schemes lead elsewhere in a browser.
fn local_path(wanted: &str) -> &str {
    let mut chars = wanted.chars();
    let is_local = chars.next() == Some('/')
        && !matches!(chars.next(), Some('/' | '\\'))
        && wanted.len() <= 512
        && wanted.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
        && !wanted.starts_with("/auth/");
    if is_local { wanted } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_paths_are_returned_to() {
        for good in ["/", "/changes/CHG-2026-000001?tab=files#x", "/audit"] {
            assert_eq!(local_path(good), good);
        }
        let long = format!("/{}", "x".repeat(512));
        for bad in [
            "",
            "//evil.test",
            "/\\evil.test",
            "/a\\b",
            "https://evil.test",
            "javascript:alert(1)",
            "/a\r\nb",
            "/\t/evil",
            "/auth/login",
            "/é",
            &long,
        ] {
            assert_eq!(local_path(bad), "/", "{bad:?}");
        }
    }
}
