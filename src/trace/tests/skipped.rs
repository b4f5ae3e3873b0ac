//! Spans that exist for others: `RUST_LOG` wants them, the filter of spans does not.

use super::{ratio, span_id, trace_id};
use tracing::info_span;

#[test]
fn children_belong_to_the_nearest_span_above() {
    for share in [1.0, 0.5] {
        ratio(share).run(|harness| {
            for _ in 0..50 {
                let root = info_span!("root");
                let ids = harness.ids_of(&root);
                let _in_root = root.enter();
                let one = info_span!("skipped").entered();
                let two = info_span!("skipped").entered();
                assert_eq!(harness.ids(&two), Some(ids), "logs in it show where they are");
                let child = info_span!("child");
                assert_eq!(harness.ids_of(&child).trace_id, ids.trace_id);
                assert_eq!(harness.ids_of(&child).sampled, ids.sampled);
                drop((two, one));
            }
            let spans = harness.finished();
            assert!(!spans.is_empty());
            for child in spans.iter().filter(|span| span.name == "child") {
                let root = spans
                    .iter()
                    .find(|span| span.name == "root" && trace_id(span) == trace_id(child));
                assert_eq!(child.parent_span_id, root.unwrap().span_context.span_id());
            }
            harness.assert_forgotten();
        });
    }
}

#[test]
fn what_is_below_none_is_a_root() {
    for share in [1.0, 0.0, 0.3] {
        ratio(share).run(|harness| {
            let mut kept = 0_u32;
            for _ in 0..1_000 {
                let above = info_span!("skipped").entered();
                assert_eq!(harness.ids(&above), None);
                let root = info_span!("root");
                kept += u32::from(harness.ids_of(&root).sampled);
            }
            let expected = 1_000.0 * share;
            let allowed = 4.0 * (expected * (1.0 - share)).sqrt();
            assert!((f64::from(kept) - expected).abs() <= allowed, "{kept}");
            assert_eq!(harness.finished().len() as u32, kept);
            harness.assert_forgotten();
        });
    }
}

/// The request is asked only after the span in between was made.
#[test]
fn what_is_undecided_may_be_asked_across_a_skipped_span() {
    for sampled in [true, false] {
        ratio(0.5).run(|harness| {
            use tracing_opentelemetry::OpenTelemetrySpanExt;
            let request = info_span!("request", otel.kind = "server");
            request.set_parent(super::remote(sampled, 77)).unwrap();
            let between = info_span!(parent: &request, "skipped");
            for _ in 0..2 {
                let child = info_span!(parent: &between, "child");
                let ids = harness.ids_of(&child);
                assert_eq!((ids.trace_id, ids.sampled), (77, sampled));
                assert_eq!(harness.ids(&between), harness.ids(&request));
            }
            let of_request = harness.ids_of(&request).span_id;
            drop((between, request));
            let spans = harness.finished();
            assert_eq!(spans.len(), if sampled { 3 } else { 0 });
            for child in spans.iter().filter(|span| span.name == "child") {
                assert_eq!(u64::from_be_bytes(child.parent_span_id.to_bytes()), of_request);
                assert_ne!(span_id(child), of_request);
            }
            harness.assert_forgotten();
        });
    }
}
