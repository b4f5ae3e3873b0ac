//! What a span of two attributes costs, for whoever asks:
//! `cargo test --release --lib traces::tests::cost -- --ignored --nocapture --test-threads=1`.

use super::*;
use crate::otlp::traces::processor::Processor;
use opentelemetry::KeyValue;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanProcessor};
use std::time::Instant;

const BATCH: usize = 512;

fn batch() -> Vec<SpanData> {
    let spans = (0..BATCH as u64).map(|n| {
        let mut span = span_data("GET /users");
        // Ids don't compress.
        let id = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        span.span_context = SpanContext::new(
            (u128::from(id) << 64 | u128::from(id.rotate_left(17))).into(),
            id.rotate_left(31).into(),
            TraceFlags::SAMPLED,
            false,
            TraceState::NONE,
        );
        span.start_time += Duration::from_nanos(id % 1_000_000_000);
        span.end_time += Duration::from_nanos(id % 3_000_000_000);
        span.attributes = vec![
            KeyValue::new("http.route", "/users/{id}".to_owned()),
            KeyValue::new("http.response.status_code", 200_i64),
        ];
        span
    });
    spans.collect()
}

/// The best of many rounds, in nanoseconds for one span.
fn best(rounds: usize, mut round: impl FnMut() -> Duration) -> u128 {
    (0..rounds).map(|_| round().as_nanos()).min().unwrap() / BATCH as u128
}

#[test]
#[ignore = "measures"]
fn cleaning() {
    let cleaner = Cleaner::new(&LIMITS, pipeline().drops());
    let mut batch = batch();
    let nanos = best(2_000, || {
        let start = Instant::now();
        cleaner.clean(&mut batch);
        start.elapsed()
    });
    println!("cleaning a batch: {nanos} ns/span");
    batch.truncate(BATCH / 32);
    let nanos = best(2_000, || {
        let start = Instant::now();
        (0..32).for_each(|_| cleaner.clean(&mut batch));
        start.elapsed()
    });
    println!("cleaning what is in the processor's cache: {nanos} ns/span");
}

#[test]
#[ignore = "measures"]
fn exporting() {
    for gzip in [false, true] {
        let (exporter, outbox) =
            client::encoder(&SdkResource::builder_empty().build(), gzip).unwrap();
        let cleaner = Cleaner::new(&LIMITS, pipeline().drops());
        let exporter = Guarded::new(exporter, outbox, cleaner, MAX_BODY);
        let mut size = 0;
        let nanos = best(500, || {
            let batch = batch();
            let start = Instant::now();
            exporter.export(batch, &mut |fate| match fate {
                crate::otlp::traces::exporter::Fate::Encoded(request) => size = request.body.len(),
                crate::otlp::traces::exporter::Fate::Lost(_) => panic!(),
            });
            start.elapsed()
        });
        println!("exporting, gzip {gzip}: {nanos} ns/span, {} bytes/span", size / BATCH);
    }
}

#[derive(Debug)]
struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

#[test]
#[ignore = "measures"]
fn ending() {
    let outbox = Arc::default();
    let pipeline = pipeline();
    let cleaner = Cleaner::new(&LIMITS, pipeline.drops());
    let exporter = Guarded::new(Nowhere, outbox, cleaner, MAX_BODY);
    let parts = (Sampler::AlwaysOn, RandomIdGenerator::default());
    let (settings, resource) = (settings(2_048, BATCH), SdkResource::builder_empty().build());
    let sink = Arc::new(Tray::default());
    let traces = Traces::start_with(&settings, resource, parts, sink, &pipeline, exporter).unwrap();
    let ours = Processor(Arc::clone(&traces.queue));
    let theirs = BatchSpanProcessor::builder(Nowhere).build();
    for (name, processor) in [("ours", &ours as &dyn SpanProcessor), ("the SDK's", &theirs)] {
        let nanos = best(1_000, || {
            let batch = batch();
            let start = Instant::now();
            batch.into_iter().for_each(|span| processor.on_end(span));
            let took = start.elapsed();
            processor.force_flush().unwrap();
            took
        });
        println!("ending a span, processor alone, {name}: {nanos} ns/span");
    }
}
