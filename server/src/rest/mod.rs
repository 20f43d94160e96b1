//! What can a program ask, in which form, and what may it never do? REST under `/api/v1`.
//!
//! The edges themselves are in the slices (`<slice>/rest.rs`): each calls the verb that the pages call too. Here is
//! what all of them share:
//!
//! | module | answers |
//! |---|---|
//! | [`asker`] | who asks: a person's session or a machine's token, never both and never somebody unknown |
//! | [`input`] | is the request exactly one that this address takes? |
//! | [`page`] | where does the next page of a list begin? |
//! | [`tag`] | has what a program saw last changed since? |
//! | [`once`] | was this asked before? |
//! | [`docs`] | where can a person read it? |
//! | [`document`] | what does all of this look like, for programs and their authors? |
//!
//! Invariants
//! - every route under `/api/v1` is behind [`asker::authenticate`]: an address that is added is closed until it says
//!   who may ask, because a handler gets at the asker only through a type that says so;
//! - a machine reads: everything that acts takes a person ([`asker::ByPerson`]), which a token never yields;
//! - unknown parameters, unknown fields, doubled fields and other content types are refused, never ignored;
//! - the description is made from the routes themselves, and `docs/openapi.json` is what it was when it was committed.

pub mod asker;
pub mod docs;
pub mod document;
pub mod input;
pub mod once;
pub mod page;
pub mod tag;

#[cfg(test)]
mod tests;

use crate::context::Context;
use crate::{audit, changes, people, pipelines};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Where it begins.
pub const PREFIX: &str = "/api/v1";

/// The edges of the slices. A new slice with an API is added here, and nowhere else.
fn slices() -> OpenApiRouter<Context> {
    OpenApiRouter::new().merge(changes::rest()).merge(audit::rest()).merge(people::rest()).merge(pipelines::rest())
}

/// All of it, behind its doors.
pub fn routes(ctx: &Context) -> Router<Context> {
    let behind_doors = slices()
        .route_layer(from_fn(tag::not_modified))
        .route_layer(from_fn_with_state(ctx.clone(), once::requests))
        .route_layer(from_fn_with_state(ctx.clone(), asker::authenticate));
    OpenApiRouter::new().nest(PREFIX, behind_doors).split_for_parts().0.merge(docs::routes())
}

/// The description of all of it.
#[must_use]
pub fn description() -> OpenApi {
    document::finished(OpenApiRouter::with_openapi(document::beginning()).nest(PREFIX, slices()).into_openapi())
}
