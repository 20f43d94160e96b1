//! Personal text, sealed for the log with a key of its owner.

use super::store;
use crate::context::Context;
use crate::error::Error;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use gatehouse_domain::personal::{Personal, SealRandomness};
use sqlx::PgConnection;

const WRAP_TAG: &str = "gatehouse.person-key.v1";
const NONCE: usize = 24;

/// Seals `text` for `owner`, whose key is made on first use.
///
/// # Errors
/// When the database refuses, or the stored key does not open with the portal's `personal_data_key`.
pub async fn seal(conn: &mut PgConnection, ctx: &Context, owner: &str, text: &str) -> Result<Personal, Error> {
    let key = match store::find_person_key(conn, owner).await? {
        Some(wrapped) => unwrap(ctx, owner, &wrapped)?,
        None => {
            let fresh = wrap(ctx, owner, &ctx.entropy.split("audit.person_key").bytes())?;
            // Two replicas may meet a person at once: whoever comes second takes the first one's key.
            unwrap(ctx, owner, &store::insert_person_key(conn, owner, &fresh).await?)?
        }
    };
    let random = ctx.entropy.split("audit.seal");
    let random = SealRandomness { salt: random.bytes(), nonce: random.bytes() };
    Personal::seal(owner, &key, text, &random).map_err(Error::internal)
}

/// Opens sealed text; `None` when its owner's key was destroyed.
///
/// # Errors
/// When the database refuses, or the blob was altered.
pub async fn open(conn: &mut PgConnection, ctx: &Context, sealed: &Personal) -> Result<Option<String>, Error> {
    match store::find_person_key(conn, &sealed.owner).await? {
        Some(wrapped) => sealed.open(&unwrap(ctx, &sealed.owner, &wrapped)?).map(Some).map_err(Error::internal),
        None => Ok(None),
    }
}

fn cipher(ctx: &Context) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(ctx.config.secrets.personal_data_key.expose().into())
}

/// The owner is bound in, so that one person's row cannot be copied over another's.
fn aad(owner: &str) -> Vec<u8> {
    [WRAP_TAG.as_bytes(), b"\0", owner.as_bytes()].concat()
}

fn wrap(ctx: &Context, owner: &str, key: &[u8; 32]) -> Result<Vec<u8>, Error> {
    let nonce: [u8; NONCE] = ctx.entropy.split("audit.wrap").bytes();
    let aad = aad(owner);
    let sealed = cipher(ctx)
        .encrypt(&XNonce::from(nonce), Payload { msg: key, aad: &aad })
        .map_err(|_| Error::internal("a person's key could not be wrapped"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn unwrap(ctx: &Context, owner: &str, wrapped: &[u8]) -> Result<[u8; 32], Error> {
    let broken = || Error::internal("a person's key does not open with secrets.personal_data_key");
    let (nonce, sealed) = wrapped.split_first_chunk::<NONCE>().ok_or_else(broken)?;
    let aad = aad(owner);
    let key = cipher(ctx).decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &aad }).map_err(|_| broken())?;
    key.try_into().map_err(|_| broken())
}
