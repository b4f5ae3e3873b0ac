//! How a budget stands.

use super::BudgetScope;
use crate::money::Cost;
use std::time::SystemTime;

/// How a budget stands for one workflow, model or tenant, or for the process; see
/// [`states`](super::states).
///
/// # Examples
///
/// ```
/// use lightship::llm::{Budget, budget};
///
/// budget::set([Budget::daily(10.0)]);
/// let state = &budget::states()[0];
/// assert_eq!((state.period, state.spent.usd()), ("day", 0.0));
/// # budget::set([]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetState {
    /// What the budget is for.
    pub scope: BudgetScope,
    /// `hour`, `day` or `total`.
    pub period: &'static str,
    /// The workflow, the model, or the tenant's hash; none for the process. `_other` is all together that there
    /// was no room for.
    pub key: Option<String>,
    /// How much may be spent.
    pub limit: Cost,
    /// What calls that ended in this period came to, an estimate.
    pub spent: Cost,
    /// What calls that run are expected to come to.
    pub reserved: Cost,
    /// When it begins anew; never for a total.
    pub resets_at: Option<SystemTime>,
}
