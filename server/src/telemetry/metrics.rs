//! Which figures does the portal keep of itself?
//!
//! Every name is here, so that `/metrics` can be read in one place. Labels have few values each: routes, not paths;
//! reason codes, not sentences; never a person, change or address.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const REQUESTS: &str = "gatehouse_http_request_duration_seconds";
const JOBS: &str = "gatehouse_job_duration_seconds";
const ENTRIES: &str = "gatehouse_audit_entries_total";
const REFUSALS: &str = "gatehouse_refusals_total";
const QUEUE: &str = "gatehouse_jobs_waiting";
const QUEUE_AGE: &str = "gatehouse_jobs_oldest_due_seconds";
const CONNECTIONS: &str = "gatehouse_database_connections";

/// From a page out of memory to the deadline of a request.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to count. There is one recorder in a process; what is counted before is lost.
pub fn start() {
    let _ = handle();
}

fn handle() -> Option<&'static PrometheusHandle> {
    HANDLE
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().set_buckets(&SECONDS).ok()?.build_recorder();
            let handle = recorder.handle();
            metrics::set_global_recorder(recorder).ok()?;
            describe_histogram!(REQUESTS, Unit::Seconds, "Requests by route, method and status.");
            describe_histogram!(JOBS, Unit::Seconds, "Jobs by task and outcome.");
            describe_counter!(ENTRIES, "Audit entries committed by this replica, by act.");
            describe_counter!(REFUSALS, "Refusals by the first reason's code.");
            describe_gauge!(QUEUE, "Jobs that wait, in the whole database.");
            describe_gauge!(QUEUE_AGE, Unit::Seconds, "For how long the oldest job that is due has waited.");
            describe_gauge!(CONNECTIONS, "Database connections of this replica, by state.");
            Some(handle)
        })
        .as_ref()
}

/// Everything, in Prometheus' text format; `None` when another recorder is in this process.
#[must_use]
pub fn render() -> Option<String> {
    let handle = handle()?;
    handle.run_upkeep();
    Some(handle.render())
}

/// Measures how long something takes; good for telling, never for deciding.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// From now on.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Until now.
    #[must_use]
    pub fn took(self) -> Duration {
        self.0.elapsed()
    }
}

/// A request was answered.
pub fn answered(method: &str, route: &str, status: u16, took: Duration) {
    let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
    histogram!(REQUESTS, &labels).record(took);
}

/// A job ended.
pub fn job_ended(task: &'static str, succeeded: bool, took: Duration) {
    let outcome = if succeeded { "done" } else { "failed" };
    histogram!(JOBS, "task" => task, "outcome" => outcome).record(took);
}

/// An entry was written; its transaction may still roll back, which is rare and errs on the side of too many.
pub fn entry_written(act: &'static str) {
    counter!(ENTRIES, "act" => act).increment(1);
}

/// Somebody was refused.
pub fn refused(code: &'static str) {
    counter!(REFUSALS, "code" => code).increment(1);
}

/// What the queue and the pool look like now.
pub fn observe(waiting: i64, oldest_due: Duration, connections: u32, idle: usize) {
    gauge!(QUEUE).set(f64::from(i32::try_from(waiting).unwrap_or(i32::MAX)));
    gauge!(QUEUE_AGE).set(oldest_due.as_secs_f64());
    let idle = u32::try_from(idle).unwrap_or(connections);
    gauge!(CONNECTIONS, "state" => "idle").set(f64::from(idle));
    gauge!(CONNECTIONS, "state" => "used").set(f64::from(connections.saturating_sub(idle)));
}
