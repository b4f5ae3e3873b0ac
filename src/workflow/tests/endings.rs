//! How workflows end.

use super::*;
use crate::testing::{capture, capture_async};
use crate::workflow::{self, Workflow};
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Waker};

#[test]
fn a_workflow_that_succeeds_has_a_span_and_its_metrics() {
    let ((), seen) = capture(|| {
        let report = workflow::start("report");
        tracing::info_span!("fetch").in_scope(|| {});
        report.items("biomarkers", 12);
        report.items("pages", 3);
        report.sections(2);
        report.add_sections(2);
        workflow::current().unwrap().add_llm(usd(0.25), 100, 20);
        report.succeed();
    });
    assert_eq!(executions(&seen, "report", true, None), 1);
    let tags = [("success", "true"), ("workflow", "report")];
    assert_eq!(seen.histogram("sections_generated", &tags).sum, 4.0);
    assert_eq!(seen.histogram("biomarkers_processed", &tags).sum, 12.0);
    assert_eq!(seen.histogram("pages_processed", &tags).sum, 3.0);
    assert_eq!(cost(&seen, "report"), (1, 0.25));
    let per_section = seen.histogram("cost_per_section", &[("workflow", "report")]);
    assert_eq!((per_section.count, per_section.sum), (1, 0.0625));
    #[cfg(feature = "otlp")]
    {
        let span = seen.span("invoke_workflow report").unwrap();
        for (key, value) in [
            ("gen_ai.operation.name", Some("invoke_workflow")),
            ("gen_ai.workflow.name", Some("report")),
            ("workflow.sections", Some("4")),
            ("workflow.items", Some("15")),
            ("workflow.llm.calls", Some("1")),
            ("workflow.llm.tokens", Some("120")),
            ("workflow.llm.input_tokens", Some("100")),
            ("workflow.llm.cost_usd", Some("0.25")),
            ("workflow.llm.unpriced_calls", None),
            ("error.type", None),
        ] {
            assert_eq!(span.attribute(key), value, "{key}");
        }
        assert!(!span.failed());
        let tree = crate::span_tree! { "invoke_workflow report" { "fetch" } };
        assert_eq!(seen.span_trees(), [tree]);
    }
}

#[test]
fn nothing_is_said_of_what_nobody_said() {
    let ((), seen) = capture(|| workflow::start("idle").succeed());
    assert_eq!(seen.series().len(), 2, "{seen}");
}

#[test]
fn one_that_fails_says_why() {
    let ((), seen) = capture(|| {
        workflow::start("report").fail("no_biomarkers");
        Workflow::new("report").fail("no_biomarkers");
    });
    assert_eq!(executions(&seen, "report", false, Some("no_biomarkers")), 2);
    #[cfg(feature = "otlp")]
    {
        let span = seen.span("invoke_workflow report").unwrap();
        assert!(span.failed());
        assert_eq!(span.attribute("error.type"), Some("no_biomarkers"));
        assert_eq!(span.attribute("outcome"), Some("error"));
    }
}

#[test]
fn one_that_is_dropped_was_cancelled_and_one_that_panics_panicked() {
    let ((), seen) = capture(|| {
        drop(workflow::start("dropped"));
        let panics = catch_unwind(AssertUnwindSafe(|| {
            let _report = workflow::start("panicked");
            panic!("it was to break");
        }));
        assert!(panics.is_err());
        assert!(workflow::current().is_none(), "the thread is left as it was");
    });
    assert_eq!(executions(&seen, "dropped", false, Some("cancelled")), 1);
    assert_eq!(executions(&seen, "panicked", false, Some("panic")), 1);
    #[cfg(feature = "otlp")]
    {
        assert!(!seen.span("invoke_workflow dropped").unwrap().failed());
        assert!(seen.span("invoke_workflow panicked").unwrap().failed());
    }
}

/// What a destructor does while the thread panics did not panic itself.
#[test]
fn a_workflow_of_a_destructor_is_not_the_panic_s() {
    struct Cleans;
    impl Drop for Cleans {
        fn drop(&mut self) {
            drop(workflow::start("cleaning"));
        }
    }
    let ((), seen) = capture(|| {
        let panics = catch_unwind(|| {
            let _cleans = Cleans;
            panic!("it was to break");
        });
        assert!(panics.is_err());
    });
    assert_eq!(executions(&seen, "cleaning", false, Some("cancelled")), 1);
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn a_future_that_is_dropped_half_way_was_cancelled() {
    let half_way = async {
        let report = Workflow::new("report");
        report.wrap(pending::<()>()).await;
        report.succeed();
    };
    let ((), seen) = capture_async(async {
        let mut half_way = Box::pin(half_way);
        let polled = half_way.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        assert!(workflow::current().is_none(), "it is current within its polls alone");
    })
    .await;
    assert_eq!(executions(&seen, "report", false, Some("cancelled")), 1);
}

#[test]
fn guards_may_end_in_any_order() {
    let ((), seen) = capture(|| {
        let outer = workflow::start("outer");
        let inner = workflow::start("inner");
        outer.succeed();
        assert_eq!(workflow::current().unwrap().name(), "inner");
        inner.succeed();
        assert!(workflow::current().is_none());
    });
    assert_eq!(seen.counter_total("workflow_executions"), 2);
}

#[test]
fn kinds_of_items_are_few() {
    const KINDS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let ((), seen) = capture(|| {
        let report = workflow::start("report");
        KINDS.iter().for_each(|kind| report.add_items(kind, 1));
        report.add_items("a", 1);
        report.succeed();
    });
    let tags = [("success", "true"), ("workflow", "report")];
    assert_eq!(seen.histogram("a_processed", &tags).sum, 2.0);
    let processed = seen.series().iter().filter(|name| name.contains("_processed")).count();
    assert_eq!(processed, 8, "{seen}");
}
