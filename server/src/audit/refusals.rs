//! Refusals in the log: one entry for each attempt of somebody we know, one count a minute for the rest.

use super::{commit, seal, store};
use crate::context::Context;
use crate::error::Error;
use crate::telemetry::metrics;
use axum::extract::ConnectInfo;
use axum::http::Extensions;
use gatehouse_domain::audit::{About, Actor, RefusalsCounted};
use gatehouse_domain::people::decide::{permit_refusal, permit_refusals_counted};
use gatehouse_domain::{Reason, Reasons};
use std::net::SocketAddr;

/// Whose key seals network addresses.
const SOURCE_OWNER: &str = "source";

/// The network address that a request came from, for counting.
#[must_use]
pub fn source_of(extensions: &Extensions) -> String {
    let source = extensions.get::<ConnectInfo<SocketAddr>>();
    source.map_or_else(|| "unknown".to_owned(), |ConnectInfo(address)| address.ip().to_string())
}

/// Records that `actor` tried and was refused, in a transaction of its own: the attempt's was rolled back.
///
/// # Errors
/// When the database refuses; the attempt is refused all the same.
pub async fn refuse(ctx: &Context, actor: &Actor, attempt: &str, about: About, reasons: &Reasons) -> Result<(), Error> {
    metrics::refused(reasons.first().code());
    let mut tx = ctx.db.begin().await?;
    commit(&mut tx, ctx, actor, permit_refusal(attempt, about, reasons)).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives a result back. Where it is a refusal, that is recorded first.
///
/// # Errors
/// The result's own, or as [`refuse`].
pub async fn recorded<T>(
    ctx: &Context,
    actor: &Actor,
    attempt: &str,
    about: About,
    result: Result<T, Error>,
) -> Result<T, Error> {
    if let Err(Error::Refused(reasons)) = &result {
        refuse(ctx, actor, attempt, about, reasons).await?;
    }
    result
}

/// Counts a refusal of somebody unknown. A flood costs one row a minute and source, and one entry.
///
/// # Errors
/// When the database refuses.
pub async fn count_refusal(ctx: &Context, attempt: &str, reason: &Reason, source: &str) -> Result<(), Error> {
    metrics::refused(reason.code());
    let mut conn = ctx.db.acquire().await?;
    store::count_refusal(&mut conn, attempt, reason.code(), source).await?;
    Ok(())
}

/// Writes an entry for each count whose minute is over. Idempotent: a count is deleted in the same transaction.
///
/// # Errors
/// When the database refuses.
pub async fn flush_refusals(ctx: &Context) -> Result<usize, Error> {
    let mut tx = ctx.db.begin().await?;
    let counts = store::take_closed_counts(&mut tx).await?;
    for count in &counts {
        let source = seal(&mut tx, ctx, SOURCE_OWNER, &count.source).await?;
        let counted = RefusalsCounted {
            attempt: count.attempt.clone(),
            reason: count.reason.clone(),
            minute: count.minute,
            count: count.count.to_string(),
            source,
        };
        commit(&mut tx, ctx, &Actor::Anonymous, permit_refusals_counted(counted)).await?;
    }
    tx.commit().await?;
    Ok(counts.len())
}
