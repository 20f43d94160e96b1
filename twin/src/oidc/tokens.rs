//! What does the provider say about somebody? Claims, the signed ID token, and the published key.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Grant;
use super::lies::{self, Lie};
use crate::value::with;
use crate::world::{CLIENT_ID, Person};

const KEY: &[u8] = include_bytes!("../../fixtures/oidc.key.pem");
const KEY_ID: &str = "twin-1";

/// How long an ID token and its access token live.
pub(super) const LIFETIME: TimeDelta = TimeDelta::minutes(5);

fn key() -> anyhow::Result<EncodingKey> {
    Ok(EncodingKey::from_rsa_pem(KEY)?)
}

/// The published keys.
pub(super) fn jwks() -> anyhow::Result<Value> {
    let mut key = Jwk::from_encoding_key(&key()?, Algorithm::RS256)?;
    key.common.key_id = Some(KEY_ID.to_owned());
    let key = with(serde_json::to_value(key)?, json!({ "use": "sig" }));
    Ok(json!({ "keys": [key] }))
}

/// What is said about a person, in the ID token and at user info alike.
pub(super) fn claims(person: &Person) -> Value {
    let claims = json!({
        "sub": person.sub,
        "name": person.name,
        "email": person.email,
        "email_verified": true,
        "groups": person.groups,
        "preferred_username": person.login.clone().unwrap_or_else(|| person.sub.clone()),
    });
    match &person.employee {
        Some(employee) => with(claims, json!({ "employee_id": employee })),
        None => claims,
    }
}

/// What an ID token is made from.
pub(super) struct About<'a> {
    pub issuer: &'a str,
    pub person: &'a Person,
    pub grant: &'a Grant,
    pub nonce: Option<&'a str>,
    pub access_token: &'a str,
    pub now: DateTime<Utc>,
}

pub(super) fn id_token(about: &About<'_>, lie: Option<Lie>, client_secret: &str) -> anyhow::Result<String> {
    let About { issuer, person, grant, nonce, access_token, now } = *about;
    let digest = Sha256::digest(access_token);
    let about_the_token = json!({
        "iss": issuer,
        "aud": CLIENT_ID,
        "azp": CLIENT_ID,
        "iat": now.timestamp(),
        "exp": (now + LIFETIME).timestamp(),
        "auth_time": grant.auth_time.timestamp(),
        "at_hash": BASE64.encode(digest.get(..16).unwrap_or_default()),
    });
    let mut claims = with(claims(person), about_the_token);
    if let Some(nonce) = nonce {
        claims = with(claims, json!({ "nonce": nonce }));
    }
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": KEY_ID });
    lies::id_token(lie, header, claims, KEY, client_secret)
}
