use std::collections::BTreeMap;

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl,
    Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse, reqwest,
};
use twin::{Clock, Options, Twin};

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

const BACK: &str = "http://localhost:8080/auth/callback";

struct Browser {
    http: reqwest::Client,
    client: Client,
}

/// With the machine's clock: openidconnect judges ID tokens by it.
async fn twin() -> Twin {
    Twin::start(Options { seed: 7, clock: Clock::System, ..Options::default() }).await.unwrap()
}

async fn browser(twin: &Twin) -> Browser {
    let http = reqwest::ClientBuilder::new().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let metadata =
        CoreProviderMetadata::discover_async(IssuerUrl::new(twin.urls().oidc).unwrap(), &http).await.unwrap();
    let secret = ClientSecret::new(twin.secrets().oidc_client);
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new("gatehouse".into()), Some(secret))
        .set_redirect_uri(RedirectUrl::new(BACK.into()).unwrap());
    Browser { http, client }
}

struct Asked {
    url: String,
    verifier: PkceCodeVerifier,
    nonce: Nonce,
}

fn ask(browser: &Browser) -> Asked {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = browser.client.authorize_url(
        CoreAuthenticationFlow::AuthorizationCode,
        || CsrfToken::new("state-1".into()),
        Nonce::new_random,
    );
    let scopes = ["profile", "email", "offline_access"].map(|scope| Scope::new(scope.into()));
    let (url, _, nonce) = flow.add_scopes(scopes).set_pkce_challenge(challenge).url();
    Asked { url: url.into(), verifier, nonce }
}

fn query(url: &str) -> BTreeMap<String, String> {
    url::Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

fn code(url: &str) -> AuthorizationCode {
    AuthorizationCode::new(query(url)["code"].clone())
}

#[tokio::test]
async fn a_browser_signs_in_and_the_client_verifies_the_id_token() {
    let twin = twin().await;
    let browser = browser(&twin).await;
    let asked = ask(&browser);
    let page = browser.http.get(&asked.url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Who do you want to be?") && page.contains("aria-label=\"Asha Rao\""));
    let request = page.split("name=\"request\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let chosen = browser
        .http
        .post(format!("{}/authorize/choose", twin.urls().oidc))
        .form(&[("request", request), ("sub", "u-1001")])
        .send()
        .await
        .unwrap();
    assert_eq!(chosen.status(), 303);
    let back = chosen.headers()["location"].to_str().unwrap().to_owned();
    assert!(back.starts_with(BACK));
    assert_eq!(query(&back)["state"], "state-1");
    let tokens = browser
        .client
        .exchange_code(code(&back))
        .unwrap()
        .set_pkce_verifier(asked.verifier)
        .request_async(&browser.http)
        .await
        .unwrap();
    let claims = tokens.id_token().unwrap().claims(&browser.client.id_token_verifier(), &asked.nonce).unwrap();
    assert_eq!(claims.subject().as_str(), "u-1001");
    assert!(claims.auth_time().is_some() && claims.access_token_hash().is_some());
    let payload = tokens.id_token().unwrap().to_string();
    let payload = payload.split('.').nth(1).unwrap();
    let payload: serde_json::Value =
        serde_json::from_slice(&base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload).unwrap())
            .unwrap();
    assert_eq!(payload["employee_id"], "E-1001");
    assert_eq!(payload["groups"], serde_json::json!(["altscore-engineers", "altscore-oncall"]));

    twin.people().remove_group("u-1001", "altscore-oncall").unwrap();
    let refresh = tokens.refresh_token().unwrap();
    let next = browser.client.exchange_refresh_token(refresh).unwrap().request_async(&browser.http).await.unwrap();
    assert_ne!(next.refresh_token().unwrap().secret(), refresh.secret());
    browser.client.exchange_refresh_token(refresh).unwrap().request_async(&browser.http).await.unwrap_err();
    let info: serde_json::Value = browser
        .http
        .get(format!("{}/userinfo", twin.urls().oidc))
        .bearer_auth(next.access_token().secret())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(info["groups"], serde_json::json!(["altscore-engineers"]));
    twin.people().suspend("u-1001");
    browser
        .client
        .exchange_refresh_token(next.refresh_token().unwrap())
        .unwrap()
        .request_async(&browser.http)
        .await
        .unwrap_err();
    assert!(twin.unknown_routes().is_empty());
}

#[tokio::test]
async fn a_code_is_good_once_and_only_with_its_verifier() {
    let twin = twin().await;
    let browser = browser(&twin).await;
    let (first, second) = (ask(&browser), ask(&browser));
    let to = twin.people().sign_in(&first.url, "u-1002").unwrap();
    let exchange = |to: &str, verifier: &PkceCodeVerifier| {
        browser
            .client
            .exchange_code(code(to))
            .unwrap()
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.secret().clone()))
    };
    exchange(&to, &second.verifier).request_async(&browser.http).await.unwrap_err();
    // The wrong try spent it.
    exchange(&to, &first.verifier).request_async(&browser.http).await.unwrap_err();
    let to = twin.people().sign_in(&second.url, "u-1002").unwrap();
    exchange(&to, &second.verifier).request_async(&browser.http).await.unwrap();
    exchange(&to, &second.verifier).request_async(&browser.http).await.unwrap_err();
}

#[tokio::test]
async fn what_is_not_asked_properly_is_not_shown() {
    let twin = twin().await;
    let browser = browser(&twin).await;
    let asked = ask(&browser).url;
    let get = |url: String| {
        let http = browser.http.clone();
        async move { http.get(url).send().await.unwrap() }
    };
    assert_eq!(get(asked.replace("client_id=gatehouse", "client_id=another")).await.status(), 400);
    assert_eq!(get(asked.replace("localhost%3A8080", "evil.example")).await.status(), 400);
    let plain = get(asked.replace("code_challenge_method=S256", "code_challenge_method=plain")).await;
    assert_eq!(query(plain.headers()["location"].to_str().unwrap())["error"], "invalid_request");
    let silent = get(format!("{asked}&prompt=none")).await;
    assert_eq!(query(silent.headers()["location"].to_str().unwrap())["error"], "login_required");
    twin.people().suspend("u-1003");
    let to = twin.people().sign_in(&asked, "u-1003").unwrap();
    assert_eq!(query(&to)["error"], "access_denied");
    twin.people().set_up(false);
    assert_eq!(get(asked).await.status(), 503);
}

#[tokio::test]
async fn somebody_without_an_employee_number_has_no_such_claim() {
    let twin = twin().await;
    let browser = browser(&twin).await;
    let asked = ask(&browser);
    let to = twin.people().sign_in(&asked.url, "u-9001").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "gatehouse"),
        ("client_secret", &twin.secrets().oidc_client),
        ("code", &query(&to)["code"]),
        ("redirect_uri", BACK),
        ("code_verifier", asked.verifier.secret()),
    ];
    let tokens: serde_json::Value = browser
        .http
        .post(format!("{}/token", twin.urls().oidc))
        .form(&form)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let info: serde_json::Value = browser
        .http
        .get(format!("{}/userinfo", twin.urls().oidc))
        .bearer_auth(tokens["access_token"].as_str().unwrap())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(info["name"], "Guest Auditor");
    assert!(info.get("employee_id").is_none());
}
