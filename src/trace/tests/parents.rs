//! What children owe to their parents.

use super::{Setup, ratio, span_id, trace_id};
use tracing::{Span, error, info, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

#[test]
fn a_trace_that_is_sampled_is_so_as_a_whole() {
    ratio(1.0).run(|harness| {
        let root = info_span!("root", user = "u");
        let ids = harness.ids_of(&root);
        assert!(ids.sampled);
        root.in_scope(|| {
            let child = info_span!("child");
            let below = info_span!(parent: &child, "below");
            assert_eq!(harness.ids_of(&below).trace_id, ids.trace_id);
        });
        drop(root);
        assert_eq!(harness.names(), ["below", "child", "root"]);
        let [below, child, root] = harness.finished().try_into().unwrap();
        assert_eq!((trace_id(&root), span_id(&root)), (ids.trace_id, ids.span_id));
        assert_eq!(below.parent_span_id, child.span_context.span_id());
        assert_eq!(child.parent_span_id, root.span_context.span_id());
        assert_eq!(root.attributes.len(), 1, "{:?}", root.attributes);
        harness.assert_forgotten();
    });
}

#[test]
fn a_trace_that_is_not_sampled_is_so_as_a_whole() {
    ratio(0.0).run(|harness| {
        let root = info_span!("root", user = "u", late = tracing::field::Empty);
        let ids = harness.ids_of(&root);
        assert!(!ids.sampled && ids.trace_id != 0 && ids.span_id != 0);
        root.in_scope(|| {
            let child = info_span!("child");
            let below = info_span!(parent: &child, "below");
            let elsewhere = info_span!(parent: None, "elsewhere");
            assert_eq!(harness.ids_of(&child).trace_id, ids.trace_id);
            assert_eq!(harness.ids_of(&below).trace_id, ids.trace_id);
            assert_ne!(harness.ids_of(&below).span_id, harness.ids_of(&child).span_id);
            assert_ne!(harness.ids_of(&elsewhere).trace_id, ids.trace_id);
            info!(late = 1, "an event");
            error!(parent: &below, "another");
            below.follows_from(&elsewhere);
            Span::current().record("late", 1);
        });
        assert_eq!(harness.spans().tabled(), (1, 0));
        // Whatever is done to it, from this crate or another.
        root.set_attribute("key", "value");
        root.add_event("event", Vec::new());
        root.set_status(opentelemetry::trace::Status::Ok);
        drop(root);
        assert_eq!(harness.names(), [""; 0]);
        harness.assert_forgotten();
    });
}

/// Other injectors than ours see no context in an unsampled span, so they write no header: the next
/// service decides for itself. They see a sampled span's.
#[test]
fn others_see_no_context_of_an_unsampled_span() {
    use opentelemetry::trace::TraceContextExt;
    ratio(0.0).run(|_| {
        let context = info_span!("root").context();
        assert!(!context.span().span_context().is_valid());
    });
    ratio(1.0).run(|harness| {
        let root = info_span!("root");
        let context = root.context();
        assert!(context.span().span_context().is_valid());
        let of_root = u64::from_be_bytes(context.span().span_context().span_id().to_bytes());
        assert_eq!(of_root, harness.ids_of(&root).span_id);
    });
}

#[test]
fn an_explicit_parent_counts_before_the_current_span() {
    // One root of each, made by drawing.
    ratio(0.5).run(|harness| {
        let draw = |sampled: bool| loop {
            let root = info_span!(parent: None, "root");
            if harness.ids_of(&root).sampled == sampled {
                return root;
            }
        };
        let (sampled, unsampled) = (draw(true), draw(false));
        unsampled.in_scope(|| info_span!(parent: &sampled, "of sampled"));
        sampled.in_scope(|| info_span!(parent: &unsampled, "of unsampled"));
        let child = harness.named("of sampled");
        assert_eq!(trace_id(&child), harness.ids_of(&sampled).trace_id);
        assert!(!harness.names().contains(&"of unsampled".to_owned()));
    });
}

#[test]
fn links_to_and_from_unsampled_spans_are_not_made() {
    ratio(0.5).run(|harness| {
        for _ in 0..200 {
            let (one, two) = (info_span!(parent: None, "one"), info_span!(parent: None, "two"));
            one.follows_from(&two);
            let ids = (harness.ids_of(&one), harness.ids_of(&two));
            let links = ids.0.sampled && ids.1.sampled;
            drop(one);
            let spans = harness.finished();
            if let Some(span) = spans.iter().find(|span| span_id(span) == ids.0.span_id) {
                assert_eq!(span.links.links.len(), usize::from(links));
            }
        }
        harness.assert_forgotten();
    });
}

#[test]
fn events_and_late_fields_reach_sampled_spans() {
    // Also when there are unsampled ones.
    for ratio in [1.0, 0.5] {
        super::ratio(ratio).run(|harness| {
            for _ in 0..50 {
                let root = info_span!("root", late = tracing::field::Empty);
                root.in_scope(|| info!(n = 1, "inside"));
                info!(parent: &root, "outside");
                info!(parent: None, "nowhere");
                root.record("late", 2);
            }
            let spans = harness.finished();
            assert!(!spans.is_empty());
            for span in spans {
                let names: Vec<_> = span.events.iter().map(|event| event.name.as_ref()).collect();
                assert_eq!(names, ["inside", "outside"]);
                assert_eq!(span.attributes.len(), 1, "{:?}", span.attributes);
                assert_eq!(span.attributes[0].key.as_str(), "late");
            }
        });
    }
}

/// What the SDK does with ids when it draws them itself, it does with ours.
#[test]
fn without_parents_in_mind_traces_still_agree() {
    Setup { parent_based: false, ..ratio(0.3) }.run(|harness| {
        for _ in 0..300 {
            let root = info_span!("root");
            let child = root.in_scope(|| info_span!("child"));
            let (root, child) = (harness.ids_of(&root), harness.ids_of(&child));
            assert_eq!((root.trace_id, root.sampled), (child.trace_id, child.sampled));
        }
        let names = harness.names();
        let roots = names.iter().filter(|name| *name == "root").count();
        assert_eq!(names.len(), 2 * roots);
    });
}

#[test]
fn a_span_of_a_quiet_thread_is_not_there() {
    for ratio in [0.0, 1.0] {
        let harness = super::ratio(ratio).build();
        let dispatch = harness.dispatch.clone();
        let quiet = move || {
            crate::quiet::this_thread();
            tracing::dispatcher::with_default(&dispatch, || {
                let root = info_span!("root");
                root.in_scope(|| {
                    info!("event");
                    drop(info_span!("child"));
                });
                root.id()
            })
        };
        assert!(std::thread::spawn(quiet).join().unwrap().is_some());
        assert_eq!(harness.names(), [""; 0]);
        harness.assert_forgotten();
    }
}
