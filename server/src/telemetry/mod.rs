//! What does the operator see while the portal runs?
//!
//! *Lines* on standard error: JSON for machines, plain text at a terminal. Each line of a request or job is inside
//! that request's or job's span, so it carries the id. *Figures* at `/metrics` ([`metrics`]). *Traces* to an
//! OpenTelemetry collector, where the standard variables name one ([`traces`]): a webhook, its jobs and the answer to
//! GitHub are one trace.
//!
//! Invariants
//! - events name persons by employee id at most; names, addresses, free text, tokens and SQL parameters never enter
//!   a field of ours;
//! - other people's crates are never heard below `info`, whatever `RUST_LOG` says: what they say there holds URLs,
//!   headers and statements;
//! - whatever slips through is cut out where the line leaves the program ([`scrub`]).

pub mod metrics;
mod scrub;
#[cfg(test)]
mod tests;
pub mod traces;

use scrub::Scrubbed;
use std::io::IsTerminal;
use tracing::subscriber::Interest;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt, dynamic_filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON unless standard error is a terminal.
    Auto,
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Others' crates are quiet unless asked. `people` is a target of ours.
const DEFAULT_FILTER: &str = "warn,gatehouse=info,people=info";

/// Keeps the exporter of traces; dropping it sends what is left.
#[must_use = "dropping it ends the traces"]
pub struct Telemetry {
    _traces: Option<traces::Exporter>,
}

/// Starts lines and, where a collector is named, traces. A second call does nothing, so tests may call it too.
pub fn start(format: Format) -> Telemetry {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let text = match format {
        Format::Auto => std::io::stderr().is_terminal(),
        Format::Text => true,
        Format::Json => false,
    };
    let (exporter, failure) = match traces::Exporter::from_environment() {
        Ok(exporter) => (exporter, None),
        Err(error) => (None, Some(error)),
    };
    let layer = exporter.as_ref().map(traces::Exporter::layer);
    // An error means that a subscriber is there already.
    let _ = Registry::default().with(lines(text, filter, std::io::stderr)).with(layer).try_init();
    if let Some(error) = failure {
        tracing::error!(%error, "no traces are sent");
    }
    Telemetry { _traces: exporter }
}

/// The layer that writes lines to `out`.
fn lines<W>(text: bool, filter: EnvFilter, out: W) -> Box<dyn Layer<Registry> + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(Scrubbed(out));
    let filter = filter.and(asked_each_time(may_be_heard));
    match text {
        true => layer.compact().with_filter(filter).boxed(),
        false => layer.json().flatten_event(true).with_span_list(false).with_filter(filter).boxed(),
    }
}

/// A filter that is asked about every span and event of those that it may want.
///
/// One that answers once for all, when `tracing` first meets a place in the source, is not asked again; what then counts
/// is the last answer that this thread was given to *any* question. A record of the `log` crate that nobody wants would
/// so take the next request's span with it, and its id from every line.
fn asked_each_time<S: 'static>(wants: fn(&Metadata<'_>) -> bool) -> impl Filter<S> + Send + Sync + 'static {
    let each = dynamic_filter_fn(move |of: &Metadata<'_>, _: &Context<'_, S>| wants(of));
    each.with_callsite_filter(move |of| if wants(of) { Interest::sometimes() } else { Interest::never() })
}

/// Ours at any level; others' from `info` on.
fn may_be_heard(of: &Metadata<'_>) -> bool {
    let target = of.target();
    let ours = target == "people" || target == "gatehouse" || target.starts_with("gatehouse::");
    ours || *of.level() <= Level::INFO
}
