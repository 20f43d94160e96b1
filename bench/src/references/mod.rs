//! What is the least that could do the same?
//!
//! A program of its own: bare axum handlers over an sqlx pool as large as the portal's, on another database of the
//! same PostgreSQL with the same tables, indices and checks, as the same role. Each handler says what it leaves out.
//! Beside them [`pods`], which needs neither and is a process of its own.

mod accept;
mod decide;
mod decide_sql;
mod page;
pub mod pods;
mod read;
mod session;

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, bail};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// The first word of the command line that makes a process this one.
pub const COMMAND: &str = "reference";

/// As many as the portal's pool has.
const CONNECTIONS: u32 = 16;

/// Runs until it is told to stop. The first line on standard output is the address.
///
/// # Errors
/// When the words are not a database and a file with the webhook's secret, or one of them cannot be had.
pub async fn serve(words: Vec<String>) -> anyhow::Result<()> {
    let [database, secret] = words.as_slice() else { bail!("{COMMAND} DATABASE_URL WEBHOOK_SECRET_FILE") };
    let secret = std::fs::read(secret).with_context(|| format!("cannot read {secret}"))?;
    let pool: PgPool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(database).await?;
    let page = page::Page::default();
    let router = Router::new()
        .route("/healthz", get(|| async { StatusCode::OK }))
        .route("/webhooks/github", post(accept::accept).with_state((pool.clone(), secret.into())))
        .route("/api/v1/changes", get(read::read).with_state(pool.clone()))
        .route("/api/ui/finish_decision", post(decide::decide).with_state(pool))
        .route("/page", put(page::put).with_state(page.clone()))
        .route("/changes/{number}", get(page::get).with_state(page));
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    println!("{}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        })
        .await?;
    Ok(())
}

/// Whatever went wrong: the load ends at the first answer of another status.
struct Failed(String);

impl axum::response::IntoResponse for Failed {
    fn into_response(self) -> axum::response::Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0).into_response()
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(format!("{:#}", error.into()))
    }
}
