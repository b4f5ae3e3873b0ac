//! The span pipeline against what can go wrong; bodies are decoded with OpenTelemetry's messages.

mod bodies;
mod conservation;
mod environment;
mod hazards;

use super::clean::Cleaner;
use super::exporter::{Guarded, MAX_BODY};
use super::queue::{Counts, Sink};
use super::{Traces, client};
use crate::config::settings::{SamplerSettings, SpanLimits, SpansSettings};
use crate::filter::Filter;
use crate::otlp::request::Request;
use crate::quiet;
use crate::resource::Resource;
use crate::scrub::Policy;
use crate::status::{DropReason, Notices, Pipeline};
use flate2::read::GzDecoder;
use opentelemetry::Context;
use opentelemetry::trace::{Span as _, SpanContext, TraceFlags, TraceState, Tracer as _};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span as ProtoSpan;
use opentelemetry_sdk::Resource as SdkResource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{RandomIdGenerator, Sampler, ShouldSample, SpanData, SpanExporter};
use prost::Message;
use std::io::Read;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tracing::level_filters::LevelFilter;

/// Far more than anything here takes, even on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) const LIMITS: SpanLimits = SpanLimits {
    attributes: 128,
    events: 128,
    links: 128,
    attributes_per_event: 128,
    attributes_per_link: 128,
    value_length: 4_096,
};

fn settings(queue: usize, batch: usize) -> SpansSettings {
    SpansSettings {
        sampler: SamplerSettings { parent_based: true, ratio: 1.0 },
        filter: Filter::at_least(LevelFilter::INFO),
        limits: LIMITS,
        queue,
        batch,
        // Nothing but a full batch, a drain and a shutdown moves spans.
        delay: PATIENCE,
        context_activation: false,
        ..SpansSettings::default()
    }
}

pub(super) fn pipeline() -> Arc<Pipeline> {
    Pipeline::new("otlp", Notices::new(|_| {}))
}

fn resource() -> Resource {
    Resource {
        service: "upload".into(),
        environment: Some("production".into()),
        version: Some("1.4.2".into()),
        attributes: vec![("team".into(), "storage".into())],
        instance: None,
    }
}

/// What would be on its way to a collector.
#[derive(Debug, Default)]
struct Tray(Mutex<Vec<Request>>);

impl Sink for Tray {
    fn push(&self, request: Request) {
        self.0.lock().unwrap().push(request);
    }
}

impl Tray {
    fn requests(&self) -> Vec<Request> {
        self.0.lock().unwrap().clone()
    }

    fn items(&self) -> u64 {
        self.requests().iter().map(|request| request.items).sum()
    }

    fn spans(&self) -> Vec<ProtoSpan> {
        self.requests().iter().flat_map(spans).collect()
    }
}

fn decode(request: &Request) -> ExportTraceServiceRequest {
    let mut body = Vec::new();
    match request.gzipped {
        true => drop(GzDecoder::new(&*request.body).read_to_end(&mut body).unwrap()),
        false => body.extend(&request.body),
    }
    ExportTraceServiceRequest::decode(&*body).unwrap()
}

fn spans(request: &Request) -> Vec<ProtoSpan> {
    let resources = decode(request).resource_spans.into_iter();
    resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
}

/// An exporter that fails as it is told, and else works.
#[derive(Debug)]
struct Faulty {
    inner: opentelemetry_otlp::SpanExporter,
    fault: Fault,
}

#[derive(Debug, Clone, Default)]
enum Fault {
    #[default]
    None,
    /// Panics with every batch that holds a span called `bad`.
    Panics,
    /// Answers such a batch with an error.
    Fails,
    Hangs(Arc<Gate>),
}

impl SpanExporter for Faulty {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let is_bad = batch.iter().any(|span| span.name == "bad");
        // The probe when it is built has no spans.
        let is_own_thread = quiet::is_this_thread() && Context::is_current_telemetry_suppressed();
        assert!(batch.is_empty() || is_own_thread, "would trace its own exports");
        match &self.fault {
            Fault::Panics if is_bad => panic!("on purpose"),
            Fault::Fails if is_bad => {
                return Err(opentelemetry_sdk::error::OTelSdkError::InternalFailure("no".into()));
            }
            Fault::Hangs(gate) => gate.pass(),
            _ => {}
        }
        self.inner.export(batch).await
    }
}

/// Lets nobody pass before it is opened; tells how many wait or went through.
#[derive(Debug, Default)]
struct Gate {
    state: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl Gate {
    fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        self.changed.notify_all();
        drop(self.changed.wait_while(state, |(open, _)| !*open).unwrap());
    }

    fn open(&self) {
        self.state.lock().unwrap().0 = true;
        self.changed.notify_all();
    }

    fn wait_for(&self, visitors: usize) {
        let state = self.state.lock().unwrap();
        let few = |(_, seen): &mut (bool, usize)| *seen < visitors;
        let (_state, timeout) = self.changed.wait_timeout_while(state, PATIENCE, few).unwrap();
        assert!(!timeout.timed_out(), "nobody came");
    }
}

/// A pipeline of spans with all that can be asked about it.
struct Bed {
    traces: Traces,
    tray: Arc<Tray>,
    pipeline: Arc<Pipeline>,
}

impl Bed {
    fn new(settings: &SpansSettings, fault: Fault) -> Self {
        Self::sampled(settings, fault, Sampler::AlwaysOn)
    }

    fn sampled(settings: &SpansSettings, fault: Fault, sampler: Sampler) -> Self {
        let (tray, pipeline) = (Arc::new(Tray::default()), pipeline());
        let exporter = guarded(&pipeline, fault, MAX_BODY);
        let parts = (sampler, RandomIdGenerator::default());
        let sink = Arc::clone(&tray) as _;
        let resource = SdkResource::builder_empty().build();
        let traces =
            Traces::start_with(settings, resource, parts, sink, &pipeline, exporter).unwrap();
        Bed { traces, tray, pipeline }
    }

    /// With the encoder as it is in services.
    fn encoding(
        settings: &SpansSettings,
        gzip: bool,
        sampler: impl ShouldSample + 'static,
    ) -> Self {
        let (tray, pipeline) = (Arc::new(Tray::default()), pipeline());
        let parts = (sampler, RandomIdGenerator::default());
        let (sink, policy) = (Arc::clone(&tray) as _, Policy::shared_default());
        let traces =
            Traces::start(settings, &resource(), gzip, parts, sink, &pipeline, &policy).unwrap();
        Bed { traces, tray, pipeline }
    }

    fn span(&self, name: &'static str) {
        self.traces.tracer().start(name).end();
    }

    fn dropped(&self, reason: DropReason) -> u64 {
        self.pipeline.drops().get(reason)
    }

    fn counts(&self) -> Counts {
        self.traces.counts()
    }
}

fn guarded(pipeline: &Pipeline, fault: Fault, max_body: usize) -> Guarded<Faulty> {
    let (inner, outbox) = client::encoder(&SdkResource::builder_empty().build(), false).unwrap();
    let cleaner = Cleaner::new(&LIMITS, Policy::shared_default(), pipeline.drops());
    Guarded::new(Faulty { inner, fault }, outbox, cleaner, max_body)
}

/// A span as the SDK hands it to a processor.
pub(super) fn span_data(name: &'static str) -> SpanData {
    SpanData {
        span_context: SpanContext::new(
            0x0102_0304_u128.into(),
            0x0506_u64.into(),
            TraceFlags::SAMPLED,
            false,
            TraceState::NONE,
        ),
        parent_span_id: opentelemetry::trace::SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: opentelemetry::trace::SpanKind::Internal,
        name: name.into(),
        start_time: std::time::UNIX_EPOCH + Duration::from_secs(1),
        end_time: std::time::UNIX_EPOCH + Duration::from_secs(2),
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: Default::default(),
        links: Default::default(),
        status: Default::default(),
        instrumentation_scope: Default::default(),
    }
}
