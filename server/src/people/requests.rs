//! What is done about requests without anybody asking: they expire, and endorsements fall with their signers.

use super::signers::read_signers;
use super::store::persons::lock_person;
use super::store::requests::{list_open, lock_open_endorsed_by, lock_request};
use crate::audit;
use crate::context::Context;
use crate::error::{Error, chain};
use gatehouse_domain::PersonId;
use gatehouse_domain::audit::Actor;
use gatehouse_domain::people::endorse::{permit_expire, permit_fall};
use gatehouse_domain::people::request::Request;
use sqlx::PgConnection;

/// Ends what waited seven days, and strikes out what endorsers who lost key or admission said. One request that fails
/// keeps nothing from the others.
///
/// # Errors
/// When the database refuses.
pub(super) async fn sweep_requests(ctx: &Context) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
    let open = list_open(&mut conn).await?;
    drop(conn);
    for request in open {
        if let Err(error) = sweep_one(ctx, &request).await {
            let id = request.wanted.request();
            tracing::error!(target: "people", request = %id, error = chain(&error), "a request cannot be looked at");
        }
    }
    Ok(())
}

async fn sweep_one(ctx: &Context, seen: &Request) -> Result<(), Error> {
    let mut tx = ctx.db.begin().await?;
    lock_person(&mut tx, seen.wanted.person()).await?;
    let Some(request) = lock_request(&mut tx, seen.wanted.request()).await? else { return Ok(()) };
    let now = ctx.now(&mut tx).await?;
    let permit = permit_expire(&request, now);
    if let Some(permit) = permit {
        audit::commit(&mut tx, ctx, &Actor::Portal, permit).await?;
    } else {
        fell(&mut tx, ctx, &request).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// After a key of this person's was revoked: strikes out what it endorsed.
///
/// # Errors
/// When the database refuses.
pub(super) async fn fell_endorsements_of(
    conn: &mut PgConnection,
    ctx: &Context,
    endorser: &PersonId,
) -> Result<(), Error> {
    for request in lock_open_endorsed_by(conn, endorser).await? {
        fell(conn, ctx, &request).await?;
    }
    Ok(())
}

async fn fell(conn: &mut PgConnection, ctx: &Context, request: &Request) -> Result<(), Error> {
    let ids = request.endorsements.iter().map(|endorsement| endorsement.endorser.clone()).collect();
    let endorsers = read_signers(conn, ctx, &ids).await?;
    let now = ctx.now(conn).await?;
    if let Some(permit) = permit_fall(request, &endorsers, now) {
        audit::commit(conn, ctx, &Actor::Portal, permit).await?;
    }
    Ok(())
}
