//! Requests, for programs: which keys and roles wait for two others' word, and giving that word with a key's touch.

use super::{SignatureWanted, Touch};
use crate::context::Context;
use crate::error::Error;
use crate::people::service;
use crate::people::store::requests::{find_request, list_open};
use crate::rest::asker::{ByPerson, People, Reader};
use crate::rest::document::ReasonView;
use crate::rest::input::{Id, Nothing, Params, Strict};
use crate::rest::once::{Done, done};
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use gatehouse_app::people::shape::EndorseRequest;
use gatehouse_domain::RequestId;
use gatehouse_domain::act::SignedDecision;
use gatehouse_domain::people::endorse::reasons_against;
use gatehouse_domain::people::request::{REQUEST_LIFETIME, Request, Stand, Wanted};
use gatehouse_domain::problem;
use gatehouse_domain::words::six_words;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The edges of requests.
pub(super) fn rest() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_requests))
        .routes(routes!(read_request, withdraw_request))
        .routes(routes!(begin_endorsement))
        .routes(routes!(finish_endorsement))
}

/// What waits for endorsements, or for its 24 hours; longest waiting first.
#[derive(Debug, Serialize, ToSchema)]
struct RequestList {
    requests: Vec<RequestSummary>,
}

/// A request in a list.
#[derive(Debug, Serialize, ToSchema)]
struct RequestSummary {
    /// Our id.
    id: String,
    /// For whom.
    person: String,
    /// `key` or `role`.
    wants: &'static str,
    /// Which role, where it is one.
    role: Option<&'static str>,
    /// `asked`, `waits` (for its 24 hours), `counts`, `refused`, `withdrawn`, `expired` or `lost`.
    state: &'static str,
    /// Since when.
    asked_at: DateTime<Utc>,
}

impl RequestSummary {
    fn of(request: &Request, now: DateTime<Utc>) -> Self {
        let (wants, role) = match &request.wanted {
            Wanted::Key { .. } => ("key", None),
            Wanted::Role { role, .. } => ("role", Some(role.code())),
        };
        let state = match request.stand(now) {
            Stand::Asked { .. } => "asked",
            Stand::Waits { .. } => "waits",
            Stand::Counts => "counts",
            Stand::Ended(ended) => ended.code(),
        };
        let (id, person) = (request.wanted.request().to_string(), request.wanted.person().to_string());
        Self { id, person, wants, role, state, asked_at: request.asked_at }
    }
}

/// One request, for whoever is asked to endorse it.
#[derive(Debug, Serialize, ToSchema)]
struct RequestResource {
    #[serde(flatten)]
    summary: RequestSummary,
    /// What exactly is asked for; its canonical bytes are what is signed.
    #[schema(value_type = Object)]
    subject: Value,
    /// SHA-256 of those bytes, which goes back with the decision.
    subject_digest: String,
    /// Its first 66 bits, to compare by voice.
    six_words: Vec<String>,
    /// Who has said yes; what fell is not among them.
    endorsements: Vec<EndorsementRow>,
    /// When it counts, once two have.
    counts_from: Option<DateTime<Utc>>,
    /// When it is over, while they have not.
    expires_at: Option<DateTime<Utc>>,
    /// Everything against the asker's saying yes now.
    against_yes: Vec<ReasonView>,
    /// Everything against the asker's saying no now.
    against_no: Vec<ReasonView>,
}

/// A yes that stands.
#[derive(Debug, Serialize, ToSchema)]
struct EndorsementRow {
    /// Whose.
    person: String,
    /// When.
    signed_at: DateTime<Utc>,
}

/// List what waits for the word of two others.
#[utoipa::path(get, path = "/people/requests", tag = "people",
    responses((status = 200, body = RequestList)), security(("session" = []), ("token" = ["people:read"])))]
async fn list_requests(
    State(ctx): State<Context>,
    _: Reader<People>,
    _: Params<Nothing>,
) -> Result<Json<RequestList>, Error> {
    let mut conn = ctx.db.acquire().await?;
    let now = ctx.now(&mut conn).await?;
    let open = list_open(&mut conn).await?.into_iter().filter(|request| request.is_open(now));
    Ok(Json(RequestList { requests: open.map(|request| RequestSummary::of(&request, now)).collect() }))
}

/// Read one request: what exactly is signed, by whom it was, and every reason against the asker's signing it.
#[utoipa::path(get, path = "/people/requests/{request}", tag = "people", params(("request" = String, Path)),
    responses((status = 200, body = RequestResource)), security(("session" = []), ("token" = ["people:read"])))]
async fn read_request(
    State(ctx): State<Context>,
    reader: Reader<People>,
    Id(id): Id<RequestId>,
    _: Params<Nothing>,
) -> Result<Json<RequestResource>, Error> {
    let mut conn = ctx.db.acquire().await?;
    let request = find_request(&mut conn, &id).await?.ok_or(Error::NotFound)?;
    let now = ctx.now(&mut conn).await?;
    let viewer = service::read_signer(&mut conn, &ctx, reader.person()).await?;
    let against = |decision| {
        let reasons = reasons_against(&request, &viewer, decision, now);
        reasons.iter().map(|reason| problem::ReasonView::from(reason).into()).collect()
    };
    let is_asked = matches!(request.stand(now), Stand::Asked { .. });
    Ok(Json(RequestResource {
        summary: RequestSummary::of(&request, now),
        subject: serde_json::to_value(&request.wanted).map_err(Error::internal)?,
        subject_digest: request.digest.to_string(),
        six_words: six_words(&request.digest).map(str::to_owned).to_vec(),
        endorsements: request
            .endorsements
            .iter()
            .map(|e| EndorsementRow { person: e.endorser.to_string(), signed_at: e.signed_at })
            .collect(),
        counts_from: request.counts_from.filter(|_| request.ended.is_none()),
        expires_at: is_asked.then(|| request.asked_at + REQUEST_LIFETIME),
        against_yes: against(SignedDecision::Approve),
        against_no: against(SignedDecision::Reject),
    }))
}

/// Take back one's own request for a key.
#[utoipa::path(delete, path = "/people/requests/{request}", tag = "people", params(("request" = String, Path)),
    responses((status = 200, body = Done)), security(("session" = [])))]
async fn withdraw_request(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    Id(request): Id<String>,
    _: Params<Nothing>,
) -> Result<Json<Done>, Error> {
    service::withdraw_request(&ctx, &who, &request).await?;
    Ok(done())
}

/// A word to prepare.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EndorsementWanted {
    /// `approve` or `reject`.
    decision: String,
    /// The digest of what was read: one signs what one read, or nothing.
    subject_digest: String,
}

/// Begin to say yes or no to another's request: every reason against it, or what the key is to sign.
#[utoipa::path(post, path = "/people/requests/{request}/endorsements", tag = "people",
    params(("request" = String, Path)), request_body = EndorsementWanted,
    responses((status = 200, body = SignatureWanted)), security(("session" = [])))]
async fn begin_endorsement(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    Id(request): Id<String>,
    _: Params<Nothing>,
    Strict(wanted): Strict<EndorsementWanted>,
) -> Result<Json<SignatureWanted>, Error> {
    let EndorsementWanted { decision, subject_digest } = wanted;
    let asked = EndorseRequest { request, decision, subject_digest };
    SignatureWanted::of(service::begin_endorsement(&ctx, &who, asked).await?)
}

/// Give the signature for a yes or no. Everything is decided again, from what is true now.
#[utoipa::path(post, path = "/people/requests/endorsements/{ceremony}", tag = "people",
    params(("ceremony" = String, Path)), request_body = Touch, responses((status = 200, body = Done)),
    security(("session" = [])))]
async fn finish_endorsement(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    Id(ceremony): Id<String>,
    _: Params<Nothing>,
    Strict(touch): Strict<Touch>,
) -> Result<Json<Done>, Error> {
    service::finish_endorsement(&ctx, &who, &ceremony, &touch.assertion.to_string()).await?;
    Ok(done())
}
