//! Spans that get a parent of another process after they were made.

use super::{Harness, Setup, ratio, remote, trace_id};
use opentelemetry::Context;
use opentelemetry::trace::{SpanKind, TraceContextExt};
use tracing::field::Empty;
use tracing::{Span, info_span};
use tracing_opentelemetry::{OpenTelemetrySpanExt, SetParentError};

const UPSTREAM: u128 = 0xfeed_5678_9abc_def0_1234_5678_9abc_def0;

fn request() -> Span {
    info_span!("request", otel.kind = "server", otel.name = Empty)
}

/// The request and two children, one of which is made by the other's thread.
fn handle(harness: &Harness, request: &Span) -> [super::SpanIds; 3] {
    let child = request.in_scope(|| info_span!("child"));
    let other = info_span!(parent: request, "other");
    [request, &child, &other].map(|span| harness.ids_of(span))
}

#[test]
fn a_sampled_parent_is_taken_whatever_the_ratio() {
    for share in [0.0, 0.5, 1.0] {
        ratio(share).run(|harness| {
            for _ in 0..20 {
                let request = request();
                request.set_parent(remote(true, UPSTREAM)).unwrap();
                for ids in handle(harness, &request) {
                    assert_eq!((ids.trace_id, ids.sampled), (UPSTREAM, true));
                }
            }
            assert_eq!(harness.finished().len(), 60);
            assert_eq!(harness.named("request").span_kind, SpanKind::Server);
            harness.assert_forgotten();
        });
    }
}

#[test]
fn an_unsampled_parent_is_taken_whatever_the_ratio() {
    for share in [0.0, 0.5, 1.0] {
        ratio(share).run(|harness| {
            for _ in 0..20 {
                let request = request();
                request.set_parent(remote(false, UPSTREAM)).unwrap();
                for ids in handle(harness, &request) {
                    assert_eq!((ids.trace_id, ids.sampled), (UPSTREAM, false));
                }
            }
            assert_eq!(harness.names(), [""; 0]);
            harness.assert_forgotten();
        });
    }
}

/// The children of a request that turned out unsampled are not even built.
#[test]
fn the_children_of_what_turned_out_unsampled_are_cheap() {
    ratio(0.0).run(|harness| {
        let request = request();
        assert_eq!(harness.spans().tabled(), (1, 0));
        let child = info_span!(parent: &request, "child");
        assert_eq!(harness.spans().tabled(), (2, 0));
        assert!(!child.context().span().span_context().is_valid(), "it is built");
        let ids = harness.ids_of(&request);
        assert_eq!(ids.trace_id, harness.ids_of(&child).trace_id);
    });
}

#[test]
fn without_a_parent_the_ratio_decides() {
    ratio(0.3).run(|harness| {
        let mut kept = 0_u32;
        for _ in 0..2_000 {
            let request = request();
            // Where no header came, an empty context is set.
            request.set_parent(Context::new()).unwrap();
            let [of_request, child, other] = handle(harness, &request);
            assert_eq!((of_request.trace_id, of_request.sampled), (child.trace_id, child.sampled));
            assert_eq!((child.trace_id, child.sampled), (other.trace_id, other.sampled));
            kept += u32::from(of_request.sampled);
        }
        assert!((f64::from(kept) - 600.0).abs() < 4.0 * 420.0_f64.sqrt(), "{kept}");
        assert_eq!(harness.finished().len() as u32, 3 * kept);
        harness.assert_forgotten();
    });
}

/// Where no kind is declared, a root is decided at once; an empty context changes nothing of that.
#[test]
fn an_empty_parent_does_not_decide_a_second_time() {
    ratio(0.1).run(|harness| {
        let mut kept = 0_u32;
        for _ in 0..5_000 {
            let root = info_span!("root");
            root.set_parent(Context::new()).unwrap();
            kept += u32::from(harness.ids_of(&root).sampled);
        }
        assert!((f64::from(kept) - 500.0).abs() < 4.0 * 450.0_f64.sqrt(), "{kept}");
        assert_eq!(harness.finished().len() as u32, kept);
    });
}

#[test]
fn nobody_needs_children_or_ids() {
    for share in [0.0, 1.0] {
        ratio(share).run(|harness| {
            let request = request();
            request.record("otel.name", "GET /");
            request.set_parent(remote(true, UPSTREAM)).unwrap();
            drop(request);
            assert_eq!(trace_id(&harness.named("GET /")), UPSTREAM);
            harness.assert_forgotten();
        });
    }
}

#[test]
fn who_asks_for_ids_fixes_the_parent() {
    ratio(0.5).run(|harness| {
        let request = request();
        harness.ids_of(&request);
        let late = request.set_parent(remote(true, UPSTREAM));
        assert!(matches!(late, Err(SetParentError::AlreadyStarted)), "{late:?}");
    });
}

/// A connection's span may be unsampled while the requests in it are not.
#[test]
fn an_entrance_below_an_unsampled_span_may_still_belong_elsewhere() {
    for context_activation in [false, true] {
        Setup { context_activation, ..ratio(0.0) }.run(|harness| {
            let connection = info_span!("connection");
            let of_connection = harness.ids_of(&connection);
            let _entered = connection.enter();
            let kinds: [fn() -> Span; 4] = [
                || info_span!("request", otel.kind = "server"),
                || info_span!("request", otel.kind = "Consumer"),
                || info_span!("request", otel.kind = ?SpanKind::Server),
                || info_span!(parent: &Span::current(), "request", otel.kind = %"SERVER"),
            ];
            for request in kinds {
                let theirs = request();
                theirs.set_parent(remote(true, UPSTREAM)).unwrap();
                drop(theirs);
                assert_eq!(trace_id(&harness.named("request")), UPSTREAM);
                harness.captured.0.lock().unwrap().clear();
                // Without another parent, it is where it is.
                let ours = request();
                let child = info_span!(parent: &ours, "child");
                for span in [&ours, &child] {
                    let ids = harness.ids_of(span);
                    assert_eq!((ids.trace_id, ids.sampled), (of_connection.trace_id, false));
                }
            }
            // What leaves is decided: there is nothing to wait for.
            let client = info_span!("call", otel.kind = "client");
            client.set_parent(remote(true, UPSTREAM)).unwrap();
            assert_eq!(harness.ids_of(&client).trace_id, of_connection.trace_id);
            drop(client);
            assert_eq!(harness.names(), [""; 0]);
        });
    }
}

/// With a context that follows spans, being entered starts a span.
#[test]
fn activation_settles_a_request_when_it_is_entered() {
    for sampled in [true, false] {
        Setup { context_activation: true, ..ratio(0.5) }.run(|harness| {
            let request = request();
            request.set_parent(remote(sampled, UPSTREAM)).unwrap();
            request.in_scope(|| {
                let child = info_span!("child");
                assert_eq!(harness.ids_of(&child).trace_id, UPSTREAM);
                assert_eq!(harness.ids_of(&child).sampled, sampled);
            });
            drop(request);
            assert_eq!(harness.finished().len(), if sampled { 2 } else { 0 });
            harness.assert_forgotten();
        });
    }
}
