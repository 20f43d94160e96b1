//! The asker's sessions, for programs: seeing them, ending one, and saying that one was stolen.

use crate::context::Context;
use crate::error::Error;
use crate::people::service;
use crate::people::store::sessions;
use crate::rest::asker::{ByPerson, People, Reader};
use crate::rest::input::{Id, Nothing, Params};
use crate::rest::once::{Done, done};
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use gatehouse_domain::SessionId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The edges of sessions.
pub(super) fn rest() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_sessions))
        .routes(routes!(end_session))
        .routes(routes!(report_stolen_session))
}

/// The asker's sessions: live ones first, then those seen last.
#[derive(Debug, Serialize, ToSchema)]
struct SessionList {
    sessions: Vec<Session>,
}

/// One session; its secret is nowhere.
#[derive(Debug, Serialize, ToSchema)]
struct Session {
    /// Its id.
    id: String,
    /// When it began.
    started_at: DateTime<Utc>,
    /// When something was last asked through it, to half a minute.
    seen_at: DateTime<Utc>,
    /// Whoever has it is signed in.
    is_live: bool,
    /// It was reported as stolen.
    is_stolen: bool,
    /// The one that asks.
    is_this: bool,
}

/// List the asker's own sessions.
#[utoipa::path(get, path = "/people/sessions", tag = "people",
    responses((status = 200, body = SessionList)), security(("session" = []), ("token" = ["people:read"])))]
async fn list_sessions(
    State(ctx): State<Context>,
    reader: Reader<People>,
    _: Params<Nothing>,
) -> Result<Json<SessionList>, Error> {
    let this = reader.session().map(SessionId::from);
    let mut conn = ctx.db.acquire().await?;
    let rows = sessions::list_sessions(&mut conn, reader.person()).await?.into_iter().map(|record| Session {
        is_this: this.as_ref() == Some(&record.facts.session),
        id: record.facts.session.to_string(),
        started_at: record.started_at,
        seen_at: record.seen_at,
        is_live: record.is_live,
        is_stolen: record.facts.is_known_stolen,
    });
    Ok(Json(SessionList { sessions: rows.collect() }))
}

/// End one of one's own sessions. Nothing that was done through it is taken back.
#[utoipa::path(delete, path = "/people/sessions/{session}", tag = "people", params(("session" = String, Path)),
    responses((status = 200, body = Done)), security(("session" = [])))]
async fn end_session(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    Id(session): Id<String>,
    _: Params<Nothing>,
) -> Result<Json<Done>, Error> {
    service::end_session(&ctx, &who, &session).await?;
    Ok(done())
}

/// Report a session as stolen: it ends, and what was approved through it and is not executed yet falls. Its owner may,
/// and security.
#[utoipa::path(post, path = "/people/sessions/{session}/theft", tag = "people", params(("session" = String, Path)),
    responses((status = 200, body = Done)), security(("session" = [])))]
async fn report_stolen_session(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    Id(session): Id<String>,
    _: Params<Nothing>,
) -> Result<Json<Done>, Error> {
    service::report_stolen(&ctx, &who, &session).await?;
    Ok(done())
}
