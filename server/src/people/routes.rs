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
use gatehouse_domain::Reason;
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
#[derive(Debug, Deserialize)]
struct CallbackParams {
    #[serde(default)]
    state: String,
    code: Option<String>,
}

async fn begin_login(State(ctx): State<Context>, Query(params): Query<LoginParams>) -> Result<Response, Error> {
    let begun = service::begin_sign_in(&ctx, &params.to).await?;
    let cookie = begun.browser.set(SIGNIN, SIGNIN_SECONDS);
    Ok(answer(Redirect::to(begun.provider.as_str()), [cookie]))
}

async fn finish_login(
    State(ctx): State<Context>,
    caller: Caller,
    headers: HeaderMap,
    params: Result<Query<CallbackParams>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Error> {
    let Query(params) = params.map_err(|_| Error::refused(Reason::SigninInvalid))?;
    let browser = BrowserSecret::of_request(&headers, SIGNIN);
    let (secret, to) = service::finish_sign_in(&ctx, &caller, browser, &params.state, params.code.as_deref()).await?;
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
