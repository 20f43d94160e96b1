//! People, for programs: the asker's own roles and keys.

use super::service;
use crate::context::Context;
use crate::error::Error;
use crate::rest::asker::{People, Reader};
use crate::rest::input::{Nothing, Params};
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use gatehouse_app::people::shape::KeyRow;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The edges of this slice.
pub fn rest() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(read_me)).routes(routes!(list_keys))
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
