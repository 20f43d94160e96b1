//! Who asks? Read from the cookie for every request, and never from anything else.

use super::cookies::{BrowserSecret, SESSION};
use super::store::sessions;
use crate::audit;
use crate::context::Context;
use crate::error::{Error, request_id};
use axum::extract::{FromRef, FromRequestParts};
use gatehouse_domain::audit::Actor;
use gatehouse_domain::{Digest, PersonId, Reason};
use http::HeaderMap;
use http::request::Parts;
use sqlx::PgConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Somebody with a live session. What they may do is decided act by act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The person.
    pub person: PersonId,
    /// The session; may stand in logs, the cookie's secret never does.
    pub session_id: Uuid,
    /// Through which account (SHA-256 of `iss` ‖ 0 ‖ `sub`).
    pub account: Digest,
}

impl SignedIn {
    /// As the log names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Person { id: self.person.clone() }
    }
}

/// For a decision: the session is still there, and is not ended before the transaction does. Taken before
/// every other lock, as whoever reports a session as stolen does, so that the two never miss each other.
///
/// # Errors
/// `NotSignedIn` when it ended since the request began.
pub async fn hold_session(conn: &mut PgConnection, who: &SignedIn) -> Result<(), Error> {
    if sessions::hold_session(conn, who.session_id).await? { Ok(()) } else { Err(Error::refused(Reason::NotSignedIn)) }
}

/// Whoever sent this request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// `None`: nobody that we know.
    pub session: Option<SignedIn>,
    /// Quoted in problems and log lines.
    pub request_id: String,
    /// The network address, for counting refusals; sealed before it is logged.
    pub source_ip: String,
}

impl Caller {
    /// Reads the caller from a request's parts.
    ///
    /// # Errors
    /// When the database does not answer: then nobody is signed in, and nobody is told that they are not.
    pub async fn of_request(ctx: &Context, headers: &HeaderMap, source_ip: String) -> Result<Self, Error> {
        let session = match BrowserSecret::of_request(headers, SESSION) {
            Some(secret) => {
                let mut conn = ctx.db.acquire().await?;
                sessions::find_session(&mut conn, &secret.hash()).await?
            }
            None => None,
        };
        Ok(Self { session, request_id: request_id(), source_ip })
    }

    /// The person, where one is needed.
    ///
    /// # Errors
    /// `NotSignedIn`.
    pub fn signed_in(&self) -> Result<&SignedIn, Error> {
        self.session.as_ref().ok_or_else(|| Error::refused(Reason::NotSignedIn))
    }
}

/// Which of these sessions are alive. Looking does not count as being seen: a page that only listens does not keep its
/// session from becoming idle.
///
/// # Errors
/// When the database does not answer.
pub async fn live_sessions(conn: &mut PgConnection, asked: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
    sessions::list_alive(conn, asked).await
}

impl<S> FromRequestParts<S> for Caller
where
    Context: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let source_ip = audit::source_of(&parts.extensions);
        Self::of_request(&Context::from_ref(state), &parts.headers, source_ip).await
    }
}
