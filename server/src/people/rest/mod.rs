//! People, for programs: the asker's own roles, keys ([`super::tokens`] and [`sessions`] too) and what waits for two
//! others' word ([`requests`]); a person's own client enrols, revokes and endorses with a key's touch.

mod requests;
mod sessions;

use super::service;
use crate::context::Context;
use crate::error::Error;
use crate::rest::asker::{ByPerson, People, Reader};
use crate::rest::input::{Id, Nothing, Params, Strict};
use crate::rest::once::{Done, EntryRef, done};
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use gatehouse_app::people::shape::{EnrolRequest, EnrolStep, KeyRow, SignatureRequest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The edges of this slice.
pub fn rest() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(read_me))
        .routes(routes!(list_keys, begin_enrolment))
        .routes(routes!(finish_enrolment))
        .routes(routes!(sign_enrolment))
        .routes(routes!(begin_revocation))
        .routes(routes!(finish_revocation))
        .merge(requests::rest())
        .merge(sessions::rest())
        .merge(super::tokens::rest())
}

/// Who asks; for a token, who made it.
#[derive(Debug, Serialize, ToSchema)]
struct Person {
    /// The employee id.
    id: String,
    /// The name that the identity provider gives.
    name: Option<String>,
    /// The roles held now: the group and the admitted list both say so, and none of them waits.
    roles: Vec<&'static str>,
    /// On the admitted list; others can look and not act.
    is_admitted: bool,
}

/// Every key that the person ever had.
#[derive(Debug, Serialize, ToSchema)]
struct KeyList {
    keys: Vec<Key>,
}

/// One security key.
#[derive(Debug, Serialize, ToSchema)]
struct Key {
    /// Our id.
    id: String,
    /// What its owner calls it.
    name: String,
    /// `ES256` or `EdDSA`.
    algorithm: String,
    /// When it was enrolled.
    enrolled_at: DateTime<Utc>,
    /// When it last signed.
    last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    revoked_at: Option<DateTime<Utc>>,
    /// Whether it signs: not revoked, and not waiting for endorsements or its 24 hours.
    signs: bool,
}

impl From<KeyRow> for Key {
    fn from(row: KeyRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            algorithm: row.algorithm,
            enrolled_at: row.enrolled_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
            signs: row.revoked_at.is_none() && row.waits.is_none(),
        }
    }
}

/// Read who is asking, and the roles that they hold now.
#[utoipa::path(get, path = "/people/me", tag = "people",
    responses((status = 200, body = Person)), security(("session" = []), ("token" = ["people:read"])))]
async fn read_me(
    State(ctx): State<Context>,
    reader: Reader<People>,
    _: Params<Nothing>,
) -> Result<Json<Person>, Error> {
    let mut conn = ctx.db.acquire().await?;
    let signer = service::read_signer(&mut conn, &ctx, reader.person()).await?;
    let name = super::names(&mut conn, &[reader.person().clone()].into()).await?.remove(reader.person());
    let roles = signer.held_roles().into_iter().map(|role| role.code()).collect();
    Ok(Json(Person { id: signer.person.to_string(), name, roles, is_admitted: signer.is_admitted }))
}

/// List the asker's own keys, active ones first.
#[utoipa::path(get, path = "/people/keys", tag = "people",
    responses((status = 200, body = KeyList)), security(("session" = []), ("token" = ["people:read"])))]
async fn list_keys(
    State(ctx): State<Context>,
    reader: Reader<People>,
    _: Params<Nothing>,
) -> Result<Json<KeyList>, Error> {
    let keys = service::keys_of(&ctx, reader.person()).await?.keys;
    Ok(Json(KeyList { keys: keys.into_iter().map(Into::into).collect() }))
}

/// What a key is to sign, or a new key to be made with: hand `options` to `navigator.credentials`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignatureWanted {
    /// Give this back with the answer; it is good once, for five minutes, in this session.
    ceremony: String,
    /// `{"publicKey": …}`.
    #[schema(value_type = Object)]
    options: Value,
    /// The act that is signed, as canonical JSON: its SHA-256 is the challenge. Empty when a key is made.
    act: String,
    /// Six words of its subject, to compare.
    six_words: Vec<String>,
}

impl SignatureWanted {
    /// As programs want it.
    ///
    /// # Errors
    /// Never: the options are JSON that we made.
    pub fn of(request: SignatureRequest) -> Result<Json<Self>, Error> {
        let SignatureRequest { ceremony, options, act, six_words } = request;
        let options = serde_json::from_str(&options).map_err(Error::internal)?;
        Ok(Json(Self { ceremony, options, act, six_words }))
    }
}

/// The answer of a key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Touch {
    /// `PublicKeyCredential.toJSON()`.
    #[schema(value_type = Object)]
    pub assertion: Value,
}

/// A new key, as the browser made it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Made {
    /// `PublicKeyCredential.toJSON()`.
    #[schema(value_type = Object)]
    credential: Value,
}

/// A key to enrol.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyWanted {
    /// What to call it: at most 64 characters.
    name: String,
    /// A founder's code, where one is needed.
    founder_code: Option<String>,
}

/// Where an enrolment stands.
#[derive(Debug, Serialize, ToSchema)]
struct Enrolment {
    entries: Vec<EntryRef>,
    /// Present while a key that is there already has to sign for the new one.
    sign: Option<SignatureWanted>,
}

impl Enrolment {
    fn of(step: EnrolStep) -> Result<Json<Self>, Error> {
        let sign = match step {
            EnrolStep::SignWithExisting(request) => Some(SignatureWanted::of(request)?.0),
            // What it waits for, if so, is what the entry says.
            EnrolStep::Done | EnrolStep::Asked => None,
        };
        Ok(Json(Self { entries: Done::of_this_request().entries, sign }))
    }
}

/// Begin to enrol a key: what the new key is to be made with.
#[utoipa::path(post, path = "/people/keys", tag = "people", request_body = KeyWanted,
    responses((status = 200, body = SignatureWanted)), security(("session" = [])))]
async fn begin_enrolment(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    _: Params<Nothing>,
    Strict(wanted): Strict<KeyWanted>,
) -> Result<Json<SignatureWanted>, Error> {
    let KeyWanted { name, founder_code } = wanted;
    SignatureWanted::of(service::begin_enrol(&ctx, &who, EnrolRequest { name, founder_code }).await?)
}

/// Give the new key.
#[utoipa::path(post, path = "/people/keys/enrolments/{ceremony}", tag = "people",
    params(("ceremony" = String, Path)), request_body = Made, responses((status = 200, body = Enrolment)),
    security(("session" = [])))]
async fn finish_enrolment(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    Id(ceremony): Id<String>,
    _: Params<Nothing>,
    Strict(made): Strict<Made>,
) -> Result<Json<Enrolment>, Error> {
    Enrolment::of(service::finish_enrol(&ctx, &who, &ceremony, &made.credential.to_string()).await?)
}

/// Give the signature of a key that is there already, for the new one.
#[utoipa::path(post, path = "/people/keys/enrolments/{ceremony}/signature", tag = "people",
    params(("ceremony" = String, Path)), request_body = Touch, responses((status = 200, body = Enrolment)),
    security(("session" = [])))]
async fn sign_enrolment(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    Id(ceremony): Id<String>,
    _: Params<Nothing>,
    Strict(touch): Strict<Touch>,
) -> Result<Json<Enrolment>, Error> {
    Enrolment::of(service::finish_enrol_signature(&ctx, &who, &ceremony, &touch.assertion.to_string()).await?)
}

/// Begin to revoke one of one's own keys.
#[utoipa::path(post, path = "/people/keys/{key}/revocations", tag = "people", params(("key" = String, Path)),
    responses((status = 200, body = SignatureWanted)), security(("session" = [])))]
async fn begin_revocation(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    Id(key): Id<String>,
    _: Params<Nothing>,
) -> Result<Json<SignatureWanted>, Error> {
    SignatureWanted::of(service::begin_revoke(&ctx, &who, &key).await?)
}

/// Give the signature for a revocation.
#[utoipa::path(post, path = "/people/keys/revocations/{ceremony}", tag = "people", params(("ceremony" = String, Path)),
    request_body = Touch, responses((status = 200, body = Done)), security(("session" = [])))]
async fn finish_revocation(
    State(ctx): State<Context>,
    ByPerson(who): ByPerson,
    Id(ceremony): Id<String>,
    _: Params<Nothing>,
    Strict(touch): Strict<Touch>,
) -> Result<Json<Done>, Error> {
    service::finish_revoke(&ctx, &who, &ceremony, &touch.assertion.to_string()).await?;
    Ok(done())
}
