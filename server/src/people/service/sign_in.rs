//! Signing in: away to the identity provider, and back.

use crate::audit;
use crate::auth::oidc::{Identity, OidcError, SigninSecrets};
use crate::context::Context;
use crate::error::Error;
use crate::people::cookies::BrowserSecret;
use crate::people::role_facts::{account_of, roles_of, upstream};
use crate::people::session::Caller;
use crate::people::store::sessions::{EndCause, insert_session, set_session_ended};
use crate::people::store::signins::{SigninRecord, insert_signin, take_signin};
use crate::people::store::{facts, persons};
use crate::people::token_box;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatehouse_domain::audit::Actor;
use gatehouse_domain::people::decide::{SignIn, permit_sign_in};
use gatehouse_domain::people::events::PersonMet;
use gatehouse_domain::{PersonId, Reason};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use subtle::ConstantTimeEq;
use url::Url;

/// A sign-in on its way.
pub(in crate::people) struct Begun {
    /// Where the browser goes.
    pub(in crate::people) provider: Url,
    /// What it must bring back.
    pub(in crate::people) browser: BrowserSecret,
}

/// Begins a sign-in that will lead to `return_to`.
///
/// # Errors
/// `Upstream` when the identity provider cannot be found.
pub(in crate::people) async fn begin_sign_in(ctx: &Context, return_to: &str) -> Result<Begun, Error> {
    let random = ctx.entropy.split("people.signin");
    let text = || URL_SAFE_NO_PAD.encode(random.bytes::<32>());
    let secrets = SigninSecrets { state: text(), nonce: text(), pkce_verifier: text() };
    let browser = BrowserSecret::new(random.bytes());
    let mut conn = ctx.db.acquire().await?;
    let now = ctx.now(&mut conn).await?;
    let provider = ctx.idp.authorize_url(&secrets, now).await.map_err(upstream)?;
    let record = SigninRecord {
        browser_hash: browser.hash(),
        nonce: secrets.nonce,
        pkce_verifier: secrets.pkce_verifier,
        return_to: local_path(return_to).to_owned(),
        is_live: true,
    };
    insert_signin(&mut conn, &state_hash(&secrets.state), &record).await?;
    Ok(Begun { provider, browser })
}

/// Ends a sign-in with the code and state that the browser brought: the session's secret, and where to go.
///
/// # Errors
/// `SigninInvalid`, `NoEmployeeId`, or `Upstream` when the identity provider does not answer.
pub(in crate::people) async fn finish_sign_in(
    ctx: &Context,
    caller: &Caller,
    browser: Option<BrowserSecret>,
    state: &str,
    code: Option<&str>,
) -> Result<(BrowserSecret, String), Error> {
    let finished = finish(ctx, caller, browser, state, code).await;
    if let Err(Error::Refused(reasons)) = &finished {
        // Nobody is known here yet, so refusals are counted, not listed.
        audit::count_refusal(ctx, "people.sign_in", reasons.first(), &caller.source_ip).await?;
    }
    finished
}

async fn finish(
    ctx: &Context,
    caller: &Caller,
    browser: Option<BrowserSecret>,
    state: &str,
    code: Option<&str>,
) -> Result<(BrowserSecret, String), Error> {
    let invalid = || Error::refused(Reason::SigninInvalid);
    let mut conn = ctx.db.acquire().await?;
    // Taken first: an answer that is refused cannot be tried again with another cookie.
    let signin = take_signin(&mut conn, &state_hash(state)).await?.ok_or_else(invalid)?;
    let now = ctx.now(&mut conn).await?;
    drop(conn);
    let same_browser = browser.is_some_and(|browser| bool::from(browser.hash().ct_eq(&signin.browser_hash)));
    if !signin.is_live || !same_browser {
        return Err(invalid());
    }
    let code = code.ok_or_else(invalid)?;
    let secrets = SigninSecrets { state: state.to_owned(), nonce: signin.nonce, pkce_verifier: signin.pkce_verifier };
    let identity = ctx.idp.exchange(code, &secrets, now).await.map_err(refused_or_outage)?;
    let person = identity.person.clone().ok_or_else(|| Error::refused(Reason::NoEmployeeId))?;

    let mut tx = ctx.db.begin().await?;
    if let Some(old) = &caller.session {
        set_session_ended(&mut tx, old.session_id, EndCause::Replaced).await?;
    }
    let secret = admit(&mut tx, ctx, person, &identity).await?;
    tx.commit().await?;
    Ok((secret, signin.return_to))
}

/// Records the sign-in and begins a session: always a new secret, whatever the browser had before.
async fn admit(
    conn: &mut PgConnection,
    ctx: &Context,
    person: PersonId,
    identity: &Identity,
) -> Result<BrowserSecret, Error> {
    let account = account_of(&identity.iss, &identity.sub);
    persons::lock_meeting(conn, &person).await?;
    let known = persons::lock_account(conn, &account).await?;
    if known.as_ref().is_some_and(|(owner, _)| *owner != person) {
        tracing::error!(target: "people", %person, %account, "an account came back with another employee id");
        return Err(Error::refused(Reason::SigninInvalid));
    }
    let met = if persons::find_person(conn, &person).await? {
        None
    } else {
        let owner = person.as_str();
        let name = audit::seal(conn, ctx, owner, &identity.name).await?;
        let email = audit::seal(conn, ctx, owner, identity.email.as_deref().unwrap_or_default()).await?;
        Some(PersonMet { person: person.clone(), name, email })
    };
    let permit = permit_sign_in(SignIn {
        person: person.clone(),
        account: account.clone(),
        met,
        known_roles: known.map(|(_, roles)| roles),
        roles: roles_of(ctx, &identity.groups),
    });
    audit::commit(conn, ctx, &Actor::Person { id: person.clone() }, permit).await?;

    let now = ctx.now(conn).await?;
    facts::set_profile(conn, &person, &identity.name, identity.email.as_deref(), now).await?;
    let token = identity.refresh_token.as_ref().map(|token| token_box::seal(ctx, &account, token)).transpose()?;
    facts::set_facts(conn, &account, now, token.as_deref()).await?;
    let random = ctx.entropy.split("people.session");
    let secret = BrowserSecret::new(random.bytes());
    insert_session(conn, random.uuid_v4(), &secret.hash(), &person, &account).await?;
    Ok(secret)
}

fn refused_or_outage(error: OidcError) -> Error {
    if error.is_outage() {
        return upstream(error);
    }
    tracing::warn!(target: "people", error = crate::error::chain(&error), "a sign-in was not believed");
    Error::refused(Reason::SigninInvalid)
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
