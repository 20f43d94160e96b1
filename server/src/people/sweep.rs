//! Once a minute: what is over goes, and who is here stays known.

use super::gained::sweep_roles;
use super::requests::sweep_requests;
use super::role_facts::refresh_role_facts;
use super::store::{ceremonies, facts, sessions, signins};
use crate::context::Context;
use crate::error::Error;

/// Records what roles moved, ends requests whose time is over, deletes what nobody can use any more, and asks the provider again about everyone who is here and
/// whose facts are older than ten minutes. Doing it twice does nothing more.
///
/// # Errors
/// When the database refuses. A provider that does not answer is logged and asked again next time.
pub async fn sweep(ctx: &Context) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
    signins::delete_expired_signins(&mut conn).await?;
    ceremonies::delete_expired_ceremonies(&mut conn).await?;
    sessions::delete_old_sessions(&mut conn).await?;
    let persons = facts::list_persons_to_refresh(&mut conn).await?;
    drop(conn);
    sweep_roles(ctx).await?;
    sweep_requests(ctx).await?;
    for person in persons {
        if let Err(error) = refresh_role_facts(ctx, &person).await {
            error.report("sweep");
        }
    }
    Ok(())
}
