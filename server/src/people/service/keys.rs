//! The caller's keys, and whether they may enrol one more.

use super::read_signer;
use crate::context::Context;
use crate::error::Error;
use crate::people::session::SignedIn;
use crate::people::store::keys::{KeyRecord, list_keys};
use gatehouse_app::people::shape::{KeyRow, KeysView};
use gatehouse_app::shape::Availability;
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::webauthn::PublicKey;
use gatehouse_domain::{PersonId, Reason};

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
    let reasons = if signer.is_admitted { vec![] } else { vec![ReasonView::from(&Reason::NotAdmitted)] };
    Ok(KeysView {
        keys: all.iter().map(row).collect(),
        enrol: Availability { reasons },
        needs_founder_code: !has_key && !super::enrol::admits_first_keys(ctx),
        needs_first_key: has_key,
        as_of: ctx.now(&mut conn).await?,
    })
}

fn row(key: &KeyRecord) -> KeyRow {
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
    }
}
