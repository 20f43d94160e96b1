//! What an ID token says, once it is believed.

use super::{OidcError, Provider};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use gatehouse_domain::PersonId;
use gatehouse_domain::personal::is_showable;
use openidconnect::core::{CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJwsSigningAlgorithm};
use openidconnect::{AccessToken, AccessTokenHash, ClaimsVerificationError, Nonce};
use secrecy::SecretString;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;

/// More groups than this is a provider gone wrong, or an attack on the table they are stored in.
const MAX_GROUPS: usize = 1_000;
const MAX_TEXT: usize = 200;
/// How far the provider's clock may be before the database's. Nothing is allowed for at the other end:
/// an expired token is expired.
const SKEW: Duration = Duration::seconds(60);

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
pub(super) fn verify<'t>(
    token: &'t CoreIdToken,
    verifier: &CoreIdTokenVerifier<'_>,
    nonce: Option<&Nonce>,
) -> Result<&'t CoreIdTokenClaims, ClaimsVerificationError> {
    match nonce {
        Some(nonce) => token.claims(verifier, nonce),
        None => token.claims(verifier, |_: Option<&Nonce>| Ok(())),
    }
}

/// The access token beside the ID token is the one that it was made with, where it names one.
pub(super) fn verify_access_hash(
    token: &CoreIdToken,
    claims: &CoreIdTokenClaims,
    verifier: &CoreIdTokenVerifier<'_>,
    access: &AccessToken,
) -> Result<(), OidcError> {
    let Some(said) = claims.access_token_hash() else { return Ok(()) };
    let made = token.signing_alg().ok().zip(token.signing_key(verifier).ok());
    let made = made.and_then(|(alg, key)| AccessTokenHash::from_token(access, alg, key).ok());
    if made.as_ref() == Some(said) {
        Ok(())
    } else {
        Err(OidcError::claim("access_hash", "the ID token was made with another access token"))
    }
}

/// What is wrong with a token response that the library cannot read.
pub(super) fn why_unreadable(body: &[u8]) -> OidcError {
    #[derive(Deserialize)]
    struct Answer {
        id_token: String,
    }
    let Ok(answer) = serde_json::from_slice::<Answer>(body) else { return OidcError::Unreadable };
    let wrong =
        RawClaims::of_compact(&answer.id_token).and_then(|claims| claims.sub().map(drop).and(claims.complete()));
    wrong.err().unwrap_or(OidcError::claim("id_token", "the ID token is not of the right form"))
}

/// The claims by name, because two of the names are configuration.
pub(super) struct RawClaims(Map<String, Value>);

impl RawClaims {
    /// Reads the payload again as plain JSON. Only for a token that [`verify`] accepted.
    pub(super) fn of_verified(token: &CoreIdToken) -> Result<Self, OidcError> {
        Self::of_compact(&token.to_string())
    }

    fn of_compact(compact: &str) -> Result<Self, OidcError> {
        let payload = compact.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
        let read = payload.map(|bytes| serde_json::from_slice::<Once>(&bytes));
        match read {
            Some(Ok(Once(claims))) => Ok(Self(claims)),
            Some(Err(error)) if error.to_string().starts_with(TWICE) => {
                Err(OidcError::claim("claim_twice", "the ID token makes a claim twice"))
            }
            _ => Err(OidcError::claim("id_token", "the ID token's payload is not a JSON object")),
        }
    }

    /// What the library asks for too, named here so that the log can say which was missing.
    fn complete(&self) -> Result<(), OidcError> {
        for (claim, check) in [("iss", "issuer"), ("aud", "audience"), ("exp", "expiry"), ("iat", "issued_at")] {
            if !self.0.contains_key(claim) {
                return Err(OidcError::claim(check, "a claim that must be there is missing in the ID token"));
            }
        }
        Ok(())
    }

    /// What the library leaves to its caller: who asked for the token, and from when on it is good.
    pub(super) fn judge(&self, client_id: &str, now: DateTime<Utc>) -> Result<(), OidcError> {
        if self.0.get("azp").is_some_and(|party| party.as_str() != Some(client_id)) {
            return Err(OidcError::claim("authorized_party", "the ID token was made for another client"));
        }
        let latest = (now + SKEW).timestamp();
        let is_later = |claim: &str| match self.0.get(claim) {
            Some(at) => at.as_f64().is_none_or(|at| at > latest as f64),
            None => false,
        };
        if is_later("iat") {
            return Err(OidcError::claim("issued_at", "the ID token is from the future"));
        }
        if is_later("nbf") {
            return Err(OidcError::claim("not_before", "the ID token is not good yet"));
        }
        Ok(())
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.0.get(claim).and_then(Value::as_str)
    }

    pub(super) fn sub(&self) -> Result<&str, OidcError> {
        self.text("sub")
            .filter(|sub| (1..=255).contains(&sub.len()))
            .ok_or(OidcError::claim("subject", "the ID token has no usable subject"))
    }

    /// A list of names, or nothing. A provider that says it in any other way is not one that was configured
    /// well, and guessing at roles is not for us.
    pub(super) fn groups(&self, claim: &str) -> Result<BTreeSet<String>, OidcError> {
        let malformed = || OidcError::claim("groups", "the groups are not a list of names");
        match self.0.get(claim) {
            None | Some(Value::Null) => Ok(BTreeSet::new()),
            Some(Value::Array(items)) if items.len() <= MAX_GROUPS => {
                let names = items.iter().map(|item| item.as_str().ok_or_else(malformed));
                let names = names.collect::<Result<Vec<_>, _>>()?;
                Ok(names.into_iter().filter(|name| (1..=MAX_TEXT).contains(&name.len())).map(str::to_owned).collect())
            }
            Some(_) => Err(malformed()),
        }
    }

    /// The employee id as it stands, or none.
    pub(super) fn person(&self, claim: &str) -> Option<PersonId> {
        self.text(claim).and_then(|id| id.parse().ok())
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
        let person = self.person(&provider.employee_id_claim);
        let fallback = person.as_ref().map_or("(no name)", PersonId::as_str);
        Ok(Identity {
            iss: self.text("iss").unwrap_or_default().to_owned(),
            sub: self.sub()?.to_owned(),
            name: shown("name").unwrap_or(fallback).replace('\n', " "),
            email: shown("email").map(str::to_owned),
            groups: self.groups(&provider.groups_claim)?,
            refresh_token,
            person,
        })
    }
}

/// A JSON object in which every name stands once. A parser keeps one of two, and another the other: what
/// the provider signed would not be what we read.
struct Once(Map<String, Value>);

const TWICE: &str = "claimed twice";

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Once;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Once, A::Error> {
                let mut claims = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if claims.insert(name, value).is_some() {
                        return Err(A::Error::custom(TWICE));
                    }
                }
                Ok(Once(claims))
            }
        }
        deserializer.deserialize_map(Read)
    }
}
