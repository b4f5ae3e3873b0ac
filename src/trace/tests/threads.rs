//! Spans that are made in one place, entered in another and closed in a third.

use super::{Captured, Harness, Setup, TestLayer, ratio, trace_id};
use opentelemetry::Context as OtelContext;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span as SdkSpan, SpanData, SpanProcessor};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing::dispatcher::WeakDispatch;
use tracing::span::Id;
use tracing::{Instrument, Span, info, info_span};

/// Every trace that was exported has its root, and each of its spans a parent there.
fn assert_whole(harness: &Harness, spans_per_trace: usize) -> usize {
    let mut traces: HashMap<u128, Vec<_>> = HashMap::new();
    for span in harness.finished() {
        traces.entry(trace_id(&span)).or_default().push(span);
    }
    for spans in traces.values() {
        assert_eq!(spans.len(), spans_per_trace);
        let is_root = |span: &&SpanData| span.parent_span_id == super::SpanId::INVALID;
        assert_eq!(spans.iter().filter(is_root).count(), 1);
        for span in spans.iter().filter(|span| !is_root(span)) {
            let is_parent = |other: &&SpanData| other.span_context.span_id() == span.parent_span_id;
            assert_eq!(spans.iter().filter(is_parent).count(), 1);
        }
    }
    harness.assert_forgotten();
    traces.len()
}

#[test]
fn spans_may_be_closed_on_other_threads() {
    let harness = Setup { buckets: Some(16), ..ratio(0.3) }.build();
    let (give, take) = std::sync::mpsc::sync_channel::<(Span, Span)>(64);
    let dispatch = harness.dispatch.clone();
    let closing = std::thread::spawn(move || {
        tracing::dispatcher::with_default(&dispatch, || {
            for (root, child) in take {
                // The child outlives its parent, and gets a child of its own.
                drop(root);
                let below = info_span!(parent: &child, "below");
                drop(child);
                below.in_scope(|| info!("still there"));
            }
        });
    });
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (give, dispatch) = (give.clone(), harness.dispatch.clone());
            std::thread::spawn(move || {
                tracing::dispatcher::with_default(&dispatch, || {
                    for _ in 0..500 {
                        let root = info_span!("root");
                        let child = root.in_scope(|| info_span!("child"));
                        give.send((root, child)).unwrap();
                    }
                });
            })
        })
        .collect();
    drop(give);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    closing.join().unwrap();
    let kept = assert_whole(&harness, 3);
    assert!((kept as f64 - 600.0).abs() < 4.0 * 420.0_f64.sqrt(), "{kept}");
}

async fn work(depth: u32) {
    tokio::task::yield_now().await;
    if depth > 0 {
        // One in this task, one in another that knows its parent only by name.
        Box::pin(work(depth - 1)).instrument(info_span!("inner")).await;
        let parent = Span::current();
        let spawned = async move {
            tokio::task::yield_now().await;
            drop(info_span!(parent: &parent, "by name"));
        };
        tokio::spawn(spawned).await.unwrap();
    }
}

#[test]
fn tasks_keep_to_their_traces() {
    for context_activation in [false, true] {
        let harness = Setup { context_activation, ..ratio(0.4) }.build();
        let dispatch = harness.dispatch.clone();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(4)
            .on_thread_start(move || {
                // For as long as the thread lives.
                std::mem::forget(tracing::dispatcher::set_default(&dispatch));
            })
            .build()
            .unwrap();
        let tasks: Vec<_> = (0..200)
            .map(|_| runtime.spawn(async { work(3).instrument(info_span!("root")).await }))
            .collect();
        runtime.block_on(async {
            for task in tasks {
                task.await.unwrap();
            }
        });
        drop(runtime);
        let kept = assert_whole(&harness, 1 + 3 + 3);
        assert!((kept as f64 - 80.0).abs() < 4.0 * 48.0_f64.sqrt(), "{kept}");
    }
}

/// Many threads ask at once what became of a request that nobody had asked about.
#[test]
fn a_request_is_settled_once_for_all() {
    for _ in 0..50 {
        let harness = ratio(0.5).build();
        let request = tracing::dispatcher::with_default(&harness.dispatch, || {
            info_span!("request", otel.kind = "server")
        });
        let gate = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    tracing::dispatcher::with_default(&harness.dispatch, || {
                        gate.wait();
                        let child = info_span!(parent: &request, "child");
                        let (ours, its) = (harness.ids_of(&child), harness.ids_of(&request));
                        assert_eq!((ours.trace_id, ours.sampled), (its.trace_id, its.sampled));
                    });
                });
            }
        });
        drop(request);
        let finished = harness.finished().len();
        assert!(finished == 0 || finished == 5, "{finished}");
        harness.assert_forgotten();
    }
}

/// Asks for the ids of the span that is just starting, as a log in that place does.
#[derive(Debug, Clone, Default)]
struct Nosy(Arc<Mutex<Option<(WeakDispatch, Id)>>>);

impl SpanProcessor for Nosy {
    fn on_start(&self, _: &mut SdkSpan, _: &OtelContext) {
        let Some((dispatch, id)) = self.0.lock().unwrap().clone() else { return };
        let dispatch = dispatch.upgrade().unwrap();
        assert_eq!(dispatch.downcast_ref::<TestLayer>().unwrap().0.ids(&id), None);
    }

    fn on_end(&self, _: SpanData) {}

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// A span starts with its lock held: who logs then must not wait for it.
#[test]
fn a_processor_that_logs_waits_for_nothing() {
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (nosy, captured) = (Nosy::default(), Captured::default());
        let provider = SdkTracerProvider::builder()
            .with_span_processor(nosy.clone())
            .with_span_processor(captured.clone());
        let harness = ratio(1.0).build_with(provider, captured);
        tracing::dispatcher::with_default(&harness.dispatch, || {
            let root = info_span!("root");
            *nosy.0.lock().unwrap() = Some((harness.dispatch.downgrade(), root.id().unwrap()));
            let child = info_span!(parent: &root, "child");
            *nosy.0.lock().unwrap() = None;
            assert_eq!(harness.ids_of(&root).trace_id, harness.ids_of(&child).trace_id);
        });
        done.send(assert_whole(&harness, 2)).unwrap();
    });
    assert_eq!(wait.recv_timeout(Duration::from_secs(30)), Ok(1));
}

/// More spans at once than the table holds.
#[test]
fn a_full_table_is_no_more_than_slower() {
    Setup { buckets: Some(4), ..ratio(0.0) }.run(|harness| {
        let root = info_span!("root");
        let expected = harness.ids_of(&root).trace_id;
        let open: Vec<_> = (0..1_000).map(|_| info_span!(parent: &root, "child")).collect();
        let (all, behind) = harness.spans().tabled();
        assert_eq!(all, 1_001);
        assert!(behind >= 1_001 - 4 * 8, "{behind}");
        for child in &open {
            let below = info_span!(parent: child, "below");
            assert_eq!(harness.ids_of(&below).trace_id, expected);
            assert!(!harness.ids_of(&below).sampled);
        }
        drop((open, root));
        assert_eq!(harness.names(), [""; 0]);
        harness.assert_forgotten();
        // And it is quick again.
        let _next = info_span!("next");
        assert_eq!(harness.spans().tabled(), (1, 0));
    });
}
