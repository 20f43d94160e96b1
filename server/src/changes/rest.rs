//! Changes, for programs. The same verbs as the pages', in another form.

use super::service;
use super::store::{self, Summary, SummaryFilter};
use super::view::{ChangeResource, resource};
use crate::audit::{self, EntryList};
use crate::context::Context;
use crate::error::Error;
use crate::people::rest::{SignatureWanted, Touch};
use crate::rest::asker::{ByPerson, Changes, Reader};
use crate::rest::input::{Id, Nothing, Params, Strict};
use crate::rest::once::{Done, done};
use crate::rest::page;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use gatehouse_app::changes::shape::DecisionRequest;
use gatehouse_domain::ChangeNumber;
use gatehouse_domain::changes;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The edges of this slice.
pub fn rest() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_changes))
        .routes(routes!(read_change))
        .routes(routes!(list_change_entries))
        .routes(routes!(begin_decision))
        .routes(routes!(finish_decision))
}

/// Which changes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// `held`, `executing`, `released`, `closed`, `expired`, `superseded` or `cancelled`.
    #[param(value_type = Option<String>)]
    state: Option<changes::State>,
    /// A service's name.
    service: Option<String>,
    /// An environment's name.
    environment: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// How many at most: 1 to 200, or 50.
    limit: Option<u16>,
}

/// One page of changes, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeList {
    changes: Vec<ChangeSummary>,
    /// Give this as `after` for the next page; absent on the last one.
    next: Option<String>,
}

/// A change in a list.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeSummary {
    /// `CHG-2026-000123`.
    number: String,
    /// Where it stands. Whether a held one's gate is open is derived: read the change itself.
    state: String,
    /// What is deployed.
    service: String,
    /// Where.
    environment: String,
    /// The pull request's or run's title, from GitHub: whatever its author wrote.
    title: String,
    /// What is to be approved now.
    subject_digest: String,
    /// When GitHub asked.
    opened_at: DateTime<Utc>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
}

impl From<Summary> for ChangeSummary {
    fn from(row: Summary) -> Self {
        let Summary { number, state, service, environment, title, subject_digest, opened_at, ended_at } = row;
        Self { number, state, service, environment, title, subject_digest, opened_at, ended_at }
    }
}

/// List changes, newest first.
#[utoipa::path(get, path = "/changes", tag = "changes", params(ListParams),
    responses((status = 200, body = ChangeList)), security(("session" = []), ("token" = ["changes:read"])))]
async fn list_changes(
    State(ctx): State<Context>,
    _: Reader<Changes>,
    Params(params): Params<ListParams>,
) -> Result<Json<ChangeList>, Error> {
    let limit = page::limit(params.limit)?;
    let filter = SummaryFilter {
        state: params.state,
        service: params.service.as_deref(),
        environment: params.environment.as_deref(),
        before: page::place(params.after.as_deref(), |text| text.parse().ok())?,
    };
    let mut conn = ctx.db.acquire().await?;
    let rows = store::list_summaries(&mut conn, &filter, limit + 1).await?;
    let (rows, next) = page::cut(rows, limit, |row| row.number.clone());
    Ok(Json(ChangeList { changes: rows.into_iter().map(Into::into).collect(), next }))
}

/// Read one change: subject, requirements, approvals, and every reason that keeps its gate shut.
#[utoipa::path(get, path = "/changes/{number}", tag = "changes", params(("number" = String, Path)),
    responses((status = 200, body = ChangeResource)), security(("session" = []), ("token" = ["changes:read"])))]
async fn read_change(
    State(ctx): State<Context>,
    reader: Reader<Changes>,
    Id(number): Id<ChangeNumber>,
    _: Params<Nothing>,
) -> Result<Json<ChangeResource>, Error> {
    resource(&ctx, reader.person(), &number).await.map(Json)
}

/// Which entries of one thing.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EntryParams {
    /// `next` of the page before.
    after: Option<String>,
    /// How many at most: 1 to 200, or 50.
    limit: Option<u16>,
}

/// List the audit entries about one change, newest first.
#[utoipa::path(get, path = "/changes/{number}/entries", tag = "changes", params(("number" = String, Path), EntryParams),
    responses((status = 200, body = EntryList)), security(("session" = []), ("token" = ["changes:read"])))]
async fn list_change_entries(
    State(ctx): State<Context>,
    _: Reader<Changes>,
    Id(number): Id<ChangeNumber>,
    Params(params): Params<EntryParams>,
) -> Result<Json<EntryList>, Error> {
    let mut conn = ctx.db.acquire().await?;
    store::get_row(&mut conn, &number).await?;
    audit::list_about(&mut conn, number.as_str(), params.after.as_deref(), params.limit).await.map(Json)
}

/// A decision to prepare.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecisionWanted {
    /// `approve`, `reject`, `withdraw` or `close`.
    decision: String,
    /// At most 2,000 characters; may be empty for an approval.
    comment: String,
    /// The digest of the subject that was read: one signs what one read, or nothing.
    subject_digest: String,
}

/// Begin to decide on a change: every reason against it, or what the key is to sign.
#[utoipa::path(post, path = "/changes/{number}/decisions", tag = "changes", params(("number" = String, Path)),
    request_body = DecisionWanted, responses((status = 200, body = SignatureWanted)), security(("session" = [])))]
async fn begin_decision(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    Id(number): Id<String>,
    _: Params<Nothing>,
    Strict(wanted): Strict<DecisionWanted>,
) -> Result<Json<SignatureWanted>, Error> {
    let DecisionWanted { decision, comment, subject_digest } = wanted;
    let request = DecisionRequest { number, decision, comment, subject_digest };
    SignatureWanted::of(service::begin_decision(&ctx, &who, request).await?)
}

/// Give the signature for a decision. Everything is decided again, from what is true now.
#[utoipa::path(post, path = "/changes/decisions/{ceremony}", tag = "changes", params(("ceremony" = String, Path)),
    request_body = Touch, responses((status = 200, body = Done)), security(("session" = [])))]
async fn finish_decision(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    Id(ceremony): Id<String>,
    _: Params<Nothing>,
    Strict(touch): Strict<Touch>,
) -> Result<Json<Done>, Error> {
    service::finish_decision(&ctx, &who, &ceremony, &touch.assertion.to_string()).await?;
    Ok(done())
}
