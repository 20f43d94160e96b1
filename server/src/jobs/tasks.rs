//! The tasks: each names a verb of a slice's service.

use super::store::{SWEEP, SWEEP_REGISTRY, SWEEP_RUNS, enqueue_sweep};
use crate::context::Context;
use crate::error::Error;
use crate::telemetry::metrics::{self, Stopwatch};
use crate::telemetry::traces;
use crate::{audit, changes, people, pipelines, policy, rest};
use gatehouse_domain::ChangeNumber;
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use serde::{Deserialize, Serialize};
use tracing::{Instrument, info_span};

/// The context, as the queue hands it to a task.
#[derive(Clone, Debug)]
pub(super) struct Portal(pub(super) Context);

fn portal(ctx: &WorkerContext) -> Result<Context, String> {
    ctx.get_ext::<Portal>().map(|portal| portal.0.clone()).ok_or_else(|| "no context".to_owned())
}

/// Runs a task's verb inside its span, which continues the trace of whoever enqueued it. Logs a failure, once, and
/// gives the queue a sentence without secrets.
async fn work<F>(task: &'static str, about: &str, trace: Option<&str>, verb: F) -> Result<(), String>
where
    F: Future<Output = Result<(), Error>>,
{
    let span = info_span!("job", otel.name = task, otel.kind = "consumer", task, about);
    traces::continue_from(&span, trace);
    let watch = Stopwatch::start();
    let result = async {
        let result = verb.await;
        if let Err(error) = &result {
            tracing::warn!(error = crate::error::chain(error), "job failed; it will be tried again");
        }
        result
    };
    let result = result.instrument(span).await;
    metrics::job_ended(task, result.is_ok(), watch.took());
    result.map_err(|error| error.to_string())
}

/// A task about one change.
macro_rules! change_task {
    ($(#[$doc:meta])* $name:ident, $id:literal, $verb:path) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct $name {
            about: ChangeNumber,
            #[serde(default)]
            trace: Option<String>,
        }
        impl TaskHandler for $name {
            const IDENTIFIER: &'static str = $id;
            async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
                let portal = portal(&ctx)?;
                work($id, self.about.as_str(), self.trace.as_deref(), $verb(&portal, &self.about)).await
            }
        }
    };
}

change_task!(
    /// Reads the outside world again for a change.
    AssessChange, "assess_change", changes::assess);
change_task!(
    /// Checks everything again and records the intent.
    ExecuteChange, "execute_change", changes::execute);
change_task!(
    /// Gives GitHub the answer that it is owed.
    AnswerGithub, "answer_github", changes::answer);

change_task!(
    /// Sees whether a proof that is owed was made good.
    SettleDebt, "settle_debt", changes::settle_debt);

/// Reads a stored webhook delivery.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReadDelivery {
    about: String,
    #[serde(default)]
    trace: Option<String>,
}
impl TaskHandler for ReadDelivery {
    const IDENTIFIER: &'static str = "read_delivery";
    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let portal = portal(&ctx)?;
        let verb = changes::read_delivery(&portal, &self.about);
        work("read_delivery", &self.about, self.trace.as_deref(), verb).await
    }
}

/// What is done every minute. A unit, because the timer's payload is `null`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct EveryMinute;
impl TaskHandler for EveryMinute {
    const IDENTIFIER: &'static str = "every_minute";
    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let portal = portal(&ctx)?;
        work("every_minute", "", None, every_minute(&portal)).await
    }
}

/// Looks whether GitHub asked something that never arrived. A job by itself: a slow GitHub delays no expiry.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct SweepGithub;
impl TaskHandler for SweepGithub {
    const IDENTIFIER: &'static str = SWEEP;
    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let portal = portal(&ctx)?;
        work(SWEEP, "", None, changes::repair(&portal)).await
    }
}

/// Looks what is in the registry. A job by itself too.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct SweepRegistry;
impl TaskHandler for SweepRegistry {
    const IDENTIFIER: &'static str = SWEEP_REGISTRY;
    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let portal = portal(&ctx)?;
        work(SWEEP_REGISTRY, "", None, pipelines::releases::look(&portal)).await
    }
}

/// Reads again what may have changed of runs. A job by itself, for the same reason.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct SweepRuns;
impl TaskHandler for SweepRuns {
    const IDENTIFIER: &'static str = SWEEP_RUNS;
    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let portal = portal(&ctx)?;
        work(SWEEP_RUNS, "", None, pipelines::sweep(&portal)).await
    }
}

/// The timers' work. Each part is idempotent, so a minute done twice or late does no harm.
pub(super) async fn every_minute(ctx: &Context) -> Result<(), Error> {
    // Each by itself: what fails in one keeps nothing from the others, and the first failure is told.
    let done = [
        audit::flush_refusals(ctx).await.map(|_| ()),
        audit::flush_reads(ctx).await.map(|_| ()),
        rest::once::sweep(ctx).await,
        changes::expire(ctx).await,
        changes::sweep(ctx).await,
        people::sweep(ctx).await,
        policy::sweep(ctx).await,
        ask_for_sweep(ctx, SWEEP).await,
        ask_for_sweep(ctx, SWEEP_REGISTRY).await,
        ask_for_sweep(ctx, SWEEP_RUNS).await,
    ];
    done.into_iter().collect()
}

async fn ask_for_sweep(ctx: &Context, sweep: &'static str) -> Result<(), Error> {
    let mut conn = ctx.db.acquire().await?;
    enqueue_sweep(&mut conn, sweep).await
}
