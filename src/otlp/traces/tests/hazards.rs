//! What the SDK alone does to spans, and that it does not happen here.

use super::*;
use opentelemetry::trace::{TraceContextExt, TracerProvider as _};
use opentelemetry::{KeyValue, Value};
use opentelemetry_proto::tonic::common::v1::any_value::Value as ProtoValue;
use opentelemetry_sdk::trace::{
    SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample, SpanProcessor,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tracing_subscriber::layer::SubscriberExt;

/// Keeps what the SDK exports; panics or fails if told so.
#[derive(Debug, Clone, Default)]
struct Bare {
    seen: Arc<Mutex<Vec<SpanData>>>,
    panics: Arc<AtomicBool>,
    fails: bool,
}

impl SpanExporter for Bare {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        assert!(!self.panics.swap(false, Ordering::Relaxed), "on purpose");
        if self.fails {
            return Err(opentelemetry_sdk::error::OTelSdkError::InternalFailure("no".into()));
        }
        self.seen.lock().unwrap().extend(batch);
        Ok(())
    }
}

#[derive(Debug, Clone)]
struct RecordOnly;

impl ShouldSample for RecordOnly {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: opentelemetry::trace::TraceId,
        _: &str,
        _: &opentelemetry::trace::SpanKind,
        _: &[KeyValue],
        _: &[opentelemetry::trace::Link],
    ) -> SamplingResult {
        SamplingResult {
            decision: SamplingDecision::RecordOnly,
            attributes: Vec::new(),
            trace_state: TraceState::NONE,
        }
    }
}

fn bare(exporter: &Bare) -> SdkTracerProvider {
    SdkTracerProvider::builder().with_batch_exporter(exporter.clone()).build()
}

#[test]
fn unsampled_spans_are_not_exported_and_no_loss() {
    let exporter = Bare::default();
    let builder = SdkTracerProvider::builder().with_batch_exporter(exporter.clone());
    let provider = builder.with_sampler(RecordOnly).build();
    provider.tracer("t").start("recorded").end();
    provider.force_flush().unwrap();
    assert_eq!(exporter.seen.lock().unwrap().len(), 1, "the SDK got better: look at the facts");

    let Bed { traces, tray, pipeline } = Bed::encoding(&settings(8, 4), false, RecordOnly);
    let mut span = traces.tracer().start("recorded");
    assert!(span.is_recording());
    span.end();
    assert!(traces.drain(PATIENCE));
    assert_eq!(traces.counts(), Counts::default());
    assert!(tray.requests().is_empty() && pipeline.drops().list().is_empty());
}

#[test]
fn an_exporter_that_panics_costs_its_batch_and_nothing_else() {
    let exporter = Bare::default();
    exporter.panics.store(true, Ordering::Relaxed);
    let provider = bare(&exporter);
    provider.tracer("t").start("bad").end();
    assert!(provider.force_flush().is_err());
    provider.tracer("t").start("good").end();
    assert!(provider.force_flush().is_err(), "the SDK got better: look at the facts");

    let bed = Bed::new(&settings(8, 2), Fault::Panics);
    for name in ["bad", "good", "good", "good", "bad"] {
        bed.span(name);
    }
    assert!(bed.traces.drain(PATIENCE));
    bed.span("good");
    assert!(bed.traces.shutdown(PATIENCE));
    assert_eq!(bed.dropped(DropReason::ExportPanic), 3);
    assert_eq!(bed.counts(), Counts { offered: 6, exported: 3, waiting: 0 });
    assert_eq!(bed.tray.items(), 3);
}

#[test]
fn a_shutdown_does_not_hide_that_the_last_export_failed() {
    let exporter = Bare { fails: true, ..Bare::default() };
    let provider = bare(&exporter);
    provider.tracer("t").start("lost").end();
    assert!(provider.shutdown().is_ok(), "the SDK got better: look at the facts");

    let bed = Bed::new(&settings(8, 4), Fault::Fails);
    bed.span("bad");
    bed.traces.shutdown(PATIENCE);
    assert_eq!(bed.dropped(DropReason::ExportPanic), 1);
    assert_eq!(bed.counts(), Counts { offered: 1, exported: 0, waiting: 0 });
}

#[test]
fn what_hangs_holds_nobody_up_and_is_counted_once() {
    let gate = Arc::new(Gate::default());
    let bed = Bed::new(&settings(100, 4), Fault::Hangs(Arc::clone(&gate)));
    (0..10).for_each(|_| bed.span("a"));
    gate.wait_for(1);
    let start = Instant::now();
    assert!(!bed.traces.drain(Duration::from_millis(50)));
    assert!(!bed.traces.drain(Duration::ZERO));
    assert!(!bed.traces.shutdown(Duration::from_millis(50)));
    // The SDK waits for five seconds to flush, whatever time is left.
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_eq!(bed.dropped(DropReason::Shutdown), 10);
    assert!(bed.traces.shutdown(Duration::ZERO), "a second shutdown has nothing left to lose");
    gate.open();
    let Bed { traces, tray, pipeline } = bed;
    let queue = Arc::downgrade(&traces.queue);
    let counts = traces.counts();
    drop(traces);
    let start = Instant::now();
    while queue.strong_count() > 0 && start.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(5));
    }
    // The batch that came through at last was counted as lost, so it must not arrive.
    assert_eq!(queue.strong_count(), 0, "the thread goes on");
    assert_eq!(counts, Counts { offered: 10, exported: 0, waiting: 0 });
    assert!(tray.requests().is_empty());
    assert_eq!(pipeline.drops().get(DropReason::Shutdown), 10);
}

#[test]
fn of_duplicate_keys_the_last_one_counts() {
    let attributes = || (1..=3_i64).map(|n| KeyValue::new("dup", n));
    let exporter = Bare::default();
    let provider = bare(&exporter);
    let mut span = provider.tracer("t").start("a");
    attributes().for_each(|attribute| span.set_attribute(attribute));
    span.end();
    provider.force_flush().unwrap();
    let seen = exporter.seen.lock().unwrap();
    assert_eq!(seen[0].attributes.len(), 3, "the SDK got better: look at the facts");

    let bed = Bed::new(&settings(8, 4), Fault::None);
    let mut span = bed.traces.tracer().start("a");
    attributes().for_each(|attribute| span.set_attribute(attribute));
    span.end();
    bed.traces.drain(PATIENCE);
    let [attribute] = &bed.tray.spans()[0].attributes[..] else { panic!("not one") };
    assert_eq!(attribute.value.as_ref().unwrap().value, Some(ProtoValue::IntValue(3)));
    assert_eq!(bed.dropped(DropReason::TagDuplicate), 2);
}

#[test]
fn unsigned_numbers_arrive_as_numbers() {
    let in_a_span = |tracer: opentelemetry_sdk::trace::SdkTracer| {
        let layer = tracing_opentelemetry::layer().with_tracer(tracer);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info_span!("a", http.response.status_code = 404_u64, user.rank = 7_u64);
        });
    };
    let exporter = Bare::default();
    let provider = bare(&exporter);
    in_a_span(provider.tracer("t"));
    provider.force_flush().unwrap();
    let value = |span: &SpanData| {
        let status = |one: &&KeyValue| one.key.as_str() == "http.response.status_code";
        span.attributes.iter().find(status).map(|one| one.value.clone()).unwrap()
    };
    let raw = value(&exporter.seen.lock().unwrap()[0]);
    assert_eq!(raw, Value::from("404"), "tracing-opentelemetry got better: look at the facts");

    let bed = Bed::new(&settings(8, 4), Fault::None);
    in_a_span(bed.traces.tracer());
    bed.traces.drain(PATIENCE);
    let spans = bed.tray.spans();
    let value = |key: &str| {
        let attribute = spans[0].attributes.iter().find(|one| one.key == key).unwrap();
        attribute.value.clone().unwrap().value.unwrap()
    };
    assert_eq!(value("http.response.status_code"), ProtoValue::IntValue(404));
    assert_eq!(value("user.rank"), ProtoValue::StringValue("7".into()));
}

#[test]
fn what_a_full_queue_refuses_is_counted_to_the_span() {
    let gate = Arc::new(Gate::default());
    let bed = Bed::new(&settings(10, 4), Fault::Hangs(Arc::clone(&gate)));
    (0..4).for_each(|_| bed.span("held"));
    gate.wait_for(1);
    (0..25).for_each(|_| bed.span("a"));
    assert_eq!(bed.dropped(DropReason::QueueFull), 15);
    assert_eq!(bed.counts(), Counts { offered: 29, exported: 0, waiting: 14 });
    gate.open();
    assert!(bed.traces.drain(PATIENCE));
    assert_eq!(bed.counts(), Counts { offered: 29, exported: 14, waiting: 0 });
    assert_eq!(bed.tray.items(), 14);
}

#[test]
fn a_layer_that_holds_a_tracer_keeps_nothing_from_its_end() {
    let exporter = Bare::default();
    let provider = bare(&exporter);
    let tracer = provider.tracer("t");
    tracer.start("a").end();
    drop(provider);
    assert!(exporter.seen.lock().unwrap().is_empty(), "the SDK got better: look at the facts");
    drop(tracer);

    let bed = Bed::new(&settings(8, 4), Fault::None);
    let tracer = bed.traces.tracer();
    tracer.start("a").end();
    assert!(bed.traces.shutdown(PATIENCE));
    assert_eq!(bed.tray.items(), 1);

    let bed = Bed::new(&settings(8, 4), Fault::None);
    let tracer = bed.traces.tracer();
    tracer.start("a").end();
    let Bed { traces, tray, pipeline } = bed;
    drop(traces);
    // Nobody asked for a last export: it is gone, and counted.
    assert_eq!((tray.items() + pipeline.drops().get(DropReason::Shutdown)), 1);
    tracer.start("late").end();
    assert_eq!((tray.items() + pipeline.drops().get(DropReason::Shutdown)), 2);
}

/// Notes every event of `tracing`, from any thread.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Events {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        self.0.lock().unwrap().push(event.metadata().target().to_owned());
    }
}

#[test]
fn spans_after_the_end_are_counted_and_make_no_noise() {
    let events = Events::default();
    let subscriber = tracing_subscriber::registry().with(events.clone());
    tracing::subscriber::with_default(subscriber, || {
        let bed = Bed::new(&settings(8, 4), Fault::None);
        let tracer = bed.traces.tracer();
        assert!(bed.traces.shutdown(PATIENCE));
        for _ in 0..20 {
            let context = Context::current_with_span(tracer.start("late"));
            // Logs keep their ids.
            assert!(context.span().span_context().is_valid());
        }
        assert_eq!(bed.dropped(DropReason::Shutdown), 20);
        assert_eq!(bed.counts(), Counts { offered: 20, exported: 0, waiting: 0 });
        assert!(!bed.traces.drain(PATIENCE) || bed.tray.requests().is_empty());
    });
    let events = events.0.lock().unwrap();
    assert!(events.iter().all(|target| !target.starts_with("opentelemetry")), "{events:?}");
}

#[test]
fn the_sdk_may_flush_and_shut_down_as_well() {
    let bed = Bed::new(&settings(8, 4), Fault::None);
    bed.span("a");
    let processor = crate::otlp::traces::processor::Processor(Arc::clone(&bed.traces.queue));
    processor.force_flush().unwrap();
    assert_eq!(bed.tray.items(), 1);
    bed.span("b");
    processor.shutdown().unwrap();
    assert_eq!(bed.tray.items(), 2);
    // Here the SDK's own processor answers `AlreadyShutdown`, and logs.
    processor.shutdown().unwrap();
}
