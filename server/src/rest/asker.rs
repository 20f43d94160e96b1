//! Who asks?
//!
//! Asked once, before a route is reached; a handler then takes the answer by a type that says what is needed:
//! [`Reader`] for whoever may read this, [`ByPerson`] for a person in a browser session. There is no other way to it.

use crate::audit;
use crate::context::Context;
use crate::error::{Error, request_id};
use crate::people::tokens::{Machine, bearer};
use crate::people::{Caller, SignedIn};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use gatehouse_domain::audit::Actor;
use gatehouse_domain::people::tokens::Scope;
use gatehouse_domain::{PersonId, Reason};
use http::Method;
use http::request::Parts;
use std::marker::PhantomData;
use uuid::Uuid;

/// Somebody whom we know.
#[derive(Debug, Clone)]
pub enum Asker {
    /// A person, in a session of their own.
    Person(SignedIn),
    /// A program, with a token that a person made.
    Machine(Machine),
}

impl Asker {
    /// The person who asks, or in whose name a machine does.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        match self {
            Self::Person(who) => &who.person,
            Self::Machine(machine) => &machine.person,
        }
    }

    /// As the log names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Person(who) => who.actor(),
            Self::Machine(machine) => machine.actor(),
        }
    }

    /// The session that asks; a machine has none.
    fn session(&self) -> Option<Uuid> {
        match self {
            Self::Person(who) => Some(who.session_id),
            Self::Machine(_) => None,
        }
    }
}

/// The one door: whoever is not known gets no further, and is counted.
pub async fn authenticate(State(ctx): State<Context>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match known(&ctx, &parts).await {
        Ok(asker) => {
            parts.extensions.insert(asker);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(Error::Refused(reasons)) => {
            let source = audit::source_of(&parts.extensions);
            let attempt = operation(&parts.method, parts.extensions.get::<MatchedPath>());
            if let Err(error) = audit::count_refusal(&ctx, &attempt, reasons.first(), &source).await {
                // Refused all the same.
                error.report(&request_id());
            }
            Error::Refused(reasons).into_response()
        }
        Err(error) => error.into_response(),
    }
}

async fn known(ctx: &Context, parts: &Parts) -> Result<Asker, Error> {
    if parts.headers.contains_key(AUTHORIZATION) && parts.headers.contains_key(COOKIE) {
        return Err(Error::refused(Reason::TwoCredentials));
    }
    // What cannot be verified is refused; it is never "nobody in particular".
    if let Some(machine) = bearer::machine(ctx, &parts.headers).await? {
        return Ok(Asker::Machine(machine));
    }
    let source = audit::source_of(&parts.extensions);
    let caller = Caller::of_request(ctx, &parts.headers, source).await?;
    caller.session.map(Asker::Person).ok_or_else(|| Error::refused(Reason::NotSignedIn))
}

/// What was tried, for the log: method and address as they stand in the description.
#[must_use]
pub fn operation(method: &Method, path: Option<&MatchedPath>) -> String {
    format!("{method} {}", path.map_or("/api/v1", MatchedPath::as_str))
}

/// What a handler reads: the scope that a token must have for it. A person may read all of it.
pub trait Reads {
    /// The scope.
    const SCOPE: Scope;
}

macro_rules! reads {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        pub struct $name;
        impl Reads for $name {
            const SCOPE: Scope = Scope::$name;
        }
    )+};
}

reads! {
    /// Changes.
    Changes,
    /// Runs of pipelines.
    Runs,
    /// The log.
    Audit,
    /// The asker's own roles, keys, sessions and tokens, and the requests that wait for others' word.
    People,
}

/// Whoever may read this.
pub struct Reader<S>(Asker, PhantomData<S>);

impl<S> Reader<S> {
    /// In whose name it is read.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        self.0.person()
    }

    /// As the log names whoever reads.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.0.actor()
    }

    /// The session that asks; a machine has none.
    #[must_use]
    pub fn session(&self) -> Option<Uuid> {
        self.0.session()
    }
}

/// A person, in a session of their own: everything that acts wants one.
pub struct ByPerson(pub SignedIn);

fn asker(parts: &Parts) -> Result<Asker, Error> {
    // A route that is not behind the door: closed.
    parts.extensions.get::<Asker>().cloned().ok_or_else(|| Error::refused(Reason::NotSignedIn))
}

impl<R: Reads, S: Send + Sync> FromRequestParts<S> for Reader<R> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        match asker(parts)? {
            Asker::Machine(machine) if !machine.scopes.contains(&R::SCOPE) => {
                Err(Error::refused(Reason::ScopeMissing(R::SCOPE)))
            }
            asker => Ok(Self(asker, PhantomData)),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ByPerson {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        match asker(parts)? {
            Asker::Person(who) => Ok(Self(who)),
            Asker::Machine(_) => Err(Error::refused(Reason::TokenCannotAct)),
        }
    }
}
