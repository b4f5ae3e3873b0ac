//! Gauges and lines.

use super::*;
use crate::testing::capture;
use std::sync::{Arc, Mutex};

fn lines_of(body: impl FnOnce()) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let telemetry = crate::builder("report")
        .without_environment()
        .notices(move |line| sink.lock().unwrap().push(line.to_owned()))
        .build()
        .unwrap();
    telemetry.scope(body);
    drop(telemetry);
    let lines = lines.lock().unwrap();
    lines.iter().filter(|line| line.contains("LLM budget")).cloned().collect()
}

#[test]
fn gauges_show_how_budgets_stand_when_they_are_read() {
    let of = budgets(&[
        Budget::total(10.0),
        Budget::total(1.0).scope(BudgetScope::Model),
        Budget::total(1.0).scope(BudgetScope::Tenant),
    ]);
    let ((), seen) = capture(|| {
        gauges::watch(of);
        gauges::watch(of);
        let asked = Ask { tenant: Some("ada@clinic"), ..ask(usd(0.5)) };
        reserve(of, &asked, NOON).unwrap().settle(usd(0.25));
        std::mem::forget(reserve(of, &ask(usd(0.125)), NOON).unwrap());
    });
    let process = [("period", "total"), ("scope", "process")];
    assert_eq!(seen.gauge("llm.budget.limit_usd", &process), Some(10.0));
    assert_eq!(seen.gauge("llm.budget.spent_usd", &process), Some(0.25));
    assert_eq!(seen.gauge("llm.budget.reserved_usd", &process), Some(0.125));
    let model = [("model", "gpt-4o"), ("period", "total"), ("scope", "model")];
    assert_eq!(seen.gauge("llm.budget.spent_usd", &model), Some(0.25));
    let tenants: Vec<_> = seen.series().into_iter().filter(|s| s.contains("tenant=")).collect();
    assert_eq!(tenants.len(), 3, "{seen}");
    assert!(tenants.iter().all(|tenant| tenant.contains("tenant=h1:")), "{tenants:?}");
    assert!(!seen.to_string().contains("clinic"), "{seen}");
}

#[test]
fn a_line_at_the_share_and_one_beyond_once_in_a_period() {
    let of = budgets(&[deny(Budget::daily(1.0).warn_at(0.5))]);
    let day = |day: u64| {
        for _ in 0..6 {
            let reserved = reserve(of, &ask(usd(0.25)), NOON + day * 86_400);
            reserved.into_iter().for_each(|mut reserved| {
                reserved.settle_at(usd(0.25), at(NOON + day * 86_400));
            });
        }
    };
    let lines = lines_of(|| (0..2).for_each(day));
    let a_day = [
        "the daily LLM budget of $1.00 for this process is spent to 50 % ($0.5000)",
        "the daily LLM budget of $1.00 for this process is exceeded ($1.0000, and $0.0000 reserved); \
         calls are denied until midnight UTC",
    ];
    assert_eq!(lines, [a_day, a_day].concat());
}

#[test]
fn one_that_observes_says_that_calls_go_on() {
    let of = budgets(&[Budget::total(0.5)]);
    let lines = lines_of(|| {
        for _ in 0..3 {
            reserve(of, &ask(None), NOON).unwrap().settle(usd(0.75));
        }
    });
    let line = "the total LLM budget of $0.50 for this process is exceeded ($0.7500); calls go on";
    assert_eq!(lines, [line]);
}

#[test]
fn many_tenants_do_not_write_many_lines() {
    let of = budgets(&[Budget::total(0.5).scope(BudgetScope::Tenant)]);
    let lines = lines_of(|| {
        for n in 0..200 {
            let tenant = format!("tenant-{n}");
            let ask = Ask { tenant: Some(&tenant), ..ask(None) };
            reserve(of, &ask, NOON).unwrap().settle(usd(0.75));
        }
    });
    assert_eq!(lines.len(), 40);
    assert!(lines.iter().all(|line| line.contains("for tenant h1:") && !line.contains("tenant-")));
}
