//! What calls within workflows cost: once in each.

use super::*;
use crate::testing::capture;
use crate::workflow::{self, Workflow};
use crate::{Context, carry};

/// A call to a language model.
fn call(cost: Option<Cost>) {
    if let Some(workflow) = workflow::current() {
        workflow.add_llm(cost, 10, 5);
    }
}

#[test]
fn a_child_counts_once_in_itself_and_once_in_each_around_it() {
    let ((), seen) = capture(|| {
        let report = workflow::start("report");
        call(usd(1.0));
        for _ in 0..2 {
            let section = workflow::start("section");
            call(usd(0.25));
            let check = workflow::start("check");
            call(usd(0.125));
            check.succeed();
            section.succeed();
        }
        assert_eq!(report.llm().calls, 5);
        report.succeed();
    });
    assert_eq!(cost(&seen, "check"), (2, 0.25));
    assert_eq!(cost(&seen, "section"), (2, 0.75));
    assert_eq!(cost(&seen, "report"), (1, 1.75));
}

#[test]
fn what_is_not_priced_is_missing_and_never_zero() {
    let ((), seen) = capture(|| {
        let report = workflow::start("unpriced");
        call(None);
        report.sections(3);
        report.succeed();
        let report = workflow::start("mixed");
        call(None);
        call(usd(0.5));
        report.succeed();
        let report = workflow::start("free");
        call(Some(Cost::ZERO));
        report.succeed();
    });
    assert_eq!(cost(&seen, "unpriced"), (0, 0.0));
    assert_eq!(seen.histogram("cost_per_section", &[("workflow", "unpriced")]).count, 0);
    assert_eq!(cost(&seen, "mixed"), (1, 0.5));
    assert_eq!(cost(&seen, "free"), (1, 0.0));
    #[cfg(feature = "otlp")]
    {
        let span = seen.span("invoke_workflow unpriced").unwrap();
        assert_eq!(span.attribute("workflow.llm.cost_usd"), None);
        assert_eq!(span.attribute("workflow.llm.unpriced_calls"), Some("1"));
    }
}

#[test]
fn what_comes_after_the_end_counts_in_what_still_runs() {
    capture(|| {
        let report = Workflow::new("report");
        let section = report.in_scope(|| Workflow::new("section"));
        let late = section.current();
        section.succeed();
        late.add_llm(usd(0.5), 1, 1);
        assert_eq!(report.llm().cost, usd(0.5).unwrap());
    });
}

#[test]
fn sums_stay_where_they_can_not_grow() {
    capture(|| {
        let report = Workflow::new("report");
        report.current().add_llm(Some(Cost::from_pico_usd(u64::MAX)), u64::MAX, u64::MAX);
        report.current().add_llm(usd(1.0), 1, 1);
        let totals = report.llm();
        assert_eq!((totals.cost.pico_usd(), totals.tokens), (u64::MAX, u64::MAX));
    });
}

#[test]
fn many_threads_lose_nothing() {
    capture(|| {
        let report = Workflow::new("report");
        let context = report.in_scope(Context::current);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..1_000 {
                        context.run(|| call(Some(Cost::from_pico_usd(3))));
                    }
                });
            }
        });
        let totals = report.llm();
        assert_eq!((totals.calls, totals.cost.pico_usd()), (8_000, 24_000));
        assert_eq!((totals.input_tokens, totals.output_tokens), (80_000, 40_000));
    });
}

/// Work of others that runs on the thread of a workflow is none of it.
#[test]
fn a_context_from_outside_stays_outside() {
    capture(|| {
        let outside = Context::current();
        let report = workflow::start("report");
        outside.run(|| {
            assert!(workflow::current().is_none());
            call(usd(1.0));
        });
        assert_eq!(report.llm().calls, 0);
        assert_eq!(workflow::current().unwrap().name(), "report");
    });
}

#[test]
fn a_long_chain_ends_without_a_deep_stack() {
    let mut current = None;
    for _ in 0..200_000 {
        current = Some(workflow::Current::begin("link".into(), current));
    }
    drop(current);
}

#[cfg(feature = "tokio")]
mod tasks {
    use super::*;
    use crate::testing::capture_async;
    use std::time::Duration;
    use tokio::time::sleep;

    async fn section(n: u64) {
        sleep(Duration::from_millis(n % 3)).await;
        call(usd(0.25));
        let blocking = crate::spawn_blocking(|| call(usd(0.5)));
        blocking.await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn tasks_of_a_workflow_are_part_of_it() {
        let ((), seen) = capture_async(async {
            let report = Workflow::new("report");
            let tasks = async {
                let spawned: Vec<_> = (0..4).map(|n| crate::spawn(section(n))).collect();
                let carried = tokio::spawn(carry(section(4)));
                for task in spawned {
                    task.await.unwrap();
                }
                carried.await.unwrap();
                // Nobody took the workflow along here.
                tokio::spawn(async { call(usd(100.0)) }).await.unwrap();
            };
            report.wrap(tasks).await;
            report.succeed();
        })
        .await;
        assert_eq!(cost(&seen, "report"), (1, 3.75));
    }

    /// Two workflows that take turns on one thread.
    #[tokio::test]
    async fn neighbours_do_not_mix() {
        let one = |name: &'static str, usd_each: f64| async move {
            let workflow = Workflow::new(name);
            let calls = async {
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                    call(usd(usd_each));
                }
            };
            workflow.wrap(calls).await;
            workflow.llm().cost
        };
        let both = async { tokio::join!(one("cheap", 0.001), one("dear", 1.0)) };
        let (both, _) = capture_async(both).await;
        assert_eq!(both, (usd(0.01).unwrap(), usd(10.0).unwrap()));
    }
}
