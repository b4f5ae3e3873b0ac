//! A share of all traces: whole ones, and as many as asked for.

use super::{PATIENCE, builder, flush, status, to, told};
use crate::support::otlp::{FakeCollector, tree};
use lightship::{Sampler, Spans, TelemetryHandle};
use std::collections::BTreeMap;
use tracing::{info, info_span};

const THREADS: u64 = 4;
const TRACES: u64 = 2_000;
const RATIO: f64 = 0.1;
const SPANS_PER_TRACE: usize = 4;

/// A trace with a branch, and an end on another thread.
fn trace(handle: &TelemetryHandle, number: u64, close: &std::sync::mpsc::Sender<tracing::Span>) {
    let root = info_span!(parent: None, "root", number = number as i64);
    root.in_scope(|| {
        info_span!("left").in_scope(|| info_span!("leaf").in_scope(|| info!("seen")));
    });
    let right = handle.scope(|| info_span!(parent: &root, "right"));
    drop(root);
    close.send(right).unwrap();
}

#[test]
fn a_tenth_of_all_traces_arrives_whole() {
    let collector = FakeCollector::start();
    let telemetry = builder("sampling", to(collector.address()))
        .sampler(Sampler::ratio(RATIO))
        .spans(Spans::default().queue(10_000))
        .build()
        .unwrap();
    let (close, closing) = std::sync::mpsc::channel();
    let handle = &telemetry.handle();
    std::thread::scope(|threads| {
        for thread in 0..THREADS {
            let close = close.clone();
            threads.spawn(move || {
                let share = TRACES / THREADS;
                let numbers = thread * share..(thread + 1) * share;
                handle.scope(|| numbers.for_each(|number| trace(handle, number, &close)));
            });
        }
        drop(close);
        // In the scope, too: a span that closes last closes its parents there.
        threads.spawn(move || handle.scope(|| closing.into_iter().for_each(drop)));
    });
    let report = flush(&telemetry);
    let spans = collector.spans();
    assert_eq!(told(&report), (spans.len() as u64, 0, 0, 0), "{report}");
    assert_eq!(status(&telemetry).dropped, [], "{}", telemetry.status());

    let mut traces: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for span in &spans {
        traces.entry(&span.trace_id).or_default().push(span.clone());
    }
    for spans in traces.values() {
        let shown = tree(spans, &[]);
        assert_eq!(spans.len(), SPANS_PER_TRACE, "{shown}");
        assert_eq!(shown, "root\n  left\n    leaf\n  right\n");
    }
    let expected = TRACES as f64 * RATIO;
    let sigma = (expected * (1.0 - RATIO)).sqrt();
    let kept = traces.len() as f64;
    assert!((kept - expected).abs() < 5.0 * sigma, "{kept} of {TRACES}");
    assert!(telemetry.shutdown(PATIENCE).is_complete());
}

#[test]
fn what_is_never_kept_sends_nothing() {
    let collector = FakeCollector::start();
    let telemetry = builder("sampling", to(collector.address()))
        .sampler(Sampler::always_off())
        .build()
        .unwrap();
    let (close, closing) = std::sync::mpsc::channel();
    telemetry.scope(|| (0..100).for_each(|number| trace(&telemetry, number, &close)));
    // In the scope, where they close their parents.
    telemetry.scope(|| drop((close, closing)));
    let report = telemetry.shutdown(PATIENCE);
    assert!(report.is_complete(), "{report}");
    assert_eq!((told(&report), collector.count()), ((0, 0, 0, 0), 0));
}
