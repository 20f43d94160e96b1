//! The one connection of a replica that listens to the others.

use super::hub::Live;
use super::store::CHANNEL;
use crate::context::Context;
use sqlx::postgres::{PgListener, PgPoolOptions};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The pause before a connection that was lost is tried again. Meanwhile the watch looks by itself.
const PAUSE: Duration = Duration::from_secs(2);

/// Listens until `stop`. Whatever it hears, or missed while it was away, is one more reason to look.
pub(super) async fn listen(ctx: &Context, own: &str, stop: &CancellationToken) {
    // A pool of its own: requests must never wait for a connection that only listens.
    let options = ctx.db.connect_options().as_ref().clone().application_name("gatehouse live");
    let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None).connect_lazy_with(options);
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => {}
            Err(error) = hear(&pool, &ctx.live, own) => {
                tracing::warn!(%error, "this replica does not hear the others; it looks every few seconds");
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    }
}

async fn hear(pool: &sqlx::PgPool, live: &Live, own: &str) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    live.look();
    loop {
        match listener.try_recv().await? {
            // What we said ourselves we have seen before.
            Some(heard) if heard.payload() == own => {}
            Some(_) => live.look(),
            // The connection was lost and is back: nobody knows what was said meanwhile.
            None => live.look(),
        }
    }
}
