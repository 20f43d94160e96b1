//! The one way to change a governed table.

use super::store;
use crate::context::Context;
use crate::error::Error;
use crate::rest::once::{self, EntryRef};
use crate::telemetry::metrics;
use crate::{alerts, changes, jobs, people, policy};
use gatehouse_domain::Permit;
use gatehouse_domain::audit::{Actor, Entry, Event};
use sqlx::PgConnection;
use uuid::Uuid;

/// Shows that an event is being recorded in this very transaction. Only [`commit`] makes one, so no slice's tables
/// are written for an event that is not in the log.
pub struct Recording(());

/// Records and applies what was permitted, inside the caller's transaction. Nothing is committed here;
/// **if the caller rolls back, no entry, state or job remains.**
///
/// Returns the ids of the entries, in order.
///
/// # Errors
/// When the database refuses, or an event has no canonical bytes.
pub async fn commit(conn: &mut PgConnection, ctx: &Context, actor: &Actor, permit: Permit) -> Result<Vec<Uuid>, Error> {
    let recording = Recording(());
    let (events, follow) = permit.into_parts();
    if events.iter().any(Event::is_by_rules) {
        policy::demand(conn, ctx).await?;
    }
    let at = ctx.now(conn).await?;
    // One transaction may commit several permits; their entries go on counting.
    let (tx, first) = store::find_transaction_place(conn).await?;
    // It becomes news when it is committed; the watch finds out whether and when.
    ctx.live.expect(tx);
    let (mut ids, mut left) = (Vec::with_capacity(events.len()), Vec::with_capacity(events.len()));
    for (ord, event) in (first..).zip(events) {
        let entry = Entry {
            id: ctx.entropy.split("audit.entry").uuid_v7(at),
            log_origin: ctx.log_origin.clone(),
            tx,
            ord,
            at,
            actor: actor.clone(),
            event,
        };
        let bytes = entry.to_bytes().map_err(Error::internal)?;
        store::insert_entry(conn, &entry, &bytes).await?;
        apply(conn, &recording, &entry).await?;
        metrics::entry_written(entry.event.act());
        left.push(EntryRef { id: entry.id, act: entry.event.act().to_owned() });
        ids.push(entry.id);
    }
    once::note(conn, &left).await?;
    for job in &follow {
        jobs::enqueue(conn, job).await?;
    }
    Ok(ids)
}

/// Every slice takes from an entry what is its own.
async fn apply(conn: &mut PgConnection, recording: &Recording, entry: &Entry) -> Result<(), Error> {
    policy::apply(conn, recording, entry.at, entry.id, &entry.event).await?;
    people::apply(conn, recording, entry.at, entry.id, &entry.event).await?;
    alerts::apply(conn, recording, entry.at, entry.id, &entry.event).await?;
    changes::apply(conn, recording, entry.at, entry.id, &entry.event).await
}

/// Applies an entry of another database's log to an empty one: what comes of it must be what is there.
#[cfg(test)]
pub(crate) async fn apply_again(conn: &mut PgConnection, entry: &Entry) -> Result<(), Error> {
    apply(conn, &Recording(()), entry).await
}
