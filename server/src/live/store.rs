//! Telling the other replicas.

use crate::error::Error;
use sqlx::PgConnection;

/// The channel on which replicas tell each other to look.
pub(super) const CHANNEL: &str = "gatehouse_live";

/// Tells every replica to look; `from` lets the sender know its own voice. Outside any other transaction.
pub(super) async fn send_look(conn: &mut PgConnection, from: &str) -> Result<(), Error> {
    sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(from).execute(conn).await?;
    Ok(())
}
