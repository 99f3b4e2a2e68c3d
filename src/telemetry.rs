//! Logs and traces. A log line holds ids, words of ours and numbers; never variables, documents, tokens or names.

use crate::{
    config::{Format, Telemetry},
    options::BadOption,
};
use opentelemetry::{
    propagation::TextMapPropagator,
    trace::{TraceContextExt, TracerProvider},
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use std::{collections::HashMap, io::IsTerminal};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// What these libraries say below the given level may hold parameters of statements or headers of requests.
const CAPS: [&str; 11] = [
    "sqlx=warn",
    "sea_orm=info",
    // Its spans hold the rows that a write reads.
    "sea_orm::database::mock=info",
    // These two tell each step of a start and of a stop, which is ours to tell.
    "sea_orm_migration=warn",
    "actix_server=warn",
    "tokio_postgres=info",
    "actix_http=info",
    "actix_web=info",
    "hyper=info",
    "hyper_util=info",
    "reqwest=info",
];

/// Holds the exporter of traces; flushes it when the process ends.
#[must_use = "traces are flushed when this is dropped"]
#[derive(Default)]
pub struct Tracing(Option<SdkTracerProvider>);

impl Drop for Tracing {
    fn drop(&mut self) {
        if let Some(provider) = self.0.take()
            && let Err(error) = provider.shutdown()
        {
            tracing::warn!(%error, "traces not flushed");
        }
    }
}

/// Starts logs, and traces where an address is configured. Called once, by `main`.
///
/// # Errors
/// When the filter or the address cannot be used.
pub fn start(options: &Telemetry, demo: bool) -> Result<Tracing, BadOption> {
    let mut filter = EnvFilter::try_new(&options.filter).map_err(|_| {
        BadOption::of(
            "telemetry.filter",
            "expected a filter such as info,yihu=debug",
        )
    })?;
    for cap in CAPS.iter().filter_map(|cap| cap.parse().ok()) {
        filter = filter.add_directive(cap);
    }
    let format = options.format.unwrap_or(match demo {
        true => Format::Pretty,
        false => Format::Json,
    });
    let lines = match format {
        Format::Json => tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed(),
        Format::Pretty => tracing_subscriber::fmt::layer()
            .with_target(false)
            .with_ansi(std::io::stdout().is_terminal())
            .boxed(),
    };
    let provider = options.otlp.as_deref().map(exporter).transpose()?;
    let spans = provider
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("yihu")));
    let started = tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(spans)
        .try_init();
    started.map_err(|_| BadOption::of("telemetry", "started twice"))?;
    quiet_panics();
    Ok(Tracing(provider))
}

fn exporter(address: &str) -> Result<SdkTracerProvider, BadOption> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(address)
        .build()
        .map_err(|_| {
            BadOption::of(
                "telemetry.otlp",
                "expected an address such as http://collector:4318/v1/traces",
            )
        })?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("yihu").build())
        .build())
}

/// Puts a span that has not begun into a trace, as the header `traceparent` tells it. What is no such header is passed over.
pub(crate) fn join(span: &tracing::Span, traceparent: &str) {
    let told = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    let parent = TraceContextPropagator::new().extract(&told);
    if parent.has_active_span() {
        // It fails where no traces are sent.
        let _ = span.set_parent(parent);
    }
}

/// A panic message may hold the value that caused it, so only its place is written.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}
