//! The loop that runs jobs, and the test's way to run them on demand.

use super::tasks::{
    AnswerGithub, AssessChange, EveryMinute, ExecuteChange, Portal, ReadDelivery, SettleDebt, SweepGithub,
    SweepRegistry, SweepRuns,
};
use crate::context::Context;
use crate::database::JOBS_SCHEMA;
use crate::error::Error;
use graphile_worker::{Cron, Worker, WorkerOptions};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How many jobs one replica runs at once. They mostly wait for GitHub, and GitHub asks for no bursts.
const CONCURRENCY: usize = 4;

/// How often a worker says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Runs jobs until it is told to stop.
pub struct Runner {
    worker: Worker,
}

impl Runner {
    /// Prepares a runner that stops when `stop` is cancelled, letting running jobs finish.
    ///
    /// # Errors
    /// When the queue's tables are not there or do not fit this version.
    pub async fn prepare(ctx: &Context, stop: CancellationToken) -> Result<Self, Error> {
        let worker = WorkerOptions::default()
            .schema(JOBS_SCHEMA)
            .pg_pool(ctx.db.clone())
            .concurrency(CONCURRENCY)
            .poll_interval(Duration::from_secs(2))
            // A worker that died keeps its locks for ever unless somebody takes them: after half a minute without a
            // sign of life another one does. Every job looks before it acts, so a worker that was only slow does no harm.
            .heartbeat_interval(HEARTBEAT)
            .sweep_interval(HEARTBEAT * 2)
            .sweep_threshold(HEARTBEAT * 6)
            .recovery_delay(Duration::ZERO)
            // It would catch SIGTERM for itself; shutting down is the portal's business.
            .listen_os_shutdown_signals(false)
            .shutdown_signal(async move { stop.cancelled().await })
            .add_extension(Portal(ctx.clone()))
            .define_job::<ReadDelivery>()
            .define_job::<AssessChange>()
            .define_job::<ExecuteChange>()
            .define_job::<AnswerGithub>()
            .define_job::<SettleDebt>()
            .define_job::<EveryMinute>()
            .define_job::<SweepGithub>()
            .define_job::<SweepRegistry>()
            .define_job::<SweepRuns>()
            .with_cron(Cron::every_minute::<EveryMinute>())
            .init()
            .await
            .map_err(Error::internal)?;
        Ok(Self { worker })
    }

    /// Runs until the stop signal.
    ///
    /// # Errors
    /// When the queue cannot be read any more.
    pub async fn run(self) -> Result<(), Error> {
        self.worker.run().await.map_err(Error::internal)
    }

    /// Runs everything that is due now, then returns; for tests.
    ///
    /// # Errors
    /// As [`Runner::run`].
    pub async fn run_due(&self) -> Result<(), Error> {
        self.worker.run_once().await.map_err(Error::internal)
    }
}
