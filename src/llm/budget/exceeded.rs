//! The error of a call that was denied.

use super::account::owner;
use super::period::Period;
use super::{BudgetScope, BudgetState};
use crate::money::Cost;
use std::error::Error;
use std::fmt;
use std::time::SystemTime;

/// A budget had no room for a call, which was not made.
///
/// Says which budget, how much of it is spent and reserved, what was asked for, and until when; a tenant by its
/// hash. As an [`ErrorType`](crate::ErrorType) it is `budget_exceeded`.
///
/// # Examples
///
/// ```
/// use lightship::llm::BudgetExceeded;
///
/// fn retry_after(denied: &BudgetExceeded) -> Option<std::time::Duration> {
///     denied.resets_at()?.duration_since(std::time::SystemTime::now()).ok()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetExceeded {
    state: Box<BudgetState>,
    period: Period,
    asked: Option<Cost>,
}

impl BudgetExceeded {
    pub(super) fn new(state: BudgetState, period: Period, asked: Option<Cost>) -> Self {
        BudgetExceeded { state: Box::new(state), period, asked }
    }

    /// What the budget is for.
    #[must_use]
    pub fn scope(&self) -> BudgetScope {
        self.state.scope
    }

    /// The workflow, the model or the tenant's hash; none for a budget of the whole process.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.state.key.as_deref()
    }

    /// How much may be spent.
    #[must_use]
    pub fn limit(&self) -> Cost {
        self.state.limit
    }

    /// What was spent, an estimate.
    #[must_use]
    pub fn spent(&self) -> Cost {
        self.state.spent
    }

    /// What calls that run are expected to come to.
    #[must_use]
    pub fn reserved(&self) -> Cost {
        self.state.reserved
    }

    /// What the call was expected to cost, if that was known.
    #[must_use]
    pub fn asked(&self) -> Option<Cost> {
        self.asked
    }

    /// When the budget begins anew; never if it is for as long as the process runs.
    #[must_use]
    pub fn resets_at(&self) -> Option<SystemTime> {
        self.state.resets_at
    }
}

/// One line, with all of it.
impl fmt::Display for BudgetExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BudgetState { scope, key, limit, spent, reserved, .. } = &*self.state;
        let owner = owner(*scope, key.as_deref().unwrap_or_default());
        let adjective = self.period.adjective();
        write!(f, "the {adjective} LLM budget of {limit} for {owner} has no room")?;
        if let Some(asked) = self.asked {
            write!(f, " for {asked}")?;
        }
        write!(f, ": {spent} spent, {reserved} reserved; {}", self.period.until())
    }
}

impl Error for BudgetExceeded {}

impl crate::ErrorType for BudgetExceeded {
    fn error_type(&self) -> &'static str {
        "budget_exceeded"
    }
}
