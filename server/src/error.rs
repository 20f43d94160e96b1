//! What went wrong, for the person who asked, and what exactly, for the log?
//!
//! Services return [`Error`]; the edges turn it into a [`Problem`] (RFC 9457), once, here. Which to use:
//!
//! | it is | when |
//! |---|---|
//! | `Refused` | a rule says no; the reasons are the domain's and are shown |
//! | `NotFound` | there is no such thing, or the caller may not know of it |
//! | `Unavailable` | the database does not answer: closed, and worth trying again |
//! | `Upstream` | an outside system does not answer, or not so that it can be believed |
//! | `Internal` | anything else: a bug, or data that should not exist |
//!
//! A lower error's text never reaches a client: what it may show is written here or in the domain. The
//! log gets the whole chain of sources, once, at the edge that handles it.

mod status;

use crate::{aws, github, kube};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gatehouse_domain::problem::Problem;
use gatehouse_domain::{Reason, Reasons};
use std::time::Duration;

/// The cause of a failure, for the log.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// How long a client should wait when nothing better is known.
const RETRY_SOON: Duration = Duration::from_secs(5);

tokio::task_local! {
    /// The request that this task serves; set by the router.
    pub(crate) static REQUEST_ID: String;
}

/// The id of the request that is being served, for problems and log lines.
#[must_use]
pub fn request_id() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_else(|_| "none".to_owned())
}

/// Why a service did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the caller may not know of it.
    #[error("not found")]
    NotFound,
    /// Rules say no. All of them.
    #[error("refused: {}", codes(.0))]
    Refused(Reasons),
    /// An outside system did not answer, or not so that it can be believed.
    #[error("{service} did not give what is needed")]
    Upstream {
        /// Its name, for a person.
        service: String,
        /// When to try again, if it said so.
        retry_after: Option<Duration>,
        /// What happened.
        #[source]
        source: Source,
    },
    /// The database did not answer.
    #[error("the database did not answer")]
    Unavailable(#[source] sqlx::Error),
    /// Two requests met; this one lost and changed nothing.
    #[error("another request was first")]
    Conflict(#[source] sqlx::Error),
    /// A bug, or data that should not exist.
    #[error("internal error")]
    Internal(#[source] Source),
}

/// A row that does not mean anything.
#[derive(Debug, thiserror::Error)]
#[error("{table}.{column} of {row} cannot be read")]
pub struct Inconsistency {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// Its key.
    pub row: String,
}

impl Error {
    /// One reason.
    #[must_use]
    pub fn refused(reason: Reason) -> Self {
        Self::Refused(Reasons::one(reason))
    }

    /// A bug, or data that should not exist.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }

    /// An outside system that did not answer.
    pub fn upstream(service: &str, source: impl Into<Source>) -> Self {
        Self::Upstream { service: service.to_owned(), retry_after: None, source: source.into() }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Refused(reasons) => status::status_of(reasons.first()),
            Self::Upstream { .. } | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// When to try again, where trying again can help.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Upstream { retry_after, .. } => Some(retry_after.unwrap_or(RETRY_SOON)),
            Self::Unavailable(_) => Some(RETRY_SOON),
            _ => None,
        }
    }

    /// What the caller is told. Says nothing to the log: see [`Error::report`].
    #[must_use]
    pub fn problem(&self, request_id: &str) -> Problem {
        let plain = |code: &str, title: &str| problem(self.status(), code, title, request_id);
        match self {
            Self::NotFound => plain("not_found", "There is nothing here."),
            Self::Refused(reasons) => Problem::refused(reasons, self.status().as_u16(), request_id),
            Self::Upstream { service, .. } => plain(
                "upstream_unavailable",
                &format!("{service} did not give what is needed. Nothing was changed; try again in a moment."),
            ),
            Self::Unavailable(_) => plain(
                "database_unavailable",
                "The database does not answer, so the gate stays closed. Nothing was changed; try again in a moment.",
            ),
            Self::Conflict(_) => plain(
                "conflict",
                "Somebody else changed the same thing at the same moment. Nothing was changed; look again, then decide.",
            ),
            Self::Internal(_) => {
                plain("internal_error", "Something went wrong here. Nothing was changed; the log has the details.")
            }
        }
    }

    /// Writes the failure to the log, with all its causes. Call once, where it is handled.
    pub fn report(&self, request_id: &str) {
        match self {
            // Refusals of acts are audit entries; the log needs no second copy of them.
            Self::NotFound | Self::Refused(_) => tracing::debug!(request_id, error = %self),
            Self::Conflict(_) => tracing::info!(request_id, error = %chain(self)),
            Self::Upstream { .. } | Self::Unavailable(_) => tracing::warn!(request_id, error = %chain(self)),
            Self::Internal(_) => tracing::error!(request_id, error = %chain(self)),
        }
    }

    /// [`Error::report`] and [`Error::problem`].
    #[must_use]
    pub fn into_problem(self, request_id: &str) -> Problem {
        self.report(request_id);
        self.problem(request_id)
    }
}

/// A problem of the edge itself.
#[must_use]
pub fn problem(status: StatusCode, code: &str, title: &str, request_id: &str) -> Problem {
    Problem {
        code: code.to_owned(),
        title: title.to_owned(),
        status: status.as_u16(),
        reasons: Vec::new(),
        request_id: request_id.to_owned(),
    }
}

/// The response of a problem.
#[must_use]
pub fn problem_response(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // A struct of strings and numbers always serialises.
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = (status, body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// Why a response is a refusal, for whoever records it on the way out.
#[derive(Debug, Clone)]
pub(crate) struct RefusedFor(pub(crate) Reasons);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after();
        let refused = if let Self::Refused(reasons) = &self { Some(RefusedFor(reasons.clone())) } else { None };
        let mut response = problem_response(&self.into_problem(&request_id()));
        if let Some(refused) = refused {
            response.extensions_mut().insert(refused);
        }
        if let Some(wait) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

/// What failing says about the database: gone (closed, 503), contended (409), or misused (a bug).
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => Self::Unavailable(error),
            sqlx::Error::Database(said) => {
                let code = said.code().unwrap_or_default().into_owned();
                match (code.get(..2), code.as_str()) {
                    // serialisation failure, deadlock
                    (_, "40001" | "40P01") => Self::Conflict(error),
                    // connection lost, server stopping or full, statement or lock time-out,
                    // not accepting connections, wrong password after a rotation
                    (Some("08" | "53" | "57" | "28"), _) | (_, "55P03" | "55000" | "25P03") => Self::Unavailable(error),
                    _ => Self::Internal(Box::new(error)),
                }
            }
            _ => Self::Internal(Box::new(error)),
        }
    }
}

impl From<github::Error> for Error {
    fn from(error: github::Error) -> Self {
        let retry_after = error.retry_after();
        Self::Upstream { service: "GitHub".to_owned(), retry_after, source: Box::new(error) }
    }
}

impl From<kube::Error> for Error {
    fn from(error: kube::Error) -> Self {
        Self::upstream("The cluster", error)
    }
}

impl From<aws::Error> for Error {
    fn from(error: aws::Error) -> Self {
        Self::upstream("The image registry", error)
    }
}

impl From<Inconsistency> for Error {
    fn from(error: Inconsistency) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<Reasons> for Error {
    fn from(reasons: Reasons) -> Self {
        Self::Refused(reasons)
    }
}

fn codes(reasons: &Reasons) -> String {
    reasons.iter().map(Reason::code).collect::<Vec<_>>().join(", ")
}

/// The error and everything that caused it, on one line.
#[must_use]
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        // Many errors repeat their cause's words.
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[tokio::test]
    async fn a_lower_errors_text_never_reaches_the_client() {
        for error in [
            Error::internal("secret words"),
            Error::upstream("GitHub", "secret words"),
            Error::from(sqlx::Error::Protocol("secret words".into())),
            Error::from(sqlx::Error::Decode("secret words".into())),
        ] {
            assert!(chain(&error).contains("secret words"), "the log has it: {error:?}");
            let response = error.into_response();
            assert_eq!(response.headers().get(CONTENT_TYPE).unwrap(), "application/problem+json");
            let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
            assert!(!String::from_utf8_lossy(&body).contains("secret"), "{body:?}");
        }
    }

    #[test]
    fn a_database_that_is_gone_closes_the_gate_and_asks_to_come_again() {
        for gone in [
            sqlx::Error::PoolTimedOut,
            sqlx::Error::PoolClosed,
            sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into()),
        ] {
            let response = Error::from(gone).into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers().get(RETRY_AFTER).unwrap(), "5");
        }
        assert_eq!(Error::from(sqlx::Error::RowNotFound).status(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn every_reason_is_told() {
        let reasons = Reasons::from_vec(vec![Reason::NotSignedIn, Reason::CrossSite]).unwrap();
        let problem = Error::Refused(reasons).problem("r-1");
        assert_eq!((problem.status, problem.code.as_str(), problem.reasons.len()), (401, "not_signed_in", 2));
        assert_eq!(problem.request_id, "r-1");
    }
}
