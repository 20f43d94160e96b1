//! What would a malicious identity provider, or somebody between it and us, say? One lie at a time, by name.
//!
//! A lie changes one thing of an answer that is honest otherwise, so that a portal that refuses it refuses it for that
//! one reason. The provider goes on lying until it is told to be honest.

use axum::body::Body;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use http::{HeaderValue, header};
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use std::time::Duration;

/// Signs for nobody that the provider's key set names.
const ANOTHER_KEY: &[u8] = include_bytes!("../../fixtures/github-app.key.pem");
const PUBLIC_KEY: &[u8] = include_bytes!("../../fixtures/oidc.pub.pem");
const HOUR: i64 = 3600;
const TEN_MEGABYTES: usize = 10 << 20;
/// Longer than anybody waits at a browser.
const VERY_SLOW: Duration = Duration::from_secs(120);

macro_rules! lies {
    ($($(#[$doc:meta])* $lie:ident = $name:literal,)*) => {
        /// One thing that is not as it should be.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Lie { $($(#[$doc])* $lie,)* }

        impl Lie {
            /// Every lie there is.
            pub const ALL: &'static [Self] = &[$(Self::$lie),*];

            /// Its name, for the control API.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$lie => $name,)* }
            }
        }
    };
}

lies! {
    /// The ID token's signature is another one.
    SignatureWrong = "signature_wrong",
    /// The ID token ends where its signature should begin.
    SignatureAbsent = "signature_absent",
    /// The header says that nothing was signed.
    AlgorithmNone = "algorithm_none",
    /// Signed with the provider's public key as if it were a shared secret.
    AlgorithmHmacPublicKey = "algorithm_hmac_public_key",
    /// Signed with the client's secret: everybody who knows it could have.
    AlgorithmHmacClientSecret = "algorithm_hmac_client_secret",
    /// A key id that the key set does not name.
    KeyUnknown = "key_unknown",
    /// The right key id, and another key.
    KeyAnother = "key_another",
    /// The key to verify with stands in the token itself.
    KeyEmbedded = "key_embedded",
    /// Another issuer.
    IssuerOther = "issuer_other",
    /// No issuer.
    IssuerAbsent = "issuer_absent",
    /// For another client.
    AudienceOther = "audience_other",
    /// For us and for another client, without saying which of them asked.
    AudienceMany = "audience_many",
    /// Another client asked for it.
    AuthorizedPartyOther = "authorized_party_other",
    /// Expired an hour ago.
    Expired = "expired",
    /// Never expires.
    ExpiryAbsent = "expiry_absent",
    /// Good from an hour from now on.
    NotYetValid = "not_yet_valid",
    /// Issued an hour from now.
    IssuedInFuture = "issued_in_future",
    /// No nonce.
    NonceAbsent = "nonce_absent",
    /// The nonce of another sign-in.
    NonceOther = "nonce_other",
    /// No subject.
    SubjectAbsent = "subject_absent",
    /// An empty subject.
    SubjectBlank = "subject_blank",
    /// No employee id.
    EmployeeAbsent = "employee_absent",
    /// An employee id of one space.
    EmployeeBlank = "employee_blank",
    /// A list of employee ids.
    EmployeeList = "employee_list",
    /// An employee id that is a number.
    EmployeeNumber = "employee_number",
    /// The employee id stands twice: two readers would see two people.
    EmployeeTwice = "employee_twice",
    /// The hash of another access token.
    AccessHashOther = "access_hash_other",
    /// All groups in one text.
    GroupsText = "groups_text",
    /// The code was made for another client.
    CodeOfAnotherClient = "code_of_another_client",
    /// The token endpoint answers with a page.
    TokenPage = "token_page",
    /// The token endpoint answers ten megabytes.
    TokenHuge = "token_huge",
    /// The token endpoint sends the client secret elsewhere.
    TokenRedirects = "token_redirects",
    /// Tokens, but no ID token.
    TokenWithoutIdentity = "token_without_identity",
    /// The state of another sign-in comes back.
    StateOther = "state_other",
    /// The answer says that it is from another provider (RFC 9207).
    AnswerIssuerOther = "answer_issuer_other",
    /// The answer does not say from which provider it is, though the discovery document promises it.
    AnswerIssuerAbsent = "answer_issuer_absent",
    /// The discovery document is another issuer's.
    DiscoveryIssuerOther = "discovery_issuer_other",
    /// The discovery document sends the browser elsewhere.
    DiscoveryAuthorizeElsewhere = "discovery_authorize_elsewhere",
    /// The discovery document sends the client secret elsewhere.
    DiscoveryTokenElsewhere = "discovery_token_elsewhere",
    /// The discovery document names keys elsewhere.
    DiscoveryKeysElsewhere = "discovery_keys_elsewhere",
    /// The discovery document offers PKCE without a hash only.
    DiscoveryPlainPkce = "discovery_plain_pkce",
    /// Ten megabytes of keys.
    KeysHuge = "keys_huge",
    /// Keys that do not come.
    KeysSlow = "keys_slow",
    /// The keys are elsewhere.
    KeysRedirect = "keys_redirect",
    /// A page instead of keys.
    KeysPage = "keys_page",
}

/// Changes the discovery document.
pub(super) fn bend_discovery(lie: Option<Lie>, document: &mut Value) {
    let (member, value) = match lie {
        Some(Lie::DiscoveryIssuerOther) => ("issuer", json!("https://login.evil.test")),
        Some(Lie::DiscoveryAuthorizeElsewhere) => {
            ("authorization_endpoint", json!("https://login.evil.test/authorize"))
        }
        Some(Lie::DiscoveryTokenElsewhere) => ("token_endpoint", json!("http://login.evil.test/token")),
        // Nobody listens there; a client that asks it anyway is told apart by what it says.
        Some(Lie::DiscoveryKeysElsewhere) => ("jwks_uri", json!("http://127.0.0.1:9/jwks")),
        Some(Lie::DiscoveryPlainPkce) => ("code_challenge_methods_supported", json!(["plain"])),
        _ => return,
    };
    set(document, member, value);
}

/// What stands in the way of the key set, if anything.
pub(super) async fn instead_of_keys(lie: Option<Lie>) -> Option<Response> {
    match lie? {
        Lie::KeysHuge => Some(huge("{\"keys\":[],\"x\":\"")),
        Lie::KeysSlow => {
            tokio::time::sleep(VERY_SLOW).await;
            None
        }
        Lie::KeysRedirect => Some(Redirect::temporary("/moved/jwks").into_response()),
        Lie::KeysPage => Some(page()),
        _ => None,
    }
}

/// What stands in the way of a token response, if anything.
pub(super) fn instead_of_tokens(lie: Option<Lie>) -> Option<Response> {
    match lie? {
        Lie::TokenPage => Some(page()),
        Lie::TokenHuge => Some(huge("{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"x\":\"")),
        Lie::TokenRedirects => Some(Redirect::temporary("/moved/token").into_response()),
        _ => None,
    }
}

/// Changes the token response.
pub(super) fn bend_tokens(lie: Option<Lie>, body: &mut Value) {
    if let (Some(Lie::TokenWithoutIdentity), Some(body)) = (lie, body.as_object_mut()) {
        body.remove("id_token");
    }
}

/// Changes what goes back through the browser.
pub(super) fn bend_answer(lie: Option<Lie>, state: &mut Option<String>, issuer: &mut Option<String>) {
    match lie {
        Some(Lie::StateOther) => *state = Some("c3RhdGUtb2YtYW5vdGhlci1zaWduLWlu".to_owned()),
        Some(Lie::AnswerIssuerOther) => *issuer = Some("https://login.evil.test".to_owned()),
        Some(Lie::AnswerIssuerAbsent) => *issuer = None,
        _ => {}
    }
}

/// The compact ID token: honest, or bent by the lie.
pub(super) fn id_token(
    lie: Option<Lie>,
    mut header: Value,
    mut claims: Value,
    key: &[u8],
    client_secret: &str,
) -> anyhow::Result<String> {
    bend_header(lie, &mut header);
    bend_claims(lie, &mut claims);
    let mut payload = claims.to_string();
    if lie == Some(Lie::EmployeeTwice) {
        payload = payload.replacen('{', "{\"employee_id\":\"E-1002\",", 1);
    }
    let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(payload));
    let rsa = |pem: &[u8]| -> anyhow::Result<String> {
        Ok(sign(signed.as_bytes(), &EncodingKey::from_rsa_pem(pem)?, Algorithm::RS256)?)
    };
    let hmac = |secret: &[u8]| sign(signed.as_bytes(), &EncodingKey::from_secret(secret), Algorithm::HS256);
    let signature = match lie {
        Some(Lie::SignatureAbsent | Lie::AlgorithmNone) => String::new(),
        Some(Lie::SignatureWrong) => BASE64.encode([7; 256]),
        Some(Lie::AlgorithmHmacPublicKey) => hmac(PUBLIC_KEY)?,
        Some(Lie::AlgorithmHmacClientSecret) => hmac(client_secret.as_bytes())?,
        Some(Lie::KeyUnknown | Lie::KeyAnother | Lie::KeyEmbedded) => rsa(ANOTHER_KEY)?,
        _ => rsa(key)?,
    };
    Ok(format!("{signed}.{signature}"))
}

fn bend_header(lie: Option<Lie>, header: &mut Value) {
    match lie {
        Some(Lie::AlgorithmNone) => set(header, "alg", json!("none")),
        Some(Lie::AlgorithmHmacPublicKey | Lie::AlgorithmHmacClientSecret) => set(header, "alg", json!("HS256")),
        Some(Lie::KeyUnknown) => set(header, "kid", json!("twin-9")),
        Some(Lie::KeyEmbedded) => {
            let key = EncodingKey::from_rsa_pem(ANOTHER_KEY)
                .and_then(|key| jsonwebtoken::jwk::Jwk::from_encoding_key(&key, Algorithm::RS256));
            set(header, "jwk", key.ok().and_then(|key| serde_json::to_value(key).ok()).unwrap_or_default());
        }
        _ => {}
    }
}

fn bend_claims(lie: Option<Lie>, claims: &mut Value) {
    let at = |claims: &Value, claim: &str, by: i64| {
        json!(claims.get(claim).and_then(Value::as_i64).unwrap_or_default().saturating_add(by))
    };
    let (claim, value) = match lie {
        Some(Lie::IssuerOther) => ("iss", json!("https://login.evil.test")),
        Some(Lie::AudienceOther) => ("aud", json!("another-client")),
        Some(Lie::AudienceMany) => {
            remove(claims, "azp");
            ("aud", json!(["gatehouse", "another-client"]))
        }
        Some(Lie::AuthorizedPartyOther) => ("azp", json!("another-client")),
        Some(Lie::Expired) => ("exp", at(claims, "iat", -HOUR)),
        Some(Lie::NotYetValid) => ("nbf", at(claims, "iat", HOUR)),
        Some(Lie::IssuedInFuture) => {
            let later = at(claims, "exp", HOUR);
            set(claims, "exp", later);
            ("iat", at(claims, "iat", HOUR))
        }
        Some(Lie::NonceOther) => ("nonce", json!("bm9uY2Utb2YtYW5vdGhlci1zaWduLWlu")),
        Some(Lie::SubjectBlank) => ("sub", json!("")),
        Some(Lie::EmployeeBlank) => ("employee_id", json!(" ")),
        Some(Lie::EmployeeList) => ("employee_id", json!(["E-1001", "E-1002"])),
        Some(Lie::EmployeeNumber) => ("employee_id", json!(1001)),
        Some(Lie::AccessHashOther) => ("at_hash", json!(BASE64.encode([7; 16]))),
        Some(Lie::GroupsText) => ("groups", json!("altscore-engineers altscore-security")),
        Some(Lie::IssuerAbsent) => return remove(claims, "iss"),
        Some(Lie::ExpiryAbsent) => return remove(claims, "exp"),
        Some(Lie::NonceAbsent) => return remove(claims, "nonce"),
        Some(Lie::SubjectAbsent) => return remove(claims, "sub"),
        Some(Lie::EmployeeAbsent) => return remove(claims, "employee_id"),
        _ => return,
    };
    set(claims, claim, value);
}

fn set(object: &mut Value, member: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(member.to_owned(), value);
    }
}

fn remove(object: &mut Value, member: &str) {
    if let Some(object) = object.as_object_mut() {
        object.remove(member);
    }
}

fn page() -> Response {
    ([(header::CONTENT_TYPE, "text/html")], "<!doctype html><title>Sign in</title><p>Please sign in to the network.")
        .into_response()
}

/// Well-formed JSON that does not end for a long time.
fn huge(begin: &'static str) -> Response {
    let body = [begin, &"x".repeat(TEN_MEGABYTES), "\"}"].concat();
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
