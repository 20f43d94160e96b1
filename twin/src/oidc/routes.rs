//! The provider's wire: discovery, keys, authorize, token, user info, end of session.

use std::collections::BTreeMap;

use axum::extract::{Form, Query, Request as HttpRequest, State};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Code, Grant, Lie, Request, lies, page, tokens};
use crate::faults;
use crate::state::{Model, Shared};
use crate::value::with;
use crate::world::{CLIENT_ID, Person};

type Params = BTreeMap<String, String>;

pub(crate) fn router(shared: &Shared) -> Router {
    let named = |name: &'static str, method: MethodRouter<Shared>| faults::named(shared, name, method);
    Router::new()
        .route("/.well-known/openid-configuration", named("oidc.discovery", get(discovery)))
        .route("/jwks", named("oidc.jwks", get(jwks)))
        .route("/authorize", named("oidc.authorize", get(authorize)))
        .route("/authorize/choose", named("oidc.choose", post(choose_person)))
        .route("/token", named("oidc.token", post(token)))
        .route("/userinfo", named("oidc.userinfo", get(userinfo).post(userinfo)))
        .route("/end_session", named("oidc.end_session", get(end_session)))
        // Where the redirecting lies lead: the honest answer, at an address that the discovery document does not name.
        .route("/moved/jwks", named("oidc.moved", get(keys)))
        .route("/moved/token", named("oidc.moved", post(give_tokens)))
        .fallback(faults::unknown("oidc"))
        .method_not_allowed_fallback(faults::unknown("oidc"))
        .layer(middleware::from_fn_with_state(shared.clone(), up))
        .with_state(shared.clone())
}

async fn up(State(shared): State<Shared>, request: HttpRequest, next: Next) -> Response {
    let down = shared.model().oidc.down;
    if down {
        (StatusCode::SERVICE_UNAVAILABLE, "the identity provider is down").into_response()
    } else {
        next.run(request).await
    }
}

async fn discovery(State(shared): State<Shared>) -> Json<Value> {
    let issuer = &shared.urls.oidc;
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/end_session"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "auth_time", "at_hash", "name", "email", "email_verified", "employee_id", "groups", "preferred_username"],
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "authorization_response_iss_parameter_supported": true,
    });
    lies::bend_discovery(shared.model().oidc.lie, &mut document);
    Json(document)
}

async fn jwks(State(shared): State<Shared>) -> Response {
    let lie = shared.model().oidc.lie;
    match lies::instead_of_keys(lie).await {
        Some(instead) => instead,
        None => keys().await,
    }
}

async fn keys() -> Response {
    match tokens::jwks() {
        Ok(keys) => Json(keys).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Why an authorization request is not shown to anybody.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Not to be trusted with a redirect: said to the person.
    Page(String),
    /// Said to the client, at its own address.
    Redirect(String),
}

pub(super) fn check_request(query: &Params) -> Result<Request, Refusal> {
    let of = |key: &str| query.get(key).map(String::as_str);
    let Some(client) = of("client_id").filter(|client| *client == CLIENT_ID) else {
        return Err(Refusal::Page("Unknown client.".to_owned()));
    };
    let redirect_uri = of("redirect_uri").unwrap_or_default().to_owned();
    // The twin learns the portal's address only after it has started, so it takes any, but only on this machine.
    let local = url::Url::parse(&redirect_uri).is_ok_and(|url| {
        matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) && url.path() == "/auth/callback"
    });
    if !local {
        return Err(Refusal::Page("The address to go back to is not one of the client's.".to_owned()));
    }
    let state = of("state").map(str::to_owned);
    let refuse = |error: &str, why: &str| {
        Err(Refusal::Redirect(back(&redirect_uri, &[("error", error), ("error_description", why)], state.as_deref())))
    };
    let scopes: Vec<&str> = of("scope").unwrap_or_default().split(' ').collect();
    if of("response_type") != Some("code") {
        return refuse("unsupported_response_type", "only the code flow");
    }
    if !scopes.contains(&"openid") {
        return refuse("invalid_scope", "openid is missing");
    }
    let challenge = of("code_challenge").filter(|challenge| challenge.len() >= 43);
    let (Some(challenge), Some("S256")) = (challenge, of("code_challenge_method")) else {
        return refuse("invalid_request", "PKCE with S256 is required");
    };
    if of("prompt") == Some("none") {
        return refuse("login_required", "there is no session to be silent about");
    }
    let challenge = challenge.to_owned();
    Ok(Request {
        client: client.to_owned(),
        redirect_uri: redirect_uri.clone(),
        state: state.clone(),
        nonce: of("nonce").map(str::to_owned),
        challenge,
        offline: scopes.contains(&"offline_access"),
    })
}

fn back(redirect_uri: &str, pairs: &[(&str, &str)], state: Option<&str>) -> String {
    let Ok(mut url) = url::Url::parse(redirect_uri) else {
        return redirect_uri.to_owned();
    };
    url.query_pairs_mut().extend_pairs(pairs).extend_pairs(state.map(|state| ("state", state)));
    url.into()
}

async fn authorize(State(shared): State<Shared>, Query(query): Query<Params>) -> Response {
    match check_request(&query) {
        Ok(request) => {
            let mut model = shared.model();
            let id = model.uuid().to_string();
            model.oidc.requests.insert(id.clone(), request);
            let html = page::choose(&id, &model.people);
            ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response()
        }
        Err(Refusal::Page(reason)) => (StatusCode::BAD_REQUEST, Html(page::refused(&reason))).into_response(),
        Err(Refusal::Redirect(to)) => Redirect::to(&to).into_response(),
    }
}

/// Where the browser goes once somebody said who they are; `None` when there is no such person.
pub(super) fn choose(shared: &Shared, mut request: Request, sub: &str) -> Option<String> {
    let now = shared.now();
    let mut model = shared.model();
    model.people.iter().find(|person| person.sub == sub)?;
    let (to, mut state) = (request.redirect_uri.clone(), request.state.clone());
    let mut issuer = Some(shared.urls.oidc.clone());
    lies::bend_answer(model.oidc.lie, &mut state, &mut issuer);
    if model.oidc.lie == Some(Lie::CodeOfAnotherClient) {
        "another-client".clone_into(&mut request.client);
    }
    if model.oidc.suspended.contains(sub) {
        return Some(back(
            &to,
            &[("error", "access_denied"), ("error_description", "this account is suspended")],
            state.as_deref(),
        ));
    }
    let code = model.secret("code-");
    model.oidc.codes.insert(
        code.clone(),
        Code { sub: sub.to_owned(), request, auth_time: now, expires_at: now + TimeDelta::minutes(1) },
    );
    let pairs: Vec<_> =
        std::iter::once(("code", code.as_str())).chain(issuer.as_deref().map(|it| ("iss", it))).collect();
    Some(back(&to, &pairs, state.as_deref()))
}

async fn choose_person(State(shared): State<Shared>, Form(form): Form<Params>) -> Response {
    let request = form.get("request").and_then(|id| shared.model().oidc.requests.remove(id));
    let Some(request) = request else {
        return (
            StatusCode::BAD_REQUEST,
            Html(page::refused("This sign-in was already used or never began. Go back and begin again.")),
        )
            .into_response();
    };
    match form.get("sub").and_then(|sub| choose(&shared, request, sub)) {
        Some(to) => Redirect::to(&to).into_response(),
        None => (StatusCode::BAD_REQUEST, Html(page::refused("There is nobody of that name."))).into_response(),
    }
}

fn refuse(status: StatusCode, error: &str, why: &str) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::WWW_AUTHENTICATE, "Basic realm=\"twin\"")];
    (status, headers, Json(json!({ "error": error, "error_description": why }))).into_response()
}

fn invalid_grant(why: &str) -> Response {
    refuse(StatusCode::BAD_REQUEST, "invalid_grant", why)
}

/// Client id and secret by Basic (each form-encoded first, RFC 6749 §2.3.1) or in the body.
fn client(headers: &HeaderMap, form: &Params) -> Option<(String, String)> {
    let Some(value) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
        return Some((form.get("client_id")?.clone(), form.get("client_secret")?.clone()));
    };
    let decoded = BASE64_STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    let plain = |text: &str| {
        url::form_urlencoded::parse(format!("v={text}").as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    Some((plain(id)?, plain(secret)?))
}

async fn token(State(shared): State<Shared>, headers: HeaderMap, form: Form<Params>) -> Response {
    let instead = lies::instead_of_tokens(shared.model().oidc.lie);
    match instead {
        Some(instead) => instead,
        None => give_tokens(State(shared), headers, form).await,
    }
}

async fn give_tokens(State(shared): State<Shared>, headers: HeaderMap, Form(form): Form<Params>) -> Response {
    let known = (CLIENT_ID.to_owned(), shared.secrets.oidc_client.clone());
    if client(&headers, &form) != Some(known) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client", "client id or secret is wrong");
    }
    let mut model = shared.model();
    match form.get("grant_type").map(String::as_str) {
        Some("authorization_code") => by_code(&shared, &mut model, &form),
        Some("refresh_token") => by_refresh(&shared, &mut model, &form),
        _ => refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type", "authorization_code or refresh_token"),
    }
}

fn by_code(shared: &Shared, model: &mut Model, form: &Params) -> Response {
    // Taken out before anything is checked: a wrong try spends the code as well.
    let Some(code) = form.get("code").and_then(|code| model.oidc.codes.remove(code)) else {
        return invalid_grant("the code is unknown or was already used");
    };
    if code.request.client != CLIENT_ID {
        return invalid_grant("the code was made for another client");
    }
    if code.expires_at <= shared.now() {
        return invalid_grant("the code has expired");
    }
    if form.get("redirect_uri") != Some(&code.request.redirect_uri) {
        return invalid_grant("redirect_uri is not the one of the request");
    }
    let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
    if BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != code.request.challenge {
        return invalid_grant("code_verifier does not match the challenge");
    }
    let grant = Grant { sub: code.sub, auth_time: code.auth_time, offline: code.request.offline };
    give(shared, model, grant, code.request.nonce.as_deref())
}

fn by_refresh(shared: &Shared, model: &mut Model, form: &Params) -> Response {
    match form.get("refresh_token").and_then(|token| model.oidc.refresh.remove(token)) {
        Some(grant) => give(shared, model, grant, None),
        None => invalid_grant("the refresh token is unknown or was already used"),
    }
}

fn give(shared: &Shared, model: &mut Model, grant: Grant, nonce: Option<&str>) -> Response {
    let (now, lie) = (shared.now(), model.oidc.lie);
    let found = model
        .people
        .iter()
        .find(|person| person.sub == grant.sub)
        .filter(|person| !model.oidc.suspended.contains(&person.sub));
    let Some(person) = found.map(|person| model.oidc.as_told(person, now)) else {
        return invalid_grant("this account is suspended");
    };
    let access = model.secret("at-");
    let about =
        tokens::About { issuer: &shared.urls.oidc, person: &person, grant: &grant, nonce, access_token: &access, now };
    let id_token = match tokens::id_token(&about, lie, &shared.secrets.oidc_client) {
        Ok(token) => token,
        Err(error) => return refuse(StatusCode::INTERNAL_SERVER_ERROR, "server_error", &error.to_string()),
    };
    let mut body = json!({ "access_token": access, "token_type": "Bearer", "expires_in": tokens::LIFETIME.num_seconds(), "id_token": id_token, "scope": "openid profile email" });
    if grant.offline {
        let refresh = model.secret("rt-");
        body = with(body, json!({ "refresh_token": refresh, "scope": "openid profile email offline_access" }));
        model.oidc.refresh.insert(refresh, grant.clone());
    }
    model.oidc.access.insert(access, (grant, now + tokens::LIFETIME));
    lies::bend_tokens(lie, &mut body);
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn userinfo(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    let now = shared.now();
    let model = shared.model();
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let grant = shown.and_then(|token| model.oidc.access.get(token)).filter(|(_, expires_at)| *expires_at > now);
    let person = |grant: &(Grant, DateTime<Utc>)| -> Option<Person> {
        model
            .people
            .iter()
            .find(|person| person.sub == grant.0.sub && !model.oidc.suspended.contains(&person.sub))
            .map(|person| model.oidc.as_told(person, now))
    };
    match grant.and_then(person) {
        Some(person) => Json(tokens::claims(&person)).into_response(),
        None => {
            (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")]).into_response()
        }
    }
}

async fn end_session(Query(query): Query<Params>) -> Response {
    let target = query.get("post_logout_redirect_uri").and_then(|to| url::Url::parse(to).ok());
    match target.filter(|url| matches!(url.host_str(), Some("localhost" | "127.0.0.1"))) {
        Some(url) => Redirect::to(&back(url.as_str(), &[], query.get("state").map(String::as_str))).into_response(),
        None => Html(page::signed_out()).into_response(),
    }
}
