//! `opentelemetry::Context::current`: as a parent, and as it follows spans where it is asked to.

use super::{Setup, ratio, remote, trace_id};
use opentelemetry::Context;
use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use tracing::info_span;

const UPSTREAM: u128 = 0x1234_5678_9abc_def0_1234_5678_9abc_def0;

fn activated(share: f64) -> Setup {
    Setup { context_activation: true, ..ratio(share) }
}

#[test]
fn a_sampled_parent_elsewhere_is_followed_whatever_the_ratio() {
    for setup in [ratio(0.0), ratio(0.5), ratio(1.0), activated(0.0), activated(1.0)] {
        setup.run(|harness| {
            let _attached = remote(true, UPSTREAM).attach();
            let root = info_span!("root");
            root.in_scope(|| drop(info_span!("child")));
            drop(root);
            assert_eq!(harness.names(), ["child", "root"], "{setup:?}");
            assert!(harness.finished().iter().all(|span| trace_id(span) == UPSTREAM));
            assert!(harness.named("root").parent_span_is_remote);
        });
    }
}

#[test]
fn an_unsampled_parent_elsewhere_is_followed_whatever_the_ratio() {
    for setup in [ratio(0.0), ratio(0.5), ratio(1.0), activated(0.0), activated(1.0)] {
        setup.run(|harness| {
            let attached = remote(false, UPSTREAM).attach();
            // Twice: the first may be what makes us look at parents at all.
            for _ in 0..2 {
                let root = info_span!("root");
                let child = root.in_scope(|| info_span!("child"));
                for span in [&root, &child] {
                    let ids = harness.ids_of(span);
                    assert_eq!((ids.trace_id, ids.sampled), (UPSTREAM, false), "{setup:?}");
                }
            }
            drop(attached);
            assert_eq!(harness.names(), [""; 0]);
            harness.assert_forgotten();
            let fresh = info_span!(parent: None, "fresh");
            assert_ne!(harness.ids_of(&fresh).trace_id, UPSTREAM);
        });
    }
}

/// After the first of them, what follows costs as little as with any other ratio.
#[test]
fn unsampled_parents_elsewhere_are_learnt_of() {
    ratio(1.0).run(|harness| {
        let _attached = remote(false, UPSTREAM).attach();
        drop(info_span!("first"));
        let second = info_span!("second");
        assert_eq!(harness.spans().tabled(), (1, 0));
        drop(second);
        harness.assert_forgotten();
    });
}

#[test]
fn without_parents_in_mind_the_ratio_decides_in_their_traces_too() {
    let low = 0x1234_0000_0000_0000_0000_0000_0000_0001_u128;
    let high = u128::MAX;
    Setup { parent_based: false, ..ratio(0.5) }.run(|harness| {
        for (trace, kept) in [(low, true), (high, false)] {
            for says in [true, false] {
                let _attached = remote(says, trace).attach();
                let root = info_span!("root");
                let ids = harness.ids_of(&root);
                assert_eq!((ids.trace_id, ids.sampled), (trace, kept));
            }
        }
    });
}

#[test]
fn what_wants_no_telemetry_gets_none() {
    for setup in [ratio(0.0), ratio(0.5), ratio(1.0), activated(0.5)] {
        setup.run(|harness| {
            let suppressed = Context::enter_telemetry_suppressed_scope();
            let root = info_span!("root");
            let child = root.in_scope(|| info_span!("child"));
            drop(suppressed);
            // Below it, later.
            let grandchild = info_span!(parent: &child, "grandchild");
            for span in [&root, &child, &grandchild] {
                assert_eq!(harness.ids(span), None, "{setup:?}");
            }
            drop((root, child, grandchild));
            assert_eq!(harness.names(), [""; 0]);
            harness.assert_forgotten();
        });
    }
}

#[test]
fn a_context_follows_spans_where_it_is_asked_to() {
    for (share, sampled) in [(1.0, true), (0.0, false)] {
        activated(share).run(|harness| {
            let root = info_span!("root");
            let entered = root.enter();
            let (trace, flag) = Context::map_current(|context| {
                let span = context.span();
                let here = span.span_context();
                (u128::from_be_bytes(here.trace_id().to_bytes()), here.is_sampled())
            });
            assert_eq!((trace, flag), (harness.ids_of(&root).trace_id, sampled));
            // A span that knows nothing of `tracing`, and one of `tracing` below that.
            let tracer = harness.provider.tracer("native");
            let native = tracer.start("native");
            let _attached = Context::current_with_span(native).attach();
            let below = info_span!("below");
            assert_eq!(harness.ids_of(&below).trace_id, trace);
            assert_eq!(harness.ids_of(&below).sampled, sampled);
            drop(entered);
            assert!(Context::map_current(TraceContextExt::has_active_span), "still attached");
        });
        assert!(!Context::map_current(TraceContextExt::has_active_span));
    }
}

/// This is what it costs not to let contexts follow spans.
#[test]
fn by_default_native_spans_do_not_see_ours() {
    ratio(1.0).run(|harness| {
        let root = info_span!("root");
        root.in_scope(|| {
            assert!(!Context::map_current(TraceContextExt::has_active_span));
            drop(harness.provider.tracer("native").start("native"));
        });
        drop(root);
        assert_ne!(trace_id(&harness.named("native")), trace_id(&harness.named("root")));
    });
}

#[test]
fn spans_left_out_of_order_leave_no_context_behind() {
    activated(0.0).run(|harness| {
        let (one, two) = (info_span!("one"), info_span!("two"));
        let (in_one, in_two) = (one.enter(), two.enter());
        drop(in_one);
        let here = Context::map_current(|context| context.span().span_context().span_id());
        assert_eq!(u64::from_be_bytes(here.to_bytes()), harness.ids_of(&two).span_id);
        drop(in_two);
        assert!(!Context::map_current(TraceContextExt::has_active_span));
    });
}
