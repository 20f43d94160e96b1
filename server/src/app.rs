//! A whole portal, from its configuration to its end.
//!
//! Putting together ([`App::build`]) is apart from running ([`App::run_until`]), so a test can put a real
//! portal on a free port beside the twin, ask it for its address, and end it.
//!
//! States: built (listening, not answering) → running → stopped. Stopping goes from the outside in: no
//! new connections, requests finish, jobs finish, the pool closes, the private PostgreSQL writes its
//! checkpoint. Each step is bounded.

use crate::config::Config;
use crate::context::{ClientError, Context, Entropy};
use crate::database::{Database, DatabaseError};
use crate::error::{Error, chain};
use crate::jobs::Runner;
use crate::policy::{self, RulesError};
use crate::router::{self, BackendOf};
use crate::ui::RequestBackend;
use crate::{changes, environments, live, people, rest, services};
use axum::Router;
use axum::extract::Request;
use leptos::prelude::LeptosOptions;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How long open requests may go on after the portal was told to stop. Longer than their own deadline
/// would be pointless, and service managers kill after 90 s.
const DRAIN_LIMIT: Duration = Duration::from_secs(20);

/// How long running jobs may go on. Every job can be killed and repeated; this only saves repeating.
const JOBS_LIMIT: Duration = Duration::from_secs(20);

/// How often the private PostgreSQL is looked at.
const TEND_EVERY: Duration = Duration::from_secs(1);

/// How often it is asked whether other rules came into force. Nothing is decided meanwhile: whoever decides looks for itself.
const RULES_EVERY: Duration = Duration::from_secs(2);

/// The pause before the job loop is started again after it failed.
const JOBS_PAUSE: Duration = Duration::from_secs(5);

/// Why a portal did not start, or ended by itself. One sentence, for the operator.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The address is not ours to take.
    #[error(
        "cannot listen on {address} ({source}); change `listen` in {config}, or end the program that holds the port"
    )]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The configuration file.
        config: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness ({0}); nothing can be signed without it")]
    Entropy(getrandom::Error),
    /// An outside system's client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The rules in force.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// The listener broke while running.
    #[error("the portal cannot accept connections any more: {0}")]
    Serve(String),
}

/// A portal that is put together.
pub struct App {
    ctx: Context,
    database: Database,
    listener: TcpListener,
    address: SocketAddr,
    site: LeptosOptions,
}

impl App {
    /// Puts a portal together: takes the port, opens the database, makes the clients.
    ///
    /// # Errors
    /// When any of it cannot be had; nothing is left running then.
    pub async fn build(config: Config) -> Result<Self, AppError> {
        // The port first: it is the cheapest to find out, and the likeliest to be taken.
        let (listener, address) = listen(&config).await?;
        let entropy = Entropy::from_os().map_err(AppError::Entropy)?;
        let database = Database::open(&config).await?;
        Self::assemble(config, listener, address, database, entropy).await
    }

    /// [`App::build`] on a database and with randomness of a test's own.
    ///
    /// # Errors
    /// As [`App::build`].
    #[cfg(test)]
    pub async fn build_on(config: Config, database: Database, entropy: Entropy) -> Result<Self, AppError> {
        let (listener, address) = listen(&config).await?;
        Self::assemble(config, listener, address, database, entropy).await
    }

    async fn assemble(
        config: Config,
        listener: TcpListener,
        address: SocketAddr,
        database: Database,
        entropy: Entropy,
    ) -> Result<Self, AppError> {
        let ctx = Context::new(config, database.pool().clone(), entropy).await?;
        let ctx = policy::settle(ctx).await?;
        Ok(Self { ctx, database, listener, address, site: router::site_options(address) })
    }

    /// Where it listens; the port is the real one where the configuration said 0.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its services see.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.ctx
    }

    /// Answers requests and runs jobs until `shutdown` is ready, then stops in order.
    ///
    /// # Errors
    /// When the listener breaks, or the private PostgreSQL had to be stopped the hard way.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) -> Result<(), AppError> {
        let Self { ctx, mut database, listener, address, site } = self;
        let (stop_http, stop_jobs) = (CancellationToken::new(), CancellationToken::new());
        let (routers, router) = watch::channel(portal(&ctx, &site));
        let (contexts, context) = watch::channel(ctx.clone());
        let seen = tokio::spawn(environments::run(context.clone(), stop_http.clone()));
        let looks = tokio::spawn(services::run(context.clone(), stop_http.clone()));
        let jobs = tokio::spawn(run_jobs(context, stop_jobs.clone()));
        let rules = tokio::spawn(follow_rules(ctx.clone(), site, routers, contexts, stop_jobs.clone()));
        let watch = tokio::spawn(live::run(ctx.clone(), stop_http.clone()));
        let service = front(router).into_make_service_with_connect_info::<SocketAddr>();
        let server = axum::serve(listener, service).with_graceful_shutdown(stop_http.clone().cancelled_owned());
        let mut server: JoinHandle<std::io::Result<()>> = tokio::spawn(server.into_future());
        tracing::info!(%address, demo = ctx.demo, log_origin = ctx.log_origin, "the portal answers");

        let mut tick = interval(TEND_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::pin!(shutdown);
        let broke = loop {
            tokio::select! {
                () = &mut shutdown => break None,
                ended = &mut server => break Some(format!("{ended:?}")),
                _ = tick.tick() => database.tend().await,
            }
        };

        tracing::info!("stopping");
        stop_http.cancel();
        // Streams would go on for ever; without them the requests that are left come to their end.
        ctx.live.close();
        if broke.is_none() && timeout(DRAIN_LIMIT, &mut server).await.is_err() {
            tracing::warn!("requests were still open and are cut off");
            server.abort();
        }
        if timeout(DRAIN_LIMIT, watch).await.is_err() {
            tracing::warn!("the watch over the log did not end");
        }
        if timeout(DRAIN_LIMIT, async { tokio::join!(seen, looks) }).await.is_err() {
            tracing::warn!("the watches over the clusters did not end");
        }
        stop_jobs.cancel();
        if timeout(JOBS_LIMIT, jobs).await.is_err() {
            tracing::warn!("jobs were still running; they will be repeated");
        }
        if timeout(JOBS_LIMIT, rules).await.is_err() {
            tracing::warn!("the rules were still being read");
        }
        database.close().await?;
        match broke {
            None => Ok(()),
            Some(why) => Err(AppError::Serve(why)),
        }
    }
}

async fn listen(config: &Config) -> Result<(TcpListener, SocketAddr), AppError> {
    let bound = TcpListener::bind(config.listen).await.and_then(|listener| {
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    bound.map_err(|source| AppError::Bind {
        address: config.listen,
        config: config.source.display().to_string(),
        source,
    })
}

/// The portal under the rules of this context.
fn portal(ctx: &Context, site: &LeptosOptions) -> Router {
    router::router(ctx, slices(ctx), backend(), site.clone())
}

/// The portal under the rules in force. What has begun under others goes on under them, and what it decides is refused.
fn front(current: watch::Receiver<Router>) -> Router {
    Router::new().fallback(move |request: Request| {
        let router = current.borrow().clone();
        async move { router.oneshot(request).await }
    })
}

/// Puts the portal under other rules when they come into force, without a restart. While that does not succeed nothing is
/// decided here, and the log says why.
async fn follow_rules(
    mut ctx: Context,
    site: LeptosOptions,
    routers: watch::Sender<Router>,
    contexts: watch::Sender<Context>,
    stop: CancellationToken,
) {
    let mut tick = interval(RULES_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        match policy::renewed(&ctx).await {
            Ok(None) => told = None,
            Ok(Some(renewed)) => {
                drop(routers.send_replace(portal(&renewed, &site)));
                drop(contexts.send_replace(renewed.clone()));
                ctx = renewed;
                // What was prepared under the rules before is prepared again.
                if let Err(error) = changes::sweep(&ctx).await {
                    tracing::warn!(error = chain(&error), "held changes are looked at in a minute");
                }
            }
            Err(error) => {
                let why = chain(&error);
                if told.as_ref() != Some(&why) {
                    tracing::error!(why, "the rules in force cannot be read: nothing is decided until they can");
                    told = Some(why);
                }
            }
        }
    }
}

/// Keeps the job loop going: a database that was away ends it, and its coming back must not need a person. Under other
/// rules it is another loop.
async fn run_jobs(mut contexts: watch::Receiver<Context>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let ctx = contexts.borrow_and_update().clone();
        let turn = stop.child_token();
        let outcome = {
            let work = work(&ctx, turn.clone());
            tokio::pin!(work);
            tokio::select! {
                outcome = &mut work => outcome,
                Ok(()) = contexts.changed() => {
                    turn.cancel();
                    // Jobs that run finish; whatever became of the loop, there is another one.
                    drop(work.await);
                    continue;
                }
            }
        };
        if stop.is_cancelled() {
            return;
        }
        let why = outcome.err().map_or("it ended by itself".to_owned(), |error: Error| chain(&error));
        tracing::error!(why, "the job loop stopped; it starts again");
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(JOBS_PAUSE) => {}
        }
    }
}

async fn work(ctx: &Context, stop: CancellationToken) -> Result<(), Error> {
    let runner = Runner::prepare(ctx, stop).await?;
    ctx.job_loop.set_running(true);
    let outcome = runner.run().await;
    ctx.job_loop.set_running(false);
    outcome
}

/// The routes of the slices. A new slice with routes is added here, and nowhere else.
pub(crate) fn slices(ctx: &Context) -> Router<Context> {
    people::router().merge(changes::routes()).merge(live::routes()).merge(rest::routes(ctx))
}

/// Who answers the pages.
pub(crate) fn backend() -> BackendOf {
    Arc::new(|ctx, parts| Arc::new(RequestBackend::new(ctx, parts)))
}

#[cfg(test)]
mod tests;
