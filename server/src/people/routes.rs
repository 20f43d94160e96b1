//! The three addresses that a browser visits by itself; everything else of people is a server function.

use super::cookies::{self, BrowserSecret, SESSION, SIGNIN};
use super::service;
use super::session::Caller;
use crate::context::Context;
use crate::error::Error;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, SET_COOKIE};
use serde::Deserialize;

/// As long as a sign-in may take.
const SIGNIN_SECONDS: u32 = 600;
/// As long as a session may live; that it still does is the database's to say.
const SESSION_SECONDS: u32 = 12 * 3600;

/// The routes, without what the house puts around all of them.
pub fn router() -> Router<Context> {
    Router::new()
        .route("/auth/login", get(begin_login))
        .route("/auth/callback", get(finish_login))
        .route("/auth/logout", post(logout))
}

#[derive(Debug, Deserialize)]
struct LoginParams {
    #[serde(default)]
    to: String,
}

/// What a provider may send. Anything else in the query is none of our business.
#[derive(Debug, Default, Deserialize)]
pub(super) struct CallbackParams {
    #[serde(default)]
    pub(super) state: String,
    pub(super) code: Option<String>,
    pub(super) iss: Option<String>,
    pub(super) error: Option<String>,
}

async fn begin_login(
    State(ctx): State<Context>,
    caller: Caller,
    Query(params): Query<LoginParams>,
) -> Result<Response, Error> {
    let begun = service::begin_sign_in(&ctx, &caller, &params.to).await?;
    let cookie = begun.browser.set(SIGNIN, SIGNIN_SECONDS);
    Ok(answer(Redirect::to(begun.provider.as_str()), [cookie]))
}

async fn finish_login(
    State(ctx): State<Context>,
    caller: Caller,
    headers: HeaderMap,
    params: Result<Query<CallbackParams>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Error> {
    // An answer that cannot be read answers no sign-in, and is refused and counted as such.
    let params = params.map(|Query(params)| params).unwrap_or_default();
    let browser = BrowserSecret::of_request(&headers, SIGNIN);
    let (secret, to) = service::finish_sign_in(&ctx, &caller, browser, &params).await?;
    Ok(answer(Redirect::to(&to), [secret.set(SESSION, SESSION_SECONDS), cookies::clear(SIGNIN)]))
}

async fn logout(State(ctx): State<Context>, caller: Caller) -> Result<Response, Error> {
    if let Some(who) = &caller.session {
        service::sign_out(&ctx, who).await?;
    }
    Ok(answer(Redirect::to("/signin"), [cookies::clear(SESSION)]))
}

fn answer<const N: usize>(redirect: Redirect, cookies: [HeaderValue; N]) -> Response {
    let mut response = redirect.into_response();
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
