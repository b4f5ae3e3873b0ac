//! The other sides, as their documentation sets them up.

use crate::loads;
use crate::side::Installed;
use metrics_exporter_prometheus::PrometheusBuilder;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter as OtlpExporter, WithExportConfig};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, SpanData, SpanExporter,
};
use std::sync::atomic::{AtomicU64, Ordering};
use tracing::Subscriber;
use tracing::subscriber::set_global_default;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{fmt, registry};

/// Spans that nobody looks at.
pub(crate) const REGISTRY: &str = "registry";
/// tracing-opentelemetry with its defaults, over an exporter that does nothing.
pub(crate) const SAMPLED: &str = "spans";
pub(crate) const ONE_PERCENT: &str = "spans one percent";
pub(crate) const UNSAMPLED: &str = "spans unsampled";
/// With all off that can be switched off.
pub(crate) const LEAN: &str = "spans lean";
/// With opentelemetry-otlp's exporter.
pub(crate) const OTLP: &str = "spans otlp";
/// Lines as JSON, written by the thread that logs, and by another one.
pub(crate) const LINES: &str = "lines";
pub(crate) const LINES_BY_THREAD: &str = "lines by thread";
/// With tracing-opentelemetry, which adds each to its span.
pub(crate) const LINES_AND_SPANS: &str = "lines and spans";

/// With a Prometheus recorder for the `metrics` crate.
pub(crate) const METRICS: &str = "spans metrics";
pub(crate) const METRICS_ONE_PERCENT: &str = "spans metrics one percent";

/// What has come to `Nowhere`.
static RECEIVED: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        RECEIVED.fetch_add(batch.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

pub(crate) fn install(name: &str, collector: &str) -> Installed {
    let always = Sampler::AlwaysOn;
    let lines = || fmt::layer().json();
    if name.starts_with(METRICS) {
        // Buckets, as our side has them; by default it has a summary.
        PrometheusBuilder::new()
            .set_buckets(&[
                0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
            ])
            .and_then(PrometheusBuilder::install_recorder)
            .expect("nothing else is installed in this process");
    }
    match name {
        REGISTRY => global(registry(), None),
        LINES => global(registry().with(lines().with_writer(std::io::stdout)), None),
        LINES_BY_THREAD => {
            let (writer, guard) = tracing_appender::non_blocking(std::io::stdout());
            // Its end would be the thread's.
            std::mem::forget(guard);
            global(registry().with(lines().with_writer(writer)), None)
        }
        LINES_AND_SPANS => {
            let provider = provider(always, Nowhere);
            let lines = lines().with_writer(std::io::stdout);
            global(registry().with(lines).with(layer(&provider)), Some(provider))
        }
        LEAN => {
            let provider = provider(always, Nowhere);
            let layer = layer(&provider)
                .with_location(false)
                .with_threads(false)
                .with_target(false)
                .with_tracked_inactivity(false)
                .with_context_activation(false);
            global(registry().with(layer), Some(provider))
        }
        OTLP => {
            let endpoint = format!("http://{collector}/v1/traces");
            let exporter = OtlpExporter::builder().with_http().with_endpoint(endpoint).build();
            Installed { dropped: Box::new(|| None), ..spans(always, exporter.expect("an address")) }
        }
        SAMPLED | METRICS => spans(always, Nowhere),
        ONE_PERCENT | METRICS_ONE_PERCENT | UNSAMPLED => {
            let share = if name == UNSAMPLED { 0.0 } else { 0.01 };
            let spans = spans(Sampler::TraceIdRatioBased(share), Nowhere);
            Installed { dropped: Box::new(|| None), ..spans }
        }
        other => panic!("no side is called {other}"),
    }
}

fn spans(sampler: Sampler, exporter: impl SpanExporter + 'static) -> Installed {
    let provider = provider(sampler, exporter);
    global(registry().with(layer(&provider)), Some(provider))
}

fn global(
    subscriber: impl Subscriber + Send + Sync + 'static,
    provider: Option<SdkTracerProvider>,
) -> Installed {
    set_global_default(subscriber).expect("nothing else is installed in this process");
    let flushed = provider.clone();
    Installed {
        flush: Box::new(move || {
            if let Some(provider) = &flushed {
                provider.force_flush().expect("nothing hinders it");
            }
        }),
        dropped: Box::new(move || {
            provider.is_some().then(|| loads::spans_made() - RECEIVED.load(Ordering::Relaxed))
        }),
    }
}

fn provider(sampler: Sampler, exporter: impl SpanExporter + 'static) -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_sampler(Sampler::ParentBased(Box::new(sampler)))
        .with_span_processor(BatchSpanProcessor::builder(exporter).build())
        .build()
}

fn layer<S>(provider: &SdkTracerProvider) -> OpenTelemetryLayer<S, SdkTracer>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"))
}
