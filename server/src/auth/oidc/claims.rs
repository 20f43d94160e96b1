//! What an ID token says, once it is believed.

use super::{OidcError, Provider};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatehouse_domain::PersonId;
use gatehouse_domain::personal::is_showable;
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm};
use openidconnect::{ClaimsVerificationError, Nonce};
use secrecy::SecretString;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// More groups than this is a provider gone wrong, or an attack on the table they are stored in.
const MAX_GROUPS: usize = 1_000;
const MAX_TEXT: usize = 200;

/// Somebody, as the identity provider knows them.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The provider.
    pub iss: String,
    /// The account there.
    pub sub: String,
    /// The employee id; without one, nobody signs in.
    pub person: Option<PersonId>,
    /// For showing.
    pub name: String,
    /// For showing.
    pub email: Option<String>,
    /// Every group, ours or not.
    pub groups: BTreeSet<String>,
    /// To ask again with.
    pub refresh_token: Option<SecretString>,
}

/// Asymmetric, and every provider has one of them.
pub(super) fn allowed_algs() -> [CoreJwsSigningAlgorithm; 2] {
    [CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreJwsSigningAlgorithm::EcdsaP256Sha256]
}

/// Issuer, audience, expiry, signature, and the nonce where one was sent.
pub(super) fn verify(
    token: &CoreIdToken,
    verifier: CoreIdTokenVerifier<'_>,
    nonce: Option<&Nonce>,
) -> Result<(), ClaimsVerificationError> {
    match nonce {
        Some(nonce) => token.claims(&verifier, nonce).map(drop),
        None => token.claims(&verifier, |_: Option<&Nonce>| Ok(())).map(drop),
    }
}

/// The claims by name, because two of the names are configuration.
pub(super) struct RawClaims(Map<String, Value>);

impl RawClaims {
    /// Reads the payload again as plain JSON. Only for a token that [`verify`] accepted.
    pub(super) fn of_verified(token: &CoreIdToken) -> Result<Self, OidcError> {
        let compact = token.to_string();
        let payload = compact.split('.').nth(1).unwrap_or_default();
        URL_SAFE_NO_PAD
            .decode(payload)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .map(Self)
            .ok_or_else(|| OidcError::Claims("the ID token's payload is not a JSON object".to_owned()))
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.0.get(claim).and_then(Value::as_str)
    }

    pub(super) fn sub(&self) -> Result<&str, OidcError> {
        self.text("sub")
            .filter(|sub| (1..=255).contains(&sub.len()))
            .ok_or_else(|| OidcError::Claims("the ID token has no usable subject".to_owned()))
    }

    /// A list, or one group as a bare string; anything else is no group.
    pub(super) fn groups(&self, claim: &str) -> BTreeSet<String> {
        let one = |value: &Value| value.as_str().filter(|g| (1..=MAX_TEXT).contains(&g.len())).map(str::to_owned);
        match self.0.get(claim) {
            Some(Value::Array(items)) => items.iter().take(MAX_GROUPS).filter_map(one).collect(),
            Some(value) => one(value).into_iter().collect(),
            None => BTreeSet::new(),
        }
    }

    pub(super) fn identity(
        &self,
        provider: &Provider,
        refresh_token: Option<SecretString>,
    ) -> Result<Identity, OidcError> {
        // A name that could hide or turn text is not shown; the ids are plain ASCII or not there.
        let shown = |claim: &str| {
            self.text(claim).map(str::trim).filter(|t| (1..=MAX_TEXT).contains(&t.len()) && is_showable(t))
        };
        let person = self.text(&provider.employee_id_claim).and_then(|id| id.parse::<PersonId>().ok());
        let fallback = person.as_ref().map_or("(no name)", PersonId::as_str);
        Ok(Identity {
            iss: self.text("iss").unwrap_or_default().to_owned(),
            sub: self.sub()?.to_owned(),
            name: shown("name").unwrap_or(fallback).replace('\n', " "),
            email: shown("email").map(str::to_owned),
            groups: self.groups(&provider.groups_claim),
            refresh_token,
            person,
        })
    }
}
