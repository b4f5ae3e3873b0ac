//! Calls to language models: what they used and what that cost.
//!
//! Every cost is an **estimate**: the best public price lists disagree on one model in eight.

pub mod budget;
mod kind;
mod prices;
mod provider;
mod usage;

use crate::money;

pub use budget::{Budget, BudgetExceeded, BudgetScope, BudgetState, OnExceed};
pub use money::Cost;
pub use prices::{Estimate, ModelPrices, PriceBook, PriceError, Unpriced};
pub use provider::Provider;
pub use usage::{Api, Reading, ServiceTier, Usage, UsageError, UsageStream};
