//! What goes wrong, and how often was each thing asked? Every route has a name; a fault is put on the name, so the real
//! clients meet a real failure instead of a patched one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use axum::{Extension, Json};
use http::StatusCode;
use serde_json::json;

use crate::state::Shared;

/// One way of going wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers with this status; nothing else happens.
    Fail(u16),
    /// Breaks the connection off; nothing else happens.
    Drop,
    /// Does what was asked, then breaks the connection off: the caller cannot know.
    Lose,
    /// Waits, then goes on as usual.
    Delay(Duration),
    /// Does what was asked, then says nothing for this long.
    Hang(Duration),
    /// Answers 429 and how many seconds to be quiet; nothing else happens.
    Quiet(u64),
    /// Answers an empty list, as a read does that lags behind the last write.
    Lag,
    /// A webhook is sent twice.
    Double,
    /// A webhook is kept until it is let go: late, and behind those sent meanwhile.
    Hold,
    /// A webhook is never made: not even the log of deliveries knows it.
    Never,
}

#[derive(Default)]
struct Book {
    armed: BTreeMap<String, Vec<(Fault, u32)>>,
    calls: BTreeMap<String, u64>,
}

/// The armed faults and the counted calls; clones share them.
#[derive(Clone, Default)]
pub struct FaultBook(Arc<Mutex<Book>>);

impl FaultBook {
    fn with<T>(&self, f: impl FnOnce(&mut Book) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The named route does `fault` for the next `times` calls, after those armed before.
    pub fn arm(&self, name: &str, fault: Fault, times: u32) {
        self.with(|book| book.armed.entry(name.to_owned()).or_default().push((fault, times)));
    }

    /// The named route answers `status` for the next `times` calls.
    pub fn fail(&self, name: &str, status: u16, times: u32) {
        self.arm(name, Fault::Fail(status), times);
    }

    /// The named route breaks off without doing anything.
    pub fn drop(&self, name: &str, times: u32) {
        self.arm(name, Fault::Drop, times);
    }

    /// The named route does its work and loses the answer.
    pub fn lose(&self, name: &str, times: u32) {
        self.arm(name, Fault::Lose, times);
    }

    /// Nothing goes wrong any more.
    pub fn clear(&self) {
        self.with(|book| book.armed.clear());
    }

    /// How often the named route was called, failed calls included.
    #[must_use]
    pub fn calls(&self, name: &str) -> u64 {
        self.with(|book| book.calls.get(name).copied().unwrap_or_default())
    }

    /// The names of all faults that still wait for their call.
    #[must_use]
    pub fn unspent(&self) -> Vec<String> {
        self.with(|book| book.armed.iter().filter(|(_, list)| !list.is_empty()).map(|(name, _)| name.clone()).collect())
    }

    pub(crate) fn next(&self, name: &str) -> Option<Fault> {
        self.with(|book| {
            *book.calls.entry(name.to_owned()).or_default() += 1;
            let list = book.armed.get_mut(name)?;
            let (fault, left) = list.first_mut()?;
            let fault = *fault;
            *left = left.saturating_sub(1);
            if *left == 0 {
                list.remove(0);
            }
            Some(fault)
        })
    }
}

/// Runs `work` under the name's next fault.
pub(crate) async fn under(shared: &Shared, name: &str, work: impl Future<Output = Response>) -> Response {
    suffer(shared.faults.next(name), name, work).await
}

/// Runs `work` under one fault, if there is one.
pub(crate) async fn suffer(fault: Option<Fault>, name: &str, work: impl Future<Output = Response>) -> Response {
    match fault {
        None | Some(Fault::Double | Fault::Hold | Fault::Never) => work.await,
        Some(Fault::Fail(status)) => failed(name, status),
        Some(Fault::Drop) => broken_off(),
        Some(Fault::Lose) => {
            let _lost = work.await;
            broken_off()
        }
        Some(Fault::Delay(time)) => {
            tokio::time::sleep(time).await;
            work.await
        }
        Some(Fault::Hang(time)) => {
            let done = work.await;
            tokio::time::sleep(time).await;
            done
        }
        Some(Fault::Quiet(seconds)) => {
            let wait = [(http::header::RETRY_AFTER, seconds.to_string())];
            (wait, failed(name, StatusCode::TOO_MANY_REQUESTS.as_u16())).into_response()
        }
        Some(Fault::Lag) => (Extension(Faulted), Json(json!([]))).into_response(),
    }
}

/// Marks an answer that GitHub would not have given.
#[derive(Clone)]
pub(crate) struct Faulted;

fn failed(name: &str, status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = json!({
        "message": format!("{} (fault `{name}`)", status.canonical_reason().unwrap_or("Failure")),
        "documentation_url": "https://docs.github.com/rest",
        "status": status.as_str(),
    });
    (status, Extension(Faulted), Json(body)).into_response()
}

/// A body that promises bytes and breaks: the connection ends without a whole answer.
pub(crate) fn broken_off() -> Response {
    let broken =
        futures::stream::once(async { Err::<axum::body::Bytes, _>(std::io::Error::other("dropped by a fault")) });
    let mut response = (Extension(Faulted), Body::from_stream(broken)).into_response();
    response.headers_mut().insert(http::header::CONTENT_LENGTH, http::HeaderValue::from_static("1024"));
    response
}

/// Puts a route under the faults of its name.
pub(crate) fn named(shared: &Shared, name: &'static str, routes: MethodRouter<Shared>) -> MethodRouter<Shared> {
    routes.layer(middleware::from_fn_with_state(
        shared.clone(),
        move |State(shared): State<Shared>, request: Request, next: Next| async move {
            under(&shared, name, next.run(request)).await
        },
    ))
}

/// Says 501 to what the twin does not model, and remembers it.
pub(crate) fn unknown(system: &'static str) -> impl Fn(State<Shared>, Request) -> std::future::Ready<Response> + Clone {
    move |State(shared), request| {
        let route = format!("{system}: {} {}", request.method(), request.uri());
        shared.note_unknown(route.clone());
        let body = json!({ "message": format!("the twin does not model `{route}`"), "status": "501" });
        std::future::ready((StatusCode::NOT_IMPLEMENTED, Json(body)).into_response())
    }
}
