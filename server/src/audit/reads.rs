//! Who read the log? The log itself says so: one entry per reader and minute, written when the minute is over, so that
//! reading neither floods it nor moves the pages under whoever reads.

use super::{commit, store};
use crate::context::Context;
use crate::error::Error;
use gatehouse_domain::audit::{Actor, LogRead};
use gatehouse_domain::people::decide::permit_log_read;
use sqlx::PgConnection;

/// Counts one read, before anything is shown: **when it cannot be counted, nothing is read.**
///
/// # Errors
/// When the database refuses.
pub(super) async fn count_read(conn: &mut PgConnection, reader: &Actor) -> Result<(), Error> {
    let reader = serde_json::to_string(reader).map_err(Error::internal)?;
    store::count_read(conn, &reader).await
}

/// Writes an entry for each reader whose minute is over. Idempotent: a count is deleted in the same transaction.
///
/// # Errors
/// When the database refuses.
pub async fn flush_reads(ctx: &Context) -> Result<usize, Error> {
    let mut tx = ctx.db.begin().await?;
    let counts = store::take_closed_reads(&mut tx).await?;
    for (reader, minute, count) in &counts {
        let actor: Actor = serde_json::from_str(reader).map_err(Error::internal)?;
        let read = LogRead { minute: *minute, count: count.to_string() };
        commit(&mut tx, ctx, &actor, permit_log_read(read)).await?;
    }
    tx.commit().await?;
    Ok(counts.len())
}
