//! The log, for programs: exact bytes, so that a stranger can check what we say.

use super::reads::count_read;
use super::store::{self, Filter, StoredEntry};
use crate::context::Context;
use crate::error::Error;
use crate::rest::asker::{Audit, Reader};
use crate::rest::input::{Id, Nothing, Params};
use crate::rest::page;
use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use gatehouse_domain::audit::Entry;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The edges of this slice.
pub fn rest() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list_entries)).routes(routes!(read_entry)).routes(routes!(read_entry_bytes))
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// An act's name, such as `changes.approved`.
    act: Option<String>,
    /// Who: an employee id, a token's id, `github`, `gatehouse`, `operator` or `anonymous`.
    actor: Option<String>,
    /// About what: a change's number, an employee id.
    about: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// How many at most: 1 to 200, or 50.
    limit: Option<u16>,
}

/// One page of the log, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryList {
    entries: Vec<EntryResource>,
    /// Give this as `after` for the next page; absent on the last one.
    next: Option<String>,
}

/// One entry. `bytes` are the entry; everything else is read from them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entry)]
pub struct EntryResource {
    /// Its id.
    id: Uuid,
    /// When, by the database's clock.
    at: DateTime<Utc>,
    /// What, such as `changes.approved`.
    act: String,
    /// Who: an employee id, a token's id, or a system.
    actor: String,
    /// About what.
    about: About,
    /// SHA-256 of a zero byte and the exact bytes (RFC 6962).
    leaf_hash: String,
    /// The exact bytes, as text.
    bytes: String,
}

/// What an entry is about.
#[derive(Debug, Serialize, ToSchema)]
struct About {
    /// `change`, `person`, `delivery` or `portal`.
    kind: String,
    /// The id within the kind.
    id: String,
}

impl From<&StoredEntry> for EntryResource {
    fn from(stored: &StoredEntry) -> Self {
        let entry = &stored.entry;
        let about = entry.event.about();
        Self {
            id: entry.id,
            at: entry.at,
            act: entry.event.act().to_owned(),
            actor: entry.actor.key(),
            about: About { kind: about.kind().to_owned(), id: about.id() },
            leaf_hash: Entry::leaf_hash(&stored.body).to_string(),
            // Canonical JSON is text by its definition.
            bytes: String::from_utf8_lossy(&stored.body).into_owned(),
        }
    }
}

/// Entries about one thing, for whoever may see the thing itself.
///
/// # Errors
/// `RequestMalformed`, or when the database does not answer.
pub async fn list_about(
    conn: &mut PgConnection,
    about: &str,
    after: Option<&str>,
    limit: Option<u16>,
) -> Result<EntryList, Error> {
    list(conn, Filter { about: Some(about.to_owned()), ..Filter::default() }, after, limit).await
}

async fn list(
    conn: &mut PgConnection,
    filter: Filter,
    after: Option<&str>,
    limit: Option<u16>,
) -> Result<EntryList, Error> {
    let limit = page::limit(limit)?;
    let filter = Filter { before: page::place(after, super::service::parse_cursor)?, ..filter };
    let rows = store::list_entries(conn, &filter, i64::try_from(limit + 1).map_err(Error::internal)?).await?;
    let (rows, next) = page::cut(rows, limit, |row| format!("{}-{}", row.xid, row.entry.ord));
    Ok(EntryList { entries: rows.iter().map(Into::into).collect(), next })
}

/// List audit entries, newest first.
#[utoipa::path(get, path = "/audit/entries", tag = "audit", params(ListParams),
    responses((status = 200, body = EntryList)), security(("session" = []), ("token" = ["audit:read"])))]
async fn list_entries(
    State(ctx): State<Context>,
    reader: Reader<Audit>,
    Params(params): Params<ListParams>,
) -> Result<Json<EntryList>, Error> {
    let ListParams { act, actor, about, after, limit } = params;
    let filter = Filter { act, actor, about, ..Filter::default() };
    let mut conn = ctx.db.acquire().await?;
    count_read(&mut conn, &reader.actor()).await?;
    list(&mut conn, filter, after.as_deref(), limit).await.map(Json)
}

/// Read one audit entry.
#[utoipa::path(get, path = "/audit/entries/{id}", tag = "audit", params(("id" = Uuid, Path)),
    responses((status = 200, body = EntryResource)), security(("session" = []), ("token" = ["audit:read"])))]
async fn read_entry(
    State(ctx): State<Context>,
    reader: Reader<Audit>,
    Id(id): Id<Uuid>,
    _: Params<Nothing>,
) -> Result<Json<EntryResource>, Error> {
    let mut conn = ctx.db.acquire().await?;
    count_read(&mut conn, &reader.actor()).await?;
    let stored = store::find_entry(&mut conn, id).await?.ok_or(Error::NotFound)?;
    Ok(Json((&stored).into()))
}

/// Read the exact bytes of one audit entry, to hash and to keep.
#[utoipa::path(get, path = "/audit/entries/{id}/bytes", tag = "audit", params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")),
    security(("session" = []), ("token" = ["audit:read"])))]
async fn read_entry_bytes(
    State(ctx): State<Context>,
    reader: Reader<Audit>,
    Id(id): Id<Uuid>,
    _: Params<Nothing>,
) -> Result<Response, Error> {
    let mut conn = ctx.db.acquire().await?;
    count_read(&mut conn, &reader.actor()).await?;
    let stored = store::find_entry(&mut conn, id).await?.ok_or(Error::NotFound)?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], stored.body).into_response())
}
