//! How budgets stand, as gauges that are brought up to date when somebody reads them.

use super::ledger::Budgets;
use super::{BudgetScope, BudgetState};
use crate::metrics::{Cell, GaugeCell, Kind, Registry, current};
use crate::tag::{RawTag, TagRef};
use std::sync::Weak;
use std::time::SystemTime;

const WATCH: &str = "llm.budget";

/// Has the registry that counts here and now show the budgets, from the first time on.
pub(super) fn watch(budgets: &'static Budgets) {
    current::before_reading_once(WATCH, |registry| {
        move || {
            if let Some(registry) = Weak::upgrade(&registry) {
                refresh(&registry, budgets);
            }
        }
    });
}

fn refresh(registry: &Registry, budgets: &Budgets) {
    for state in budgets.shown(SystemTime::now()) {
        let BudgetState { limit, spent, reserved, .. } = state;
        for (name, value) in [
            ("llm.budget.limit_usd", limit),
            ("llm.budget.spent_usd", spent),
            ("llm.budget.reserved_usd", reserved),
        ] {
            cell(registry, name, &state).set(value.usd());
        }
    }
}

fn cell(registry: &Registry, name: &str, state: &BudgetState) -> &'static GaugeCell {
    let one_of = |key, value| RawTag { key, value: TagRef::one_of(value), literal: true };
    let tags = [one_of("scope", state.scope.name()), one_of("period", state.period)];
    let key = state.key.as_deref().filter(|_| state.scope != BudgetScope::Process);
    let key = key.map(|key| RawTag::new(state.scope.name(), key, false));
    let tags = tags.into_iter().chain(key);
    GaugeCell::of(registry.resolve(Kind::Gauge, name, tags))
}
