//! What budgets let through, and what they tell.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod told;

use super::ledger::limits::MAX_BUDGET_ACCOUNTS;
use super::*;
use crate::testing::capture;
use crate::workflow::Workflow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Noon of some day.
const NOON: u64 = 20_000 * 86_400 + 43_200;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn usd(usd: f64) -> Option<Cost> {
    Cost::from_usd(usd)
}

/// Budgets of their own, so that tests may run side by side.
fn budgets(all: &[Budget]) -> &'static Budgets {
    let budgets: &'static Budgets = Box::leak(Box::new(Budgets::new()));
    budgets.set(all.to_vec());
    budgets
}

fn deny(budget: Budget) -> Budget {
    budget.on_exceed(OnExceed::Deny)
}

fn ask(estimate: Option<Cost>) -> Ask<'static> {
    Ask { model: "gpt-4o", tenant: None, workflow: None, estimate, may_be_denied: true }
}

fn reserve(
    of: &'static Budgets,
    ask: &Ask<'_>,
    seconds: u64,
) -> Result<Reservation, BudgetExceeded> {
    reservation::reserve(of, ask, at(seconds))
}

/// What is spent and reserved, by key.
fn standing(of: &Budgets, seconds: u64) -> Vec<(Option<String>, f64, f64)> {
    let standing = |state: BudgetState| (state.key, state.spent.usd(), state.reserved.usd());
    of.states(at(seconds)).into_iter().map(standing).collect()
}

#[test]
fn what_is_reserved_is_settled_or_given_back() {
    let of = budgets(&[deny(Budget::daily(1.0))]);
    let mut one = reserve(of, &ask(usd(0.5)), NOON).unwrap();
    let other = reserve(of, &ask(usd(0.25)), NOON).unwrap();
    assert_eq!(standing(of, NOON), [(None, 0.0, 0.75)]);
    one.settle_at(usd(0.125), at(NOON));
    assert_eq!(standing(of, NOON), [(None, 0.125, 0.25)]);
    drop(one);
    drop(other);
    let unknown = reserve(of, &ask(None), NOON).unwrap();
    unknown.settle(None);
    let of_states = of.states(SystemTime::now());
    assert_eq!(of_states[0].reserved, Cost::ZERO, "a future that is dropped keeps nothing");
}

#[test]
fn a_panic_gives_back_what_was_reserved() {
    let of = budgets(&[deny(Budget::total(1.0))]);
    let panics = std::panic::catch_unwind(|| {
        let _reserved = reserve(of, &ask(usd(0.5)), NOON).unwrap();
        panic!("it was to break");
    });
    assert!(panics.is_err());
    assert_eq!(standing(of, NOON), [(None, 0.0, 0.0)]);
}

#[test]
fn one_that_denies_says_what_how_much_and_until_when() {
    let of = budgets(&[deny(Budget::daily(1.0).scope(BudgetScope::Model))]);
    let mut spent = reserve(of, &ask(usd(0.75)), NOON).unwrap();
    spent.settle_at(usd(0.75), at(NOON));
    let held = reserve(of, &ask(usd(0.125)), NOON).unwrap();
    let denied = reserve(of, &ask(usd(0.25)), NOON).unwrap_err();
    assert_eq!(
        denied.to_string(),
        "the daily LLM budget of $1.00 for model gpt-4o has no room for $0.25: $0.75 spent, \
         $0.125 reserved; until midnight UTC"
    );
    assert_eq!((denied.scope(), denied.key()), (BudgetScope::Model, Some("gpt-4o")));
    assert_eq!(denied.resets_at(), Some(at(20_001 * 86_400)));
    assert_eq!(crate::ErrorType::error_type(&denied), "budget_exceeded");
    let other = Ask { model: "gpt-4o-mini", ..ask(usd(0.25)) };
    assert!(reserve(of, &other, NOON).is_ok(), "each model has its own");
    drop(held);
    assert!(reserve(of, &ask(usd(0.25)), NOON).is_ok(), "exactly all of it");
}

#[test]
fn what_is_not_known_is_let_through_while_anything_is_left() {
    let of = budgets(&[deny(Budget::total(1.0))]);
    let mut last = reserve(of, &ask(None), NOON).unwrap();
    last.settle_at(usd(1.5), at(NOON));
    assert!(reserve(of, &ask(None), NOON).is_err());
    assert!(reserve(of, &ask(Some(Cost::ZERO)), NOON).is_err(), "over is over");
    let exact = budgets(&[deny(Budget::total(1.0))]);
    let mut all = reserve(exact, &ask(usd(1.0)), NOON).unwrap();
    assert!(reserve(exact, &ask(None), NOON).is_err(), "all of it is reserved");
    all.settle_at(usd(1.0), at(NOON));
    assert!(reserve(exact, &ask(Some(Cost::ZERO)), NOON).is_ok(), "a free model goes on");
}

#[test]
fn one_that_observes_denies_nothing() {
    let of = budgets(&[Budget::total(0.0)]);
    for _ in 0..3 {
        reserve(of, &ask(usd(1.0)), NOON).unwrap().settle_at(usd(1.0), at(NOON));
    }
    assert_eq!(standing(of, NOON), [(None, 3.0, 0.0)]);
}

#[test]
fn of_several_budgets_none_has_anything_if_one_denies() {
    let tight = deny(Budget::total(0.1).scope(BudgetScope::Model));
    let of = budgets(&[deny(Budget::daily(1.0)), tight, deny(Budget::hourly(1.0))]);
    assert!(reserve(of, &ask(usd(0.5)), NOON).is_err());
    assert!(standing(of, NOON).iter().all(|(_, _, reserved)| *reserved == 0.0));
}

#[test]
fn a_new_period_begins_with_what_is_reserved() {
    let of = budgets(&[deny(Budget::hourly(1.0))]);
    reserve(of, &ask(usd(1.0)), NOON).unwrap().settle_at(usd(1.0), at(NOON));
    assert!(reserve(of, &ask(usd(0.5)), NOON + 3_599).is_err());
    let next = NOON + 3_600;
    let mut over_the_hour = reserve(of, &ask(usd(0.75)), next).unwrap();
    assert!(reserve(of, &ask(usd(0.5)), next + 3_600).is_err(), "it is still to be spent");
    over_the_hour.settle_at(usd(0.75), at(next + 3_600));
    assert_eq!(standing(of, next + 3_600), [(None, 0.75, 0.0)]);
    assert_eq!(standing(of, next + 3_599), [(None, 0.75, 0.0)], "a clock that was set back");
}

#[test]
fn amounts_that_are_none_are_no_budget() {
    for none in [f64::NAN, f64::NEG_INFINITY, -1.0, 0.0] {
        let of = budgets(&[deny(Budget::daily(none))]);
        assert!(reserve(of, &ask(None), NOON).is_err(), "{none}");
    }
    let of = budgets(&[deny(Budget::daily(f64::INFINITY).warn_at(f64::NAN))]);
    let all = reserve(of, &ask(Some(Cost::from_pico_usd(u64::MAX))), NOON).unwrap();
    assert!(reserve(of, &ask(usd(1.0)), NOON).is_ok(), "sums stay below it");
    drop(all);
}

/// What every thread is let through together never is more than the budget: each call settles what it
/// reserved.
#[test]
fn threads_together_are_let_through_no_more_than_the_budget() {
    const EACH: u64 = 7_000_000_003;
    let of =
        budgets(&[deny(Budget::total(1.0)), deny(Budget::total(0.7).scope(BudgetScope::Model))]);
    let let_through = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let let_through = &let_through;
            scope.spawn(move || {
                let estimate = Some(Cost::from_pico_usd(EACH));
                for n in 0..200 {
                    let ask = Ask { model: ["a", "b"][n % 2], ..ask(estimate) };
                    let Ok(mut reserved) = reserve(of, &ask, NOON) else { continue };
                    let cancelled = (n + thread) % 5 == 0;
                    if cancelled {
                        drop(reserved);
                    } else {
                        reserved.settle_at(estimate, at(NOON));
                        let_through.fetch_add(EACH, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let let_through = let_through.into_inner();
    let limit = Cost::from_usd(1.0).unwrap().pico_usd();
    assert!(let_through <= limit, "{let_through}");
    assert!(let_through + EACH > limit, "and all of it, but for what is too little: {let_through}");
    let states = of.states(at(NOON));
    let process = states.iter().find(|state| state.key.is_none()).unwrap();
    assert_eq!(process.spent.pico_usd(), let_through);
    assert!(states.iter().all(|state| state.spent <= state.limit), "{states:?}");
    assert!(states.iter().all(|state| state.reserved == Cost::ZERO), "{states:?}");
}

#[test]
fn tenants_are_told_apart_by_their_hashes_alone() {
    let of = budgets(&[deny(Budget::daily(1.0).scope(BudgetScope::Tenant))]);
    let of_tenant = |tenant| Ask { tenant, ..ask(usd(0.75)) };
    let ada = reserve(of, &of_tenant(Some("ada@clinic")), NOON).unwrap();
    let denied = reserve(of, &of_tenant(Some("ada@clinic")), NOON).unwrap_err();
    assert!(reserve(of, &of_tenant(Some("bob@clinic")), NOON).is_ok());
    assert!(reserve(of, &of_tenant(None), NOON).is_ok(), "nobody's call has no such budget");
    assert!(denied.key().unwrap().starts_with("h1:"), "{denied}");
    let shown = format!("{denied} {denied:?} {:?} {ada:?}", of.states(at(NOON)));
    assert!(!shown.contains("clinic"), "{shown}");
}

#[test]
fn workflows_count_with_those_around_them() {
    capture(|| {
        let of = budgets(&[deny(Budget::total(1.0).scope(BudgetScope::Workflow))]);
        let report = Workflow::new("report");
        let section = report.in_scope(|| Workflow::new("section"));
        let again = section.in_scope(|| Workflow::new("section"));
        let in_section = Ask { workflow: Some("section"), ..ask(usd(0.75)) };
        let mut reserved = again.in_scope(|| reserve(of, &in_section, NOON)).unwrap();
        reserved.settle_at(usd(0.75), at(NOON));
        let both =
            [(Some("report".to_owned()), 0.75, 0.0), (Some("section".to_owned()), 0.75, 0.0)];
        assert_eq!(standing(of, NOON), both, "a name once, however often it is there");
        let in_report = Ask { workflow: Some("report"), ..ask(usd(0.5)) };
        let denied = report.in_scope(|| reserve(of, &in_report, NOON)).unwrap_err();
        assert_eq!(denied.key(), Some("report"));
        assert!(reserve(of, &ask(usd(5.0)), NOON).is_ok(), "outside of workflows there is none");
    });
}

#[test]
fn accounts_are_bounded_and_the_rest_share_one() {
    let of = budgets(&[deny(Budget::daily(1.0).scope(BudgetScope::Workflow))]);
    let names: Vec<String> = (0..MAX_BUDGET_ACCOUNTS + 10).map(|n| format!("w{n}")).collect();
    let spend = |name: &str| {
        let ask = Ask { workflow: Some(name), ..ask(usd(0.25)) };
        reserve(of, &ask, NOON).map(|mut reserved| reserved.settle_at(usd(0.25), at(NOON)))
    };
    let denied = names.iter().filter(|name| spend(name).is_err()).count();
    assert_eq!(denied, 6, "four of the last ten fit into a dollar");
    let states = of.states(at(NOON));
    assert_eq!(states.len(), MAX_BUDGET_ACCOUNTS + 1);
    assert!(states.iter().any(|state| state.key.as_deref() == Some("_other")));
    assert!(of.states(at(NOON + 86_400)).len() <= 101, "a new day forgets most of them");
    let long = "x".repeat(100_000);
    spend(&long).unwrap();
    let longest =
        of.states(at(NOON)).into_iter().filter_map(|state| state.key).map(|key| key.len());
    assert!(longest.max().unwrap() <= 200);
}

#[test]
fn budgets_that_are_set_again_go_on() {
    let of = budgets(&[deny(Budget::daily(1.0)), Budget::hourly(1.0)]);
    let now = SystemTime::now();
    let mut spent = reservation::reserve(of, &ask(usd(0.5)), now).unwrap();
    spent.settle_at(usd(0.5), now);
    let open = reservation::reserve(of, &ask(usd(0.5)), now).unwrap();
    of.set(vec![deny(Budget::daily(9.0)), deny(Budget::daily(0.5)), Budget::total(3.0)]);
    drop(open);
    let states = of.states(now);
    let by_period = |period| states.iter().find(|state| state.period == period);
    assert_eq!(states.len(), 2, "the last of two alike, and no hourly one: {states:?}");
    assert_eq!(by_period("day").map(|state| (state.spent, state.limit)), usd(0.5).zip(usd(0.5)));
    assert_eq!(by_period("total").map(|state| state.spent), Some(Cost::ZERO));
    assert!(reservation::reserve(of, &ask(None), now).is_err());
    of.set(Vec::new());
    assert!(!of.any() && of.states(now).is_empty());
}
