//! What one workflow, model or tenant spent of a budget, or the whole process.

use super::{Budget, BudgetExceeded, BudgetScope, BudgetState, OnExceed, Period};
use crate::money::Cost;
use std::sync::Arc;

/// The account of those that there was no room for.
pub(super) const OTHER: &str = "_other";

#[derive(Debug, Clone, Default)]
pub(super) struct Account {
    pub(super) spent: Cost,
    pub(super) reserved: Cost,
    /// How many reservations there are, those of nothing among them.
    pub(super) open: u64,
    /// What was told in this period.
    warned: bool,
    exceeded: bool,
    /// Whether gauges show it.
    pub(super) shown: bool,
}

/// What is worth a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Warned,
    Exceeded,
}

impl Account {
    /// With gauges, or without.
    pub(super) fn new(shown: bool) -> Self {
        Account { shown, ..Account::default() }
    }

    /// Whether the budget has room; `None` asks whether there is anything left.
    pub(super) fn has_room(&self, budget: &Budget, estimate: Option<Cost>) -> bool {
        let taken = self.spent + self.reserved;
        match estimate {
            Some(estimate) => taken + estimate <= budget.limit,
            None => taken < budget.limit,
        }
    }

    /// Notes that a call was denied.
    pub(super) fn denied(&mut self) -> Option<Event> {
        self.tell_exceeded()
    }

    pub(super) fn reserve(&mut self, estimate: Cost) {
        self.reserved += estimate;
        self.open += 1;
    }

    pub(super) fn settle(&mut self, budget: &Budget, estimate: Cost, cost: Cost) -> Option<Event> {
        self.reserved = self.reserved.saturating_sub(estimate);
        self.open = self.open.saturating_sub(1);
        self.spent += cost;
        if self.spent > budget.limit {
            return self.tell_exceeded();
        }
        let warns = cost > Cost::ZERO && self.spent >= budget.warns_from();
        (warns && !std::mem::replace(&mut self.warned, true)).then_some(Event::Warned)
    }

    /// Begins a period; what is reserved will be spent in it.
    pub(super) fn begin(&mut self) {
        *self = Account {
            reserved: self.reserved,
            open: self.open,
            shown: self.shown,
            ..Account::default()
        };
    }

    fn tell_exceeded(&mut self) -> Option<Event> {
        // A warning after that would be late.
        self.warned = true;
        (!std::mem::replace(&mut self.exceeded, true)).then_some(Event::Exceeded)
    }
}

/// Whose account it is, for people: nobody's is the process's.
pub(super) fn owner(scope: BudgetScope, key: &str) -> String {
    match scope {
        BudgetScope::Process => "this process".to_owned(),
        scope => format!("{} {key}", scope.name()),
    }
}

impl Event {
    /// The line.
    pub(super) fn line(self, budget: &Budget, key: &str, account: &Account) -> String {
        let Budget { limit, period, scope, on_exceed, .. } = budget;
        let (adjective, owner, spent) = (period.adjective(), owner(*scope, key), account.spent);
        match (self, on_exceed) {
            (Event::Warned, _) => {
                let share = spent.usd() / limit.usd() * 100.0;
                format!(
                    "the {adjective} LLM budget of {limit:.2} for {owner} is spent to {share:.0} % \
                     ({spent:.4})"
                )
            }
            (Event::Exceeded, OnExceed::Observe) => format!(
                "the {adjective} LLM budget of {limit:.2} for {owner} is exceeded ({spent:.4}); \
                 calls go on"
            ),
            (Event::Exceeded, OnExceed::Deny) => format!(
                "the {adjective} LLM budget of {limit:.2} for {owner} is exceeded ({spent:.4}, and \
                 {:.4} reserved); calls are denied {}",
                account.reserved,
                period.until(),
            ),
        }
    }
}

/// What is known of an account besides itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'k> {
    pub(super) budget: &'k Budget,
    pub(super) key: &'k Arc<str>,
    pub(super) period: u64,
}

impl Place<'_> {
    pub(super) fn exceeded(&self, account: &Account, asked: Option<Cost>) -> BudgetExceeded {
        BudgetExceeded::new(self.state(account), self.budget.period, asked)
    }

    pub(super) fn state(&self, account: &Account) -> BudgetState {
        let Budget { limit, period, scope, .. } = *self.budget;
        BudgetState {
            scope,
            period: Period::name(period),
            key: (scope != BudgetScope::Process).then(|| self.key.to_string()),
            limit,
            spent: account.spent,
            reserved: account.reserved,
            resets_at: period.end(self.period),
        }
    }
}
