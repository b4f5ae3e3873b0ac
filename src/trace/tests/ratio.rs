//! Roots that are drawn.

use super::{Setup, ratio, trace_id};
use opentelemetry_sdk::trace::{SamplingDecision, ShouldSample};
use tracing::info_span;

const ROOTS: u32 = 20_000;

#[test]
fn a_share_of_all_roots_is_kept() {
    for (share, parent_based) in [(0.01, true), (0.3, true), (0.5, false)] {
        Setup { parent_based, ..ratio(share) }.run(|harness| {
            for _ in 0..ROOTS {
                let root = info_span!("root");
                root.in_scope(|| drop(info_span!("child")));
            }
            let names = harness.names();
            let kept = names.iter().filter(|name| *name == "root").count();
            let expected = f64::from(ROOTS) * share;
            let allowed = 4.0 * (expected * (1.0 - share)).sqrt();
            assert!((kept as f64 - expected).abs() < allowed, "{kept}, not {expected}");
            // A child belongs to a root that was kept.
            assert_eq!(names.len(), 2 * kept);
            harness.assert_forgotten();
        });
    }
}

/// Others that sample at the same ratio, by the ids they are told, come to the same result.
#[test]
fn other_services_would_decide_alike() {
    let theirs = opentelemetry_sdk::trace::Sampler::TraceIdRatioBased(0.3);
    let would_keep = |trace: u128| {
        let kind = opentelemetry::trace::SpanKind::Internal;
        let result = theirs.should_sample(None, trace.into(), "", &kind, &[], &[]);
        result.decision == SamplingDecision::RecordAndSample
    };
    ratio(0.3).run(|harness| {
        for _ in 0..2_000 {
            let root = info_span!("root");
            let ids = harness.ids_of(&root);
            assert_eq!(ids.sampled, would_keep(ids.trace_id), "{ids:?}");
        }
        assert!(harness.finished().iter().all(|span| would_keep(trace_id(span))));
    });
}

/// With an explicit root as well, which sees nothing of what is attached around it.
#[test]
fn the_drawn_trace_is_the_exported_one() {
    ratio(0.05).run(|harness| {
        for _ in 0..ROOTS / 2 {
            drop(info_span!(parent: None, "root", key = "value"));
        }
        let spans = harness.finished();
        let expected = f64::from(ROOTS / 2) * 0.05;
        let allowed = 4.0 * (expected * 0.95).sqrt();
        assert!((spans.len() as f64 - expected).abs() < allowed, "{}", spans.len());
        for span in spans {
            // What carried the trace's id is not exported.
            assert_eq!(span.attributes.len(), 1, "{:?}", span.attributes);
        }
    });
}
