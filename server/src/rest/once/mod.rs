//! Was this asked before? A request that changes something is done once, however often it arrives.
//!
//! The asker gives it an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header). The same key with the same
//! request is given the same answer; with another request it is refused; while the first is under way it is asked to
//! wait. Keys belong to whoever asks, and live for a day.
//!
//! | state of a request | seen by |
//! |---|---|
//! | under way | `taken_at`, for at most a minute |
//! | answered | `status`: the stored answer is given again |
//! | done, but nobody saw the answer | `entries`, written by **the transaction that did it**: the answer is made from them |
//! | not known | nothing of these: it is asked anew, and was not done |
//!
//! So a COMMIT whose acknowledgement was lost (ATK-24) is found out about: the row is part of that very transaction, and
//! whoever looks at it waits for its outcome.
//!
//! Invariant: a request of somebody known that is refused leaves one entry, whoever refused it: the service that decided,
//! or [`requests`] for what never got there.

mod store;

use super::asker::{Asker, operation};
use crate::audit;
use crate::context::Context;
use crate::error::{Error, RefusedFor, request_id};
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use gatehouse_domain::audit::About;
use gatehouse_domain::{Digest, Reason, Reasons};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use std::sync::{Arc, Mutex, PoisonError};
use store::Taken;
use utoipa::ToSchema;
use uuid::Uuid;

/// Forgets what nobody will repeat any more.
///
/// # Errors
/// When the database refuses.
pub async fn sweep(ctx: &Context) -> Result<(), Error> {
    store::delete_old_requests(&mut *ctx.db.acquire().await?).await
}

/// The header that names a request.
pub const KEY: &str = "idempotency-key";
/// Said of an answer that is given again.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Larger bodies were refused at the portal's door.
const LARGEST: usize = 1 << 20;

/// What was left in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EntryRef {
    /// The entry's id.
    pub id: Uuid,
    /// What it says: `changes.approved`.
    pub act: String,
}

/// What came of a request: the entries that it left in the log, which say everything else.
#[derive(Debug, Serialize, ToSchema)]
pub struct Done {
    /// In order.
    pub entries: Vec<EntryRef>,
}

impl Done {
    /// Of the request that is being answered.
    #[must_use]
    pub fn of_this_request() -> Self {
        Self { entries: THIS.try_with(|this| this.entries()).unwrap_or_default() }
    }
}

/// One request, while it is under way.
struct Once {
    asker: String,
    key: String,
    entries: Mutex<Vec<EntryRef>>,
}

impl Once {
    fn entries(&self) -> Vec<EntryRef> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

tokio::task_local! {
    static THIS: Arc<Once>;
}

/// Notes, inside the transaction that writes them, which entries the request left. Called by `audit::commit`; nothing
/// happens outside such a request.
///
/// # Errors
/// When the database refuses: then what was to be noted is not done either.
pub async fn note(conn: &mut PgConnection, entries: &[EntryRef]) -> Result<(), Error> {
    let Ok(this) = THIS.try_with(Arc::clone) else { return Ok(()) };
    store::add_entries(conn, &this.asker, &this.key, entries).await?;
    this.entries.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(entries);
    Ok(())
}

/// An answer of which only this much is kept: a secret is shown once.
#[derive(Clone)]
pub struct KeptAs(pub serde_json::Value);

/// Lets a request that changes something through once.
pub async fn requests(State(ctx): State<Context>, request: Request, next: Next) -> Response {
    let Some(asker) = request.extensions().get::<Asker>().cloned() else {
        return Error::refused(Reason::NotSignedIn).into_response();
    };
    let attempt = operation(request.method(), request.extensions().get::<MatchedPath>());
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let response = if is_read { next.run(request).await } else { acts(&ctx, &asker, &attempt, request, next).await };
    // A read that is refused for what it says is a mistake; one that is refused for who asks is worth an entry.
    match response.extensions().get::<RefusedFor>() {
        Some(RefusedFor(reasons)) if is_read && matches!(reasons.first(), Reason::ScopeMissing(_)) => {
            recorded(&ctx, &asker, &attempt, reasons.clone(), response).await
        }
        _ => response,
    }
}

async fn acts(ctx: &Context, asker: &Asker, attempt: &str, request: Request, next: Next) -> Response {
    match begin(ctx, asker, request).await {
        Ok(Begun::Ours(once, request)) => {
            let once = Arc::new(once);
            let response = THIS.scope(Arc::clone(&once), run(ctx, asker, attempt, request, next)).await;
            end(ctx, &once, response).await
        }
        Ok(Begun::Answered(response)) => response,
        Err(Error::Refused(reasons)) => {
            let response = Error::Refused(reasons.clone()).into_response();
            recorded(ctx, asker, attempt, reasons, response).await
        }
        Err(error) => error.into_response(),
    }
}

/// Runs the handler. What was refused before it reached a service is recorded here.
async fn run(ctx: &Context, asker: &Asker, attempt: &str, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let left_nothing = Done::of_this_request().entries.is_empty();
    match response.extensions().get::<RefusedFor>() {
        Some(RefusedFor(reasons)) if left_nothing => recorded(ctx, asker, attempt, reasons.clone(), response).await,
        _ => response,
    }
}

/// One entry of the refusal; without it there is no answer either.
async fn recorded(ctx: &Context, asker: &Asker, attempt: &str, reasons: Reasons, response: Response) -> Response {
    let about = About::Person(asker.person().clone());
    match audit::refuse(ctx, &asker.actor(), attempt, about, &reasons).await {
        Ok(()) => response,
        Err(error) => error.into_response(),
    }
}

enum Begun {
    Ours(Once, Request),
    Answered(Response),
}

async fn begin(ctx: &Context, asker: &Asker, request: Request) -> Result<Begun, Error> {
    let (parts, body) = request.into_parts();
    let key = key_of(&parts.headers).ok_or_else(|| Error::refused(Reason::IdempotencyKeyMissing))?;
    let bytes = to_bytes(body, LARGEST).await.map_err(|_| Error::refused(Reason::BodyTooLarge))?;
    let address = parts.uri.path_and_query().map_or("", |address| address.as_str());
    let fingerprint =
        Digest::of(&[parts.method.as_str().as_bytes(), b"\0", address.as_bytes(), b"\0", &bytes].concat()).bytes();
    let once = Once { asker: asker.actor().key(), key, entries: Mutex::default() };
    let mut tx = ctx.db.begin().await?;
    let taken = store::take(&mut tx, &once.asker, &once.key, &fingerprint).await?;
    tx.commit().await?;
    match taken {
        Taken::Ours => Ok(Begun::Ours(once, Request::from_parts(parts, Body::from(bytes)))),
        Taken::Answered { status, content_type, body } => Ok(Begun::Answered(again(status, &content_type, body)?)),
        Taken::Done(entries) => {
            let body = serde_json::to_vec(&Done { entries }).map_err(Error::internal)?;
            Ok(Begun::Answered(again(200, "application/json", body)?))
        }
        Taken::Another => Err(Error::refused(Reason::IdempotencyKeyReused)),
        Taken::UnderWay => Err(Error::refused(Reason::RequestUnderWay)),
    }
}

/// Keeps the answer. Where it is not known whether anything was done, nothing is kept: the next one finds out.
async fn end(ctx: &Context, once: &Once, response: Response) -> Response {
    let kept = keep(ctx, once, response).await;
    kept.unwrap_or_else(|error| error.into_response())
}

async fn keep(ctx: &Context, once: &Once, response: Response) -> Result<Response, Error> {
    if response.status().is_server_error() {
        let mut conn = ctx.db.acquire().await?;
        store::set_unknown(&mut conn, &once.asker, &once.key).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, LARGEST).await.map_err(Error::internal)?;
    let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kept = match parts.extensions.get::<KeptAs>() {
        Some(KeptAs(value)) => serde_json::to_vec(value).map_err(Error::internal)?,
        None => bytes.to_vec(),
    };
    let stored = async {
        let mut conn = ctx.db.acquire().await?;
        store::set_answer(&mut conn, &once.asker, &once.key, parts.status.as_u16(), content_type, &kept).await
    };
    if let Err(error) = stored.await {
        // It was done, and the asker is told so; a repetition will be answered from the entries.
        error.report(&request_id());
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn again(status: u16, content_type: &str, body: Vec<u8>) -> Result<Response, Error> {
    let status = StatusCode::from_u16(status).map_err(Error::internal)?;
    let mut response = (status, body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_str(content_type).map_err(Error::internal)?);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// A structured field's string (`"…"`), or the same without its quotation marks, as many programs send it.
fn key_of(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(KEY).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let text = value.to_str().ok()?.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let fits = (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'));
    fits.then(|| text.to_owned())
}

/// The answer to a request that is done.
pub fn done() -> Json<Done> {
    Json(Done::of_this_request())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_key_is_one_word_with_or_without_quotation_marks() {
        let key = |values: &[&str]| {
            let named = |value: &&str| (HeaderName::from_static(KEY), value.parse().unwrap());
            let headers: HeaderMap = values.iter().map(named).collect();
            key_of(&headers)
        };
        assert_eq!(key(&["\"8e03978e-40d5\""]).as_deref(), Some("8e03978e-40d5"));
        assert_eq!(key(&["8e03978e-40d5"]).as_deref(), Some("8e03978e-40d5"));
        let long = "x".repeat(129);
        for bad in [&[][..], &[""], &["\"\""], &["a b"], &["a", "a"], &["\"a"], &[&long]] {
            assert_eq!(key(bad), None, "{bad:?}");
        }
    }
}
