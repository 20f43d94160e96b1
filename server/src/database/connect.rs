//! How does every session of ours connect, and how long may it wait?

use super::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgPool};
use std::time::Duration;

/// Two cores keep a handful of connections busy; sixteen leave room for transactions that wait on
/// locks and for the queue's listener, and sixty replicas still fit one large server.
const MAX_CONNECTIONS: u32 = 16;

/// How long a request waits for a connection before it is told 503.
const ACQUIRE_LIMIT: Duration = Duration::from_secs(5);

/// How long a connection that was alive is taken to be: for longer, the database may have been away and come back.
pub(super) const TRUSTED: Duration = Duration::from_millis(500);

/// Limits of every session of the application. All are below the request timeout, so the database
/// gives up before the browser does, and nothing holds locks for a client that has gone.
const APP_SETTINGS: [(&str, &str); 5] = [
    ("timezone", "UTC"),
    ("search_path", "public"),
    ("statement_timeout", "15s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "30s"),
];

/// Limits of a migration: it may work for long, but not hold up a running portal while it waits.
const OWNER_SETTINGS: [(&str, &str); 4] =
    [("timezone", "UTC"), ("search_path", "public"), ("statement_timeout", "0"), ("lock_timeout", "30s")];

/// A session of the application role.
pub(super) fn app_options(options: PgConnectOptions) -> PgConnectOptions {
    options.application_name("gatehouse").options(APP_SETTINGS)
}

/// A session of the owner.
pub(super) fn owner_options(options: PgConnectOptions) -> PgConnectOptions {
    options.application_name("gatehouse migrate").options(OWNER_SETTINGS)
}

/// The application's pool; one connection is made at once, so a wrong address is told at the start.
pub(super) async fn pool(options: PgConnectOptions) -> Result<PgPool, DatabaseError> {
    pool_options(MAX_CONNECTIONS).connect_with(app_options(options)).await.map_err(unreachable)
}

/// The owner's pool for one migration.
pub(super) async fn owner_pool(options: PgConnectOptions) -> Result<PgPool, DatabaseError> {
    pool_options(2).connect_with(owner_options(options)).await.map_err(unreachable)
}

fn pool_options(max: u32) -> PgPoolOptions {
    let options = PgPoolOptions::new().max_connections(max).acquire_timeout(ACQUIRE_LIMIT);
    // The pool asks whether a connection is alive whenever one is given back; asking again when it is taken in the
    // next moment costs every question a second way to the database.
    options.test_before_acquire(false).before_acquire(|conn, meta| {
        Box::pin(async move {
            if meta.idle_for > TRUSTED {
                conn.ping().await?;
            }
            Ok(true)
        })
    })
}

/// Splits "it is not there" from "it said no": the second is worth the database's own words.
pub(super) fn unreachable(source: sqlx::Error) -> DatabaseError {
    let reason = match &source {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::PoolTimedOut => format!("no connection within {} s", ACQUIRE_LIMIT.as_secs()),
        sqlx::Error::Tls(_) => "TLS could not be agreed".to_owned(),
        _ => "the connection failed".to_owned(),
    };
    DatabaseError::Unreachable { reason, source }
}
