//! Refresh tokens at rest: XChaCha20-Poly1305 with `secrets.token_key`, bound to their account, so that
//! one account's token copied into another's row does not open.

use crate::context::Context;
use crate::error::Error;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use gatehouse_domain::Digest;
use secrecy::{ExposeSecret, SecretString};

const NONCE: usize = 24;

/// nonce ‖ ciphertext.
pub(super) fn seal(ctx: &Context, account: &Digest, token: &SecretString) -> Result<Vec<u8>, Error> {
    let nonce: [u8; NONCE] = ctx.entropy.split("people.token").bytes();
    let aad = aad(account);
    let sealed = cipher(ctx)
        .encrypt(&XNonce::from(nonce), Payload { msg: token.expose_secret().as_bytes(), aad: &aad })
        .map_err(|_| Error::internal("a refresh token could not be sealed"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// `None` when it does not open: another key, another account, or altered bytes. The person signs in again.
pub(super) fn open(ctx: &Context, account: &Digest, sealed: &[u8]) -> Option<SecretString> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    let aad = aad(account);
    let clear = cipher(ctx).decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &aad }).ok()?;
    String::from_utf8(clear).ok().map(SecretString::from)
}

fn cipher(ctx: &Context) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(ctx.config.secrets.token_key.expose().into())
}

fn aad(account: &Digest) -> Vec<u8> {
    format!("gatehouse.refresh-token.v1\0{account}").into_bytes()
}
