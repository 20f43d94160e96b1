#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use axum::extract::{Form, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use openidconnect::PrivateSigningKey as _;
use openidconnect::core::{CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Mutex;

/// Made for these tests; signs nothing else.
const RSA: &str = include_str!("tests.pem");
const CODE: Answer<'_> = Answer { code: "code", iss: None };
const NOW: &str = "2026-11-22T10:00:00Z";

/// A provider that answers whatever a test tells it to, which an honest one (the twin's) would not.
#[derive(Default)]
struct Lying {
    key_id: Mutex<String>,
    answer: Mutex<Value>,
    form: Mutex<HashMap<String, String>>,
    discoveries: Mutex<u32>,
    location: Mutex<Option<String>>,
}

struct Stage {
    provider: Arc<Lying>,
    issuer: String,
    client: OidcClient,
}

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn secrets() -> SigninSecrets {
    SigninSecrets { state: "s".repeat(43), nonce: "n".repeat(43), pkce_verifier: "v".repeat(43) }
}

fn key(id: &str) -> CoreRsaPrivateSigningKey {
    CoreRsaPrivateSigningKey::from_pem(RSA, Some(openidconnect::JsonWebKeyId::new(id.to_owned()))).unwrap()
}

async fn stage() -> Stage {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let provider = Arc::new(Lying { key_id: Mutex::new("k1".into()), ..Lying::default() });
    let metadata = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    let app = Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(move |State(p): State<Arc<Lying>>| async move {
                *p.discoveries.lock().unwrap() += 1;
                Json(metadata)
            }),
        )
        .route(
            "/jwks",
            get(|State(p): State<Arc<Lying>>| async move {
                Json(json!({"keys": [key(&p.key_id.lock().unwrap()).as_verification_key()]}))
            }),
        )
        .route(
            "/token",
            post(|State(p): State<Arc<Lying>>, Form(form): Form<HashMap<String, String>>| async move {
                *p.form.lock().unwrap() = form;
                let status = if p.location.lock().unwrap().is_some() {
                    302
                } else if p.answer.lock().unwrap().get("error").is_some() {
                    400
                } else {
                    200
                };
                let location = p.location.lock().unwrap().clone().unwrap_or_default();
                (
                    axum::http::StatusCode::from_u16(status).unwrap(),
                    [("location", location)],
                    Json(p.answer.lock().unwrap().clone()),
                )
            }),
        )
        .with_state(Arc::clone(&provider));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let client = OidcClient::new(Provider {
        issuer: issuer.clone(),
        client_id: "gatehouse".into(),
        client_secret: "secret".into(),
        redirect: "http://localhost:8080/auth/callback".parse().unwrap(),
        employee_id_claim: "employee_id".into(),
        groups_claim: "groups".into(),
        other_hosts: vec![],
        answer_within: std::time::Duration::from_secs(10),
    })
    .unwrap();
    Stage { provider, issuer, client }
}

impl Stage {
    fn claims(&self) -> Value {
        json!({
            "iss": self.issuer, "sub": "u-1001", "aud": "gatehouse", "nonce": "n".repeat(43),
            "iat": now().timestamp(), "exp": now().timestamp() + 300,
            "name": "Asha Rao", "email": "asha@altscore.example", "employee_id": "E-1001",
            "groups": ["altscore-engineers", "altscore-oncall"],
        })
    }

    fn with(&self, claim: &str, value: Value) -> Value {
        let mut claims = self.claims();
        claims[claim] = value;
        claims
    }

    fn token(&self, alg: &str, kid: &str, claims: &Value) -> String {
        let header = json!({"alg": alg, "kid": kid, "typ": "JWT"});
        let signed = format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims.to_string()));
        let signature = key(kid).sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, signed.as_bytes()).unwrap();
        format!("{signed}.{}", B64.encode(signature))
    }

    fn answer_with(&self, id_token: Option<String>) {
        *self.provider.answer.lock().unwrap() = json!({
            "access_token": "a", "token_type": "Bearer", "expires_in": 300, "refresh_token": "r1", "id_token": id_token,
        });
    }

    async fn exchange(&self, claims: &Value) -> Result<Identity, OidcError> {
        self.answer_with(Some(self.token("RS256", "k1", claims)));
        self.client.exchange(CODE, &secrets(), now()).await
    }
}

#[tokio::test]
async fn the_browser_is_sent_with_pkce_state_and_nonce() {
    let stage = stage().await;
    let url = stage.client.authorize_url(&secrets(), now()).await.unwrap();
    let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["code_challenge_method"], "S256");
    assert_ne!(query["code_challenge"], secrets().pkce_verifier);
    assert_eq!((query["state"].clone(), query["nonce"].clone()), (secrets().state, secrets().nonce));
    assert_eq!(query["scope"], "openid profile email offline_access");
    assert_eq!(query["redirect_uri"], "http://localhost:8080/auth/callback");
}

#[tokio::test]
async fn a_verified_token_becomes_an_identity() {
    let stage = stage().await;
    let identity = stage.exchange(&stage.claims()).await.unwrap();
    assert_eq!(identity.person.unwrap().as_str(), "E-1001");
    assert_eq!((identity.iss, identity.sub), (stage.issuer.clone(), "u-1001".into()));
    assert_eq!((identity.name.as_str(), identity.email.as_deref()), ("Asha Rao", Some("asha@altscore.example")));
    assert_eq!(identity.groups.len(), 2);
    assert_eq!(identity.refresh_token.unwrap().expose_secret(), "r1");
    let form = stage.provider.form.lock().unwrap().clone();
    assert_eq!(
        (form["code_verifier"].clone(), form["grant_type"].as_str()),
        (secrets().pkce_verifier, "authorization_code")
    );
}

#[tokio::test]
async fn tokens_that_must_not_be_believed_are_not() {
    let stage = stage().await;
    for (claim, value) in [
        ("iss", json!("http://127.0.0.1:1")),
        ("aud", json!("another-client")),
        ("aud", json!(["gatehouse", "another-client"])),
        ("exp", json!(now().timestamp() - 1)),
        ("nonce", json!("x".repeat(43))),
        ("nonce", Value::Null),
    ] {
        let refused = stage.exchange(&stage.with(claim, value.clone())).await;
        assert!(matches!(refused, Err(OidcError::Token(_))), "{claim} {value}: {refused:?}");
    }
    // No signature, a shared secret's, a hash that was not signed, a key we do not know, a broken signature.
    let good = stage.token("RS256", "k1", &stage.claims());
    let mut broken = good.clone();
    broken.truncate(good.len() - 8);
    for token in [
        stage.token("none", "k1", &stage.claims()),
        stage.token("HS256", "k1", &stage.claims()),
        stage.token("RS512", "k1", &stage.claims()),
        stage.token("RS256", "k9", &stage.claims()),
        format!("{broken}AAAAAAAA"),
    ] {
        stage.answer_with(Some(token));
        let refused = stage.client.exchange(CODE, &secrets(), now()).await;
        assert!(matches!(refused, Err(OidcError::Token(_) | OidcError::Unreadable)), "{refused:?}");
    }
    stage.answer_with(None);
    assert!(matches!(stage.client.exchange(CODE, &secrets(), now()).await, Err(OidcError::Claim { .. })));
}

#[tokio::test]
async fn an_employee_id_is_taken_exactly_or_not_at_all() {
    let stage = stage().await;
    for bad in [
        json!("E-1001 "),
        json!(" E-1001"),
        json!("\u{415}-1001"),
        json!("E\u{200b}-1001"),
        json!(1001),
        json!(["E-1001"]),
        json!(""),
        Value::Null,
    ] {
        let identity = stage.exchange(&stage.with("employee_id", bad.clone())).await.unwrap();
        assert_eq!(identity.person, None, "{bad}");
    }
    let lower = stage.exchange(&stage.with("employee_id", json!("e-1001"))).await.unwrap();
    assert_eq!(lower.person.unwrap().as_str(), "e-1001");
}

#[tokio::test]
async fn names_that_could_lie_are_not_shown_and_groups_are_a_list_of_names() {
    let stage = stage().await;
    let identity = stage.exchange(&stage.with("name", json!("Asha\u{202e}oaR"))).await.unwrap();
    assert_eq!(identity.name, "E-1001");
    for (groups, count) in [(json!(["one", "two", ""]), 2), (json!([]), 0), (Value::Null, 0)] {
        let identity = stage.exchange(&stage.with("groups", groups.clone())).await.unwrap();
        assert_eq!(identity.groups.len(), count, "{groups}");
    }
    for groups in [json!("one"), json!([1, "two"]), json!({"a": "b"}), json!(vec!["g"; 1_001])] {
        let refused = stage.exchange(&stage.with("groups", groups.clone())).await.unwrap_err();
        assert_eq!(refused.check(), "groups", "{groups}");
    }
}

#[tokio::test]
async fn a_refresh_tells_the_groups_and_whose_they_are() {
    let stage = stage().await;
    let token = SecretString::from("r0");
    let refresh = || stage.client.refresh(&token, now());
    stage.answer_with(Some(stage.token("RS256", "k1", &stage.with("groups", json!(["altscore-oncall"])))));
    let facts = refresh().await.unwrap();
    assert_eq!((facts.iss.as_str(), facts.sub.as_str()), (stage.issuer.as_str(), "u-1001"));
    assert_eq!(facts.groups, BTreeSet::from(["altscore-oncall".to_owned()]));
    assert_eq!(stage.provider.form.lock().unwrap()["refresh_token"], "r0");
    stage.answer_with(Some(stage.token("RS256", "k1", &stage.with("sub", json!("u-1002")))));
    assert_eq!(refresh().await.unwrap().sub, "u-1002", "the caller sees whom it is about");
    stage.answer_with(Some(stage.token("RS256", "k1", &stage.with("sub", json!("")))));
    assert!(matches!(refresh().await, Err(OidcError::Claim { .. })));
    *stage.provider.answer.lock().unwrap() = json!({"error": "invalid_grant", "error_description": "secret detail"});
    let refused = refresh().await.unwrap_err();
    assert!(matches!(&refused, OidcError::Refused(code) if code == "invalid_grant"), "{refused:?}");
    assert!(!refused.is_outage() && refused.is_taken_back());
    *stage.provider.answer.lock().unwrap() = json!({"error": "invalid_client"});
    assert!(!refresh().await.unwrap_err().is_taken_back(), "our own wrong secret takes nothing from anybody");
    *stage.provider.answer.lock().unwrap() = json!("<html>");
    assert!(refresh().await.unwrap_err().is_outage());
}

#[tokio::test]
async fn keys_may_rotate_and_an_unknown_key_does_not_make_us_ask_for_ever() {
    let stage = stage().await;
    stage.exchange(&stage.claims()).await.unwrap();
    *stage.provider.key_id.lock().unwrap() = "k2".into();
    stage.answer_with(Some(stage.token("RS256", "k2", &stage.claims())));
    // Too soon to ask again; then asked, and known.
    assert!(stage.client.exchange(CODE, &secrets(), now() + Duration::seconds(29)).await.is_err());
    assert_eq!(*stage.provider.discoveries.lock().unwrap(), 1);
    stage.client.exchange(CODE, &secrets(), now() + Duration::seconds(31)).await.unwrap();
    assert_eq!(*stage.provider.discoveries.lock().unwrap(), 2);
}

#[tokio::test]
async fn a_provider_that_is_down_or_sends_us_elsewhere_is_an_outage_or_a_refusal() {
    let stage = stage().await;
    let nobody =
        OidcClient::new(Provider { issuer: "http://127.0.0.1:9".into(), ..stage.client.provider.clone() }).unwrap();
    assert!(nobody.authorize_url(&secrets(), now()).await.unwrap_err().is_outage());
    // Another issuer's document under this address.
    let other =
        OidcClient::new(Provider { issuer: format!("{}/", stage.issuer), ..stage.client.provider.clone() }).unwrap();
    assert!(matches!(other.authorize_url(&secrets(), now()).await, Err(OidcError::Discovery(_))));
    // The client secret must not follow a redirect.
    *stage.provider.location.lock().unwrap() = Some(format!("{}/elsewhere", stage.issuer));
    assert!(stage.exchange(&stage.claims()).await.is_err());
}
