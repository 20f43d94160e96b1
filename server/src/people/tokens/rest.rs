//! Tokens, for programs. Issuing and ending one takes a person; a token can see what its owner has, and no more.

use super::{begin_token, finish_token, revoke_token, tokens};
use crate::context::Context;
use crate::error::Error;
use crate::people::rest::{SignatureWanted, Touch};
use crate::rest::asker::{ByPerson, People, Reader};
use crate::rest::input::{Id, Nothing, Params, Strict};
use crate::rest::once::{Done, EntryRef, KeptAs, done};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use gatehouse_app::people::tokens::shape::{TokenRequest, TokenRow, TokenState};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The edges of tokens.
pub fn rest() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_tokens, begin_issue)).routes(routes!(finish_issue)).routes(routes!(revoke))
}

/// The asker's tokens, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct TokenList {
    tokens: Vec<Token>,
}

/// One token; its secret is nowhere.
#[derive(Debug, Serialize, ToSchema)]
struct Token {
    /// Our id.
    id: String,
    /// What its maker calls it.
    name: String,
    /// What it may read.
    scopes: Vec<String>,
    /// `live`, `expired` or `revoked`.
    state: &'static str,
    /// When it was issued.
    issued_at: DateTime<Utc>,
    /// When it ends by itself.
    expires_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    last_used_at: Option<DateTime<Utc>>,
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            scopes: row.scopes,
            state: match row.state {
                TokenState::Live => "live",
                TokenState::Expired => "expired",
                TokenState::Revoked { .. } => "revoked",
            },
            issued_at: row.issued_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// A token to issue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenWanted {
    /// What to call it: at most 64 characters.
    name: String,
    /// What it may read, each once: `changes:read`, `runs:read`, `audit:read`, `people:read`.
    scopes: Vec<String>,
    /// For how many days: 1 to 365.
    days: u16,
}

/// A token that was just issued.
#[derive(Serialize, ToSchema)]
struct TokenIssued {
    entries: Vec<EntryRef>,
    /// Our id.
    token: String,
    /// The secret, this once: a repetition of the request gives `null`.
    secret: Option<String>,
}

/// List the asker's own tokens.
#[utoipa::path(get, path = "/people/tokens", tag = "people",
    responses((status = 200, body = TokenList)), security(("session" = []), ("token" = ["people:read"])))]
async fn list_tokens(
    State(ctx): State<Context>,
    reader: Reader<People>,
    _: Params<Nothing>,
) -> Result<Json<TokenList>, Error> {
    let yours = tokens(&ctx, reader.person()).await?.yours;
    Ok(Json(TokenList { tokens: yours.into_iter().map(Into::into).collect() }))
}

/// Begin to issue a machine token: what the key is to sign.
#[utoipa::path(post, path = "/people/tokens", tag = "people", request_body = TokenWanted,
    responses((status = 200, body = SignatureWanted)), security(("session" = [])))]
async fn begin_issue(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    _: Params<Nothing>,
    Strict(wanted): Strict<TokenWanted>,
) -> Result<Json<SignatureWanted>, Error> {
    let TokenWanted { name, scopes, days } = wanted;
    SignatureWanted::of(begin_token(&ctx, &who, TokenRequest { name, scopes, days }).await?)
}

/// Give the signature for a token. The answer shows the secret, this once.
#[utoipa::path(post, path = "/people/tokens/issues/{ceremony}", tag = "people", params(("ceremony" = String, Path)),
    request_body = Touch, responses((status = 200, body = TokenIssued)), security(("session" = [])))]
async fn finish_issue(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    Id(ceremony): Id<String>,
    _: Params<Nothing>,
    Strict(touch): Strict<Touch>,
) -> Result<Response, Error> {
    let made = finish_token(&ctx, &who, &ceremony, &touch.assertion.to_string()).await?;
    let Done { entries } = Done::of_this_request();
    let kept = KeptAs(json!({ "entries": entries, "token": made.token, "secret": null }));
    let answer = TokenIssued { entries, token: made.token, secret: Some(made.secret) };
    Ok((Extension(kept), Json(answer)).into_response())
}

/// End a token before its time. Its maker may, and security.
#[utoipa::path(delete, path = "/people/tokens/{token}", tag = "people", params(("token" = String, Path)),
    responses((status = 200, body = Done)), security(("session" = [])))]
async fn revoke(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    Id(token): Id<String>,
    _: Params<Nothing>,
) -> Result<Json<Done>, Error> {
    revoke_token(&ctx, &who, &token).await?;
    Ok(done())
}
