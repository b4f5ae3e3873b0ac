//! Budgets: how much calls to language models may cost.
//!
//! ```
//! use lightship::llm::{Budget, BudgetScope, OnExceed, budget};
//!
//! budget::set([
//!     Budget::daily(50.0).warn_at(0.8).on_exceed(OnExceed::Deny),
//!     Budget::hourly(2.0).scope(BudgetScope::Tenant),
//! ]);
//! # budget::set([]);
//! ```
//!
//! A call reserves what it will cost, as far as that can be known, and settles what it did cost at its end.
//! Sums are exact, in whole pico-dollars and under one short lock: calls whose costs are known beforehand never
//! come to more than a budget that denies. A call of which nothing is known is let through while anything is
//! left, so that the last one may go beyond.
//!
//! **A budget is of this process alone.** Two processes with a budget of ten dollars may spend twenty, and one
//! that starts again starts at zero. It is a guard against runaway loops and surprises; for a bound on a whole
//! fleet, divide by the number of processes, or have the provider set one.
//!
//! Budgets belong to the process and not to a `Telemetry`, which may end, or be one of several, while the money
//! that is spent stays the same; so that they are set here and not by the [`builder`](crate::builder), and hold
//! without any telemetry, too.
//!
//! # What is told of them
//!
//! The gauges `llm.budget.limit_usd`, `llm.budget.spent_usd` and `llm.budget.reserved_usd`, brought up to date
//! whenever a backend reads them, with the tags `scope`, `period` and, but for the whole process, `workflow`,
//! `model` or `tenant`. Of one budget at most 100 workflows, models or tenants are shown; [`states`] has all of
//! them.
//!
//! A line goes to the [`notices`](crate::Builder::notices) once in a period when the share of
//! [`warn_at`](Budget::warn_at) is spent, and once when the budget is exceeded, for at most 20 workflows,
//! models or tenants of one budget.
//!
//! A tenant is named by its keyed hash, as [`hashed`](crate::hashed) ids are, in tags, lines, errors and
//! states.

mod account;
mod exceeded;
mod gauges;
mod ledger;
mod period;
mod reservation;
mod state;
#[cfg(all(test, feature = "testing"))]
mod tests;

pub use exceeded::BudgetExceeded;
pub(crate) use ledger::limits;
pub(crate) use reservation::{Ask, Reservation};
pub use state::BudgetState;

use crate::money::Cost;
use ledger::Budgets;
use period::Period;

static PROCESS: Budgets = Budgets::new();

/// What a budget is for.
///
/// # Examples
///
/// ```
/// use lightship::llm::{Budget, BudgetScope};
///
/// let for_each_model = Budget::daily(20.0).scope(BudgetScope::Model);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BudgetScope {
    /// All calls of this process together.
    #[default]
    Process,
    /// The calls of workflows of one name together; each name has a budget of its own. A call within several
    /// workflows counts for each of their names.
    Workflow,
    /// The calls to one model; each has a budget of its own.
    Model,
    /// The calls for one tenant; each has a budget of its own.
    Tenant,
}

/// What becomes of a call that a budget has no room for.
///
/// # Examples
///
/// ```
/// use lightship::llm::{Budget, OnExceed};
///
/// let hard = Budget::hourly(5.0).on_exceed(OnExceed::Deny);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnExceed {
    /// It is made all the same; metrics and notices tell.
    #[default]
    Observe,
    /// It is not made: starting it gives a [`BudgetExceeded`].
    Deny,
}

/// How much calls to language models may cost in a period, in US dollars; see the [module](self).
///
/// Unless something else is said it is for the whole process, warns at 80 % and only observes. An amount that
/// is negative or no number is no budget at all: zero. One of infinity is never exceeded.
///
/// # Examples
///
/// ```
/// use lightship::llm::{Budget, BudgetScope, OnExceed, budget};
///
/// let budget = Budget::daily(10.0)
///     .scope(BudgetScope::Workflow)
///     .warn_at(0.5)
///     .on_exceed(OnExceed::Deny);
/// budget::set([budget]);
/// # budget::set([]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use = "a budget does nothing until it is set"]
pub struct Budget {
    limit: Cost,
    period: Period,
    scope: BudgetScope,
    /// A share of the limit.
    warn_at: f64,
    on_exceed: OnExceed,
}

impl Budget {
    /// So much for each day, of UTC.
    pub fn daily(usd: f64) -> Self {
        Budget::new(usd, Period::Day)
    }

    /// So much for each full hour.
    pub fn hourly(usd: f64) -> Self {
        Budget::new(usd, Period::Hour)
    }

    /// So much for as long as the process runs.
    pub fn total(usd: f64) -> Self {
        Budget::new(usd, Period::Total)
    }

    fn new(usd: f64, period: Period) -> Self {
        let all = Cost::from_pico_usd(u64::MAX);
        let too_much = if usd > 0.0 { all } else { Cost::ZERO };
        Budget {
            limit: Cost::from_usd(usd).unwrap_or(too_much),
            period,
            scope: BudgetScope::default(),
            warn_at: 0.8,
            on_exceed: OnExceed::default(),
        }
    }

    /// What it is for.
    pub fn scope(mut self, scope: BudgetScope) -> Self {
        self.scope = scope;
        self
    }

    /// At which share of it, from 0 to 1, one is warned; at 1 it is as it is exceeded that one hears of it.
    pub fn warn_at(mut self, share: f64) -> Self {
        self.warn_at = if share.is_nan() { 1.0 } else { share.clamp(0.0, 1.0) };
        self
    }

    /// What becomes of calls that it has no room for.
    pub fn on_exceed(mut self, what: OnExceed) -> Self {
        self.on_exceed = what;
        self
    }

    /// From how much on one is warned.
    fn warns_from(&self) -> Cost {
        let pico = (self.limit.pico_usd() as f64 * self.warn_at).round();
        Cost::from_pico_usd(pico as u64)
    }
}

impl BudgetScope {
    /// One word, as in tags.
    fn name(self) -> &'static str {
        match self {
            BudgetScope::Process => "process",
            BudgetScope::Workflow => "workflow",
            BudgetScope::Model => "model",
            BudgetScope::Tenant => "tenant",
        }
    }
}

/// Sets the budgets of this process, in the place of those that were set before. One with the period and the
/// scope of an earlier one goes on with what was spent; of several with the same two the last counts.
///
/// # Examples
///
/// ```
/// use lightship::llm::{Budget, budget};
///
/// budget::set([Budget::total(100.0)]);
/// assert_eq!(budget::states()[0].limit.usd(), 100.0);
/// budget::set([]); // no budgets any more
/// assert!(budget::states().is_empty());
/// ```
pub fn set(budgets: impl IntoIterator<Item = Budget>) {
    PROCESS.set(budgets.into_iter().collect());
    gauges::watch(&PROCESS);
}

/// How the budgets of this process stand now: for each budget one state for every workflow, model or tenant that
/// it is kept for. Takes the lock that reservations take, for as long as it copies.
///
/// # Examples
///
/// ```
/// for state in lightship::llm::budget::states() {
///     println!("{} left of {}", state.limit.saturating_sub(state.spent), state.limit);
/// }
/// ```
#[must_use]
pub fn states() -> Vec<BudgetState> {
    PROCESS.states(std::time::SystemTime::now())
}

/// Asks all budgets for room for a call. None of them has anything reserved if one denies.
pub(crate) fn reserve(ask: &Ask<'_>) -> Result<Reservation, BudgetExceeded> {
    if !PROCESS.any() {
        return Ok(Reservation::none());
    }
    gauges::watch(&PROCESS);
    reservation::reserve(&PROCESS, ask, std::time::SystemTime::now())
}
