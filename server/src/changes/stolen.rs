//! A session was stolen: what was approved through it?

use super::store;
use crate::error::Error;
use gatehouse_domain::changes::decide::permit_void_stolen;
use gatehouse_domain::{Permit, SessionId};
use sqlx::PgConnection;

/// What falls of the held changes, which stay locked until the caller commits or gives up. One permit for each.
///
/// # Errors
/// When the database refuses.
pub async fn lock_given_through(conn: &mut PgConnection, session: &SessionId) -> Result<Vec<Permit>, Error> {
    let mut permits = Vec::new();
    for number in store::list_given_through(conn, session).await? {
        let change = store::lock_change(conn, &number).await?;
        permits.extend(permit_void_stolen(&change, session));
    }
    Ok(permits)
}
