//! The functions for code that measures itself.

use super::*;
use crate::status::DropReason;
use crate::testing::capture;
use crate::workflow::{
    self, track_llm_cost, track_workflow_cost, track_workflow_cost_by_session,
    track_workflow_execution,
};

#[test]
fn an_execution_is_counted_and_measured() {
    let ((), seen) = capture(|| {
        track_workflow_execution("report", 5_300.0, 4, 12, true, None);
        track_workflow_execution("report", 120.5, 0, 3, false, Some("timeout"));
    });
    assert_eq!(executions(&seen, "report", true, None), 1);
    assert_eq!(executions(&seen, "report", false, Some("timeout")), 1);
    let tags = [("success", "true"), ("workflow", "report")];
    assert_eq!(seen.histogram("workflow_execution_time", &tags).sum, 5_300.0);
    assert_eq!(seen.histogram("sections_generated", &tags).sum, 4.0);
    assert_eq!(seen.histogram("biomarkers_processed", &tags).sum, 12.0);
}

#[test]
fn times_that_are_none_are_counted_and_the_rest_is_recorded() {
    let ((), seen) = capture(|| {
        for time in [f64::NAN, f64::INFINITY, -1.0] {
            track_workflow_execution("report", time, 1, 1, true, None);
        }
    });
    let tags = [("success", "true"), ("workflow", "report")];
    assert_eq!(seen.counter("workflow_executions", &tags), 3);
    assert_eq!(seen.histogram("workflow_execution_time", &tags).count, 0);
    assert_eq!(seen.dropped(DropReason::NotFinite), 2);
    assert_eq!(seen.dropped(DropReason::NegativeDuration), 1);
}

#[test]
fn a_cost_has_three_metrics() {
    let ((), seen) = capture(|| {
        track_llm_cost(0.000_000_75, "gpt-4o-mini", "chat", 5);
        track_llm_cost(0.3, "gpt-4o", "chat", 0);
        track_llm_cost(0.0, "local", "chat", 10);
    });
    let of = |model| [("model", model), ("operation", "chat")];
    assert_eq!(seen.histogram("llm_cost", &of("gpt-4o-mini")).sum, 0.000_000_75);
    assert_eq!(seen.histogram("llm_cost_per_token", &of("gpt-4o-mini")).sum, 0.000_000_15);
    assert_eq!(seen.usd("llm_cost_usd", &of("gpt-4o-mini")), 0.000_000_75);
    assert_eq!(seen.histogram("llm_cost", &of("gpt-4o")).count, 1);
    assert_eq!(seen.histogram("llm_cost_per_token", &of("gpt-4o")).count, 0, "no tokens");
    assert_eq!(seen.histogram("llm_cost_per_token", &of("local")).count, 1, "a free one");
    assert_eq!(seen.dropped(DropReason::NotFinite), 0, "nothing was divided by nothing");
}

/// Floats would come to 0.09999999999999999 here.
#[test]
fn small_costs_add_up_exactly() {
    let ((), seen) = capture(|| (0..1_000).for_each(|_| track_llm_cost(0.000_1, "m", "chat", 1)));
    assert_eq!(seen.usd("llm_cost_usd", &[("model", "m"), ("operation", "chat")]), 0.1);
}

#[test]
fn costs_that_are_none_are_refused_and_counted() {
    let wrong = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.01, 1e9];
    let ((), seen) = capture(|| {
        let report = workflow::start("report");
        for cost in wrong {
            track_llm_cost(cost, "gpt-4o", "chat", 5);
            track_workflow_cost(cost, "", 5);
        }
        assert_eq!(report.llm().calls, 0);
        report.succeed();
    });
    assert_eq!(seen.series().len(), 2, "those of the workflow alone: {seen}");
    assert_eq!(seen.dropped(DropReason::NotFinite), 6);
    assert_eq!(seen.dropped(DropReason::InvalidCost), 4);
}

#[test]
fn a_cost_counts_in_the_workflow_that_runs() {
    capture(|| {
        let report = workflow::start("report");
        track_llm_cost(0.25, "gpt-4o", "chat", 100);
        let totals = report.llm();
        assert_eq!((totals.calls, totals.tokens, totals.input_tokens), (1, 100, 0));
        assert_eq!(totals.cost, usd(0.25).unwrap());
    });
}

#[test]
fn a_workflow_s_cost_tells_metrics_no_session_unless_asked() {
    const SESSION: &str = "5f2b9c1e-77d0-4c8f";
    let ((), seen) = capture(|| {
        let _span = tracing::info_span!("request").entered();
        track_workflow_cost(0.5, SESSION, 4);
        track_workflow_cost(0.25, SESSION, 0);
        track_workflow_cost_by_session(1.0, SESSION, 2);
    });
    assert_eq!(seen.histogram("workflow_total_cost", &[]).sum, 0.75);
    let per_section = seen.histogram("cost_per_section", &[]);
    assert_eq!((per_section.count, per_section.sum), (1, 0.125), "no sections, no cost of one");
    assert_eq!(seen.dropped(DropReason::NotFinite), 0, "nothing was divided by nothing");
    let by_session = [("session_id", "5f2b9c1e")];
    assert_eq!(seen.histogram("workflow_total_cost", &by_session).sum, 1.0);
    assert_eq!(seen.histogram("cost_per_section", &by_session).sum, 0.5);
    #[cfg(feature = "otlp")]
    assert_eq!(seen.span("request").unwrap().attribute("session.id"), Some("5f2b9c1e"));
    assert!(!format!("{seen:?}").contains("77d0"), "{seen:?}");
}

#[test]
fn names_begin_with_the_service_and_bounds_go_with_them() {
    let telemetry = crate::builder("report-service").without_environment().build().unwrap();
    telemetry.scope(|| {
        track_llm_cost(0.000_002, "gpt-4o", "chat", 2);
        track_workflow_execution("report", 40_000.0, 1, 1, true, None);
    });
    #[cfg(feature = "prometheus")]
    {
        let page = telemetry.prometheus_text();
        for line in [
            "report_service_llm_cost_usd_total{model=\"gpt-4o\",operation=\"chat\"} 2e-6",
            "report_service_llm_cost_bucket{model=\"gpt-4o\",operation=\"chat\",le=\"1e-06\"} 0",
            "report_service_llm_cost_bucket{model=\"gpt-4o\",operation=\"chat\",le=\"2.5e-06\"} 1",
            "report_service_llm_cost_bucket{model=\"gpt-4o\",operation=\"chat\",le=\"50.0\"} 1",
            "report_service_workflow_executions_total{success=\"true\",workflow=\"report\"} 1",
            "report_service_workflow_execution_time_bucket{success=\"true\",workflow=\"report\",\
             le=\"60000.0\"} 1",
        ] {
            assert!(page.contains(line), "no {line} in\n{page}");
        }
    }
}
