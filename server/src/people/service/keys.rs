//! The caller's keys, and whether they may enrol one more.

use super::people::{endorsers, person_view, stand_status};
use super::read_signer;
use crate::context::Context;
use crate::error::Error;
use crate::people::gained::admits_by_itself;
use crate::people::session::SignedIn;
use crate::people::signers::names;
use crate::people::store::keys::{KeyRecord, list_keys};
use crate::people::store::requests::list_requests_of;
use gatehouse_app::people::shape::{KeyRow, KeysView, WaitView};
use gatehouse_app::shape::{Availability, Status};
use gatehouse_domain::people::request::{REQUEST_LIFETIME, Request, Wanted};
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::tone::Tone;
use gatehouse_domain::webauthn::PublicKey;
use gatehouse_domain::words::six_words;
use gatehouse_domain::{DateTime, PersonId, Reason, Utc};
use std::collections::BTreeMap;

/// The keys page.
///
/// # Errors
/// When the database refuses.
pub async fn keys(ctx: &Context, who: &SignedIn) -> Result<KeysView, Error> {
    keys_of(ctx, &who.person).await
}

/// The same for whoever may read in this person's name.
pub(in crate::people) async fn keys_of(ctx: &Context, person: &PersonId) -> Result<KeysView, Error> {
    let mut conn = ctx.db.acquire().await?;
    let signer = read_signer(&mut conn, ctx, person).await?;
    let all = list_keys(&mut conn, person).await?;
    let has_key = !signer.active_keys.is_empty();
    let now = ctx.now(&mut conn).await?;
    let requests = list_requests_of(&mut conn, person).await?;
    let names = names(&mut conn, &endorsers(&requests)).await?;
    let mut reasons = Vec::new();
    if !signer.is_admitted {
        reasons.push(ReasonView::from(&Reason::NotAdmitted));
    } else if !has_key && requests.iter().any(|r| matches!(r.wanted, Wanted::Key { .. }) && r.is_open(now)) {
        reasons.push(ReasonView::from(&Reason::RequestOpen));
    }
    Ok(KeysView {
        keys: all.iter().map(|key| row(key, &requests, &names, now)).collect(),
        enrol: Availability { reasons },
        needs_endorsement: !has_key && !admits_by_itself(ctx),
        needs_first_key: has_key,
        as_of: now,
    })
}

fn row(key: &KeyRecord, requests: &[Request], names: &BTreeMap<PersonId, String>, now: DateTime<Utc>) -> KeyRow {
    let request = requests.iter().find(|request| key.request.as_ref() == Some(request.wanted.request()));
    let status = match request {
        // A key that counted and was revoked later; its request knows nothing of that.
        Some(request) if request.ended.is_none() && key.revoked_at.is_some() => Status::new("Revoked", Tone::Neutral),
        Some(request) => stand_status(request.stand(now)),
        None if key.revoked_at.is_some() => Status::new("Revoked", Tone::Neutral),
        None => Status::new("Active", Tone::Ok),
    };
    KeyRow {
        id: key.key.to_string(),
        name: key.label.clone(),
        algorithm: match key.credential.public_key {
            PublicKey::Es256 { .. } => "ES256",
            PublicKey::Ed25519 { .. } => "EdDSA",
        }
        .to_owned(),
        enrolled_at: key.enrolled_at,
        last_used_at: key.used_at,
        revoked_at: key.revoked_at,
        status,
        waits: request.filter(|r| r.is_open(now) && key.revoked_at.is_none()).map(|r| wait(r, names)),
    }
}

fn wait(request: &Request, names: &BTreeMap<PersonId, String>) -> WaitView {
    WaitView {
        request: request.wanted.request().to_string(),
        endorsed_by: request.endorsements.iter().map(|e| person_view(&e.endorser, names)).collect(),
        counts_from: request.counts_from,
        expires_at: request.asked_at + REQUEST_LIFETIME,
        six_words: six_words(&request.digest).map(str::to_owned).to_vec(),
    }
}
