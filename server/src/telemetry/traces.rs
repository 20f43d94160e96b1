//! How does one see a promotion as one trace, from GitHub's webhook through the jobs to the answer?
//!
//! A job row carries the trace context (W3C `traceparent`) of whoever enqueued it; its span continues that trace. A
//! `traceparent` that a client sends is not taken: whose trace a stranger joins is not the stranger's choice.
//!
//! On when `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set (OTLP over HTTP, protobuf),
//! with the other standard variables; off otherwise. A collector that is away costs spans, never a request.
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>

use super::asked_each_time;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Metadata, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

const VARIABLES: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// Sends spans away; dropping it sends the last ones.
pub struct Exporter {
    provider: SdkTracerProvider,
}

impl Exporter {
    /// The exporter that the environment asks for, if it does.
    ///
    /// # Errors
    /// When the variables name no usable collector.
    pub fn from_environment() -> Result<Option<Self>, String> {
        if VARIABLES.iter().all(|name| std::env::var_os(name).is_none_or(|value| value.is_empty())) {
            return Ok(None);
        }
        let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build();
        let exporter = exporter.map_err(|error| format!("the collector's address cannot be used: {error}"))?;
        Ok(Some(Self::of(SdkTracerProvider::builder().with_batch_exporter(exporter))))
    }

    /// With this processor, under our name.
    pub(super) fn of(builder: opentelemetry_sdk::trace::TracerProviderBuilder) -> Self {
        let resource = Resource::builder().with_service_name("gatehouse").build();
        Self { provider: builder.with_resource(resource).build() }
    }

    /// The layer that turns our spans into the collector's.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a> + 'static,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("gatehouse"))
            .with_filter(asked_each_time(is_ours))
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        // Bounded by the exporter's own timeout; a collector that is away must not keep the portal from stopping.
        let _ = self.provider.shutdown();
    }
}

/// Only our spans: others' hold statements and URLs.
fn is_ours(of: &Metadata<'_>) -> bool {
    of.is_span() && (of.target() == "gatehouse" || of.target().starts_with("gatehouse::"))
}

/// The context of the span that we are in, as `traceparent`; `None` when nothing is traced.
#[must_use]
pub fn current() -> Option<String> {
    let context = Span::current().context();
    let span = context.span().span_context().clone();
    span.is_valid().then(|| format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags().to_u8()))
}

/// Makes `span` part of the trace that `traceparent` names; anything malformed begins a new one.
pub fn continue_from(span: &Span, traceparent: Option<&str>) {
    if let Some(parent) = traceparent.and_then(parse) {
        let context = opentelemetry::Context::new().with_remote_span_context(parent);
        // An error means that nothing is traced.
        let _ = span.set_parent(context);
    }
}

fn parse(traceparent: &str) -> Option<SpanContext> {
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if version != "00" || parts.next().is_some() || trace.len() != 32 || span.len() != 16 || flags.len() != 2 {
        return None;
    }
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?);
    let parent = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        flags,
        true,
        TraceState::default(),
    );
    parent.is_valid().then_some(parent)
}
