//! `#[workflow]` on functions of every form.

use super::Wrong;
use lightship::llm::Cost;
use lightship::testing::{Captured, capture, capture_async};
use lightship::{ErrorType, observe, span_tree, workflow};
use std::panic::catch_unwind;
use std::time::Duration;

#[derive(Debug, ErrorType)]
enum Unwritten {
    NoBiomarkers,
}

fn call(usd: f64) {
    workflow::current().unwrap().add_llm(Cost::from_usd(usd), 10, 5);
}

#[workflow]
fn report(biomarkers: u32) -> Result<u32, Unwritten> {
    if biomarkers == 0 {
        return Err(Unwritten::NoBiomarkers);
    }
    call(1.0);
    section("summary");
    workflow::current().unwrap().add_sections(2);
    Ok(biomarkers)
}

#[workflow("section")]
fn section(_title: &str) {
    call(0.25);
}

#[workflow(name = "late", err)]
async fn late(fails: bool) -> Result<u8, Wrong> {
    tokio::task::yield_now().await;
    call(0.5);
    lightship::spawn(async { call(0.5) }).await.unwrap();
    if fails { Err(Wrong) } else { Ok(1) }
}

#[workflow]
#[observe(metrics = false)]
fn breaks() {
    call(0.125);
    panic!("it was to break");
}

trait Writes {
    fn write(&self) -> std::pin::Pin<Box<dyn Future<Output = u8> + Send + '_>>;
}

struct Writer;

impl Writes for Writer {
    #[workflow("boxed")]
    fn write(&self) -> std::pin::Pin<Box<dyn Future<Output = u8> + Send + '_>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            call(2.0);
            7
        })
    }
}

fn ended(seen: &Captured, workflow: &str, error_type: Option<&str>) -> u64 {
    let success = if error_type.is_none() { "true" } else { "false" };
    let mut tags = vec![("workflow", workflow), ("success", success)];
    tags.extend(error_type.map(|error_type| ("error_type", error_type)));
    seen.counter("workflow_executions", &tags)
}

fn cost(seen: &Captured, workflow: &str) -> f64 {
    seen.histogram("workflow_total_cost", &[("workflow", workflow)]).sum
}

#[test]
fn what_a_function_returns_says_how_the_workflow_ended() {
    let ((), seen) = capture(|| {
        assert_eq!(report(12).unwrap(), 12);
        report(0).unwrap_err();
        assert!(workflow::current().is_none());
    });
    assert_eq!(ended(&seen, "report", None), 1);
    assert_eq!(ended(&seen, "report", Some("no_biomarkers")), 1);
    assert_eq!(ended(&seen, "section", None), 1);
    assert_eq!((cost(&seen, "report"), cost(&seen, "section")), (1.25, 0.25));
    assert_eq!(seen.histogram("cost_per_section", &[("workflow", "report")]).sum, 0.625);
    let one = span_tree! { "invoke_workflow report" { "invoke_workflow section" } };
    assert_eq!(seen.span_trees(), [one, span_tree! { "invoke_workflow report" }]);
    let failed = seen.spans().iter().find(|span| span.failed()).unwrap();
    assert_eq!(failed.attribute("error.type"), Some("no_biomarkers"));
    assert_eq!(seen.counter_total("function.calls"), 0, "a workflow is not counted as a function");
}

#[test]
fn a_panic_goes_on_and_is_told() {
    let ((), seen) = capture(|| {
        assert!(catch_unwind(breaks).is_err());
    });
    assert_eq!(ended(&seen, "breaks", Some("panic")), 1);
    assert_eq!(cost(&seen, "breaks"), 0.125);
    // The attribute that stands first is the inner one.
    assert_eq!(seen.span_trees(), [span_tree! { "breaks" { "invoke_workflow breaks" } }]);
}

#[tokio::test]
async fn a_future_is_a_workflow_over_its_awaits() {
    let ((), seen) = capture_async(async {
        let both = tokio::join!(late(false), late(true));
        assert!(both.0.is_ok() && both.1.is_err());
        assert_eq!(Writer.write().await, 7);
        let never = async { drop(tokio::time::timeout(Duration::ZERO, waits()).await) };
        never.await;
    })
    .await;
    assert_eq!(ended(&seen, "late", None), 1);
    assert_eq!(ended(&seen, "late", Some("Wrong")), 1);
    assert_eq!(cost(&seen, "late"), 2.0);
    assert_eq!((ended(&seen, "boxed", None), cost(&seen, "boxed")), (1, 2.0));
    assert_eq!(ended(&seen, "waits", Some("cancelled")), 1);
    assert!(seen.log("late failed").is_some(), "{seen}");
}

#[workflow]
async fn waits() {
    std::future::pending::<()>().await;
}

#[test]
fn a_future_that_is_never_polled_was_never_started() {
    let ((), seen) = capture(|| drop(waits()));
    assert!(seen.series().is_empty(), "{seen}");
}
