//! Calls to language models: what they used and what that cost.
//!
//! Every cost is an **estimate**: the best public price lists disagree on one model in eight.

mod call;
mod kind;
mod money;
mod names;
mod operation;
mod prices;
mod provider;
mod usage;

pub use call::{Answer, Call, Finished, NewCall, call};
pub use money::Cost;
pub use operation::Operation;
pub use prices::{Estimate, ModelPrices, PriceBook, PriceError, Unpriced};
pub use provider::Provider;
pub use usage::{Api, Reading, ServiceTier, Usage, UsageError, UsageStream};

use std::sync::LazyLock;

/// The book that [calls](call) are priced by: the table in the crate, until the program loads or sets
/// others.
///
/// # Examples
///
/// ```
/// use lightship::llm::{self, ModelPrices, Provider};
///
/// // In US dollars for a million tokens of input and of output.
/// llm::prices().set(Provider::Other("in_house"), "ours-7b", ModelPrices::per_million(0.1, 0.4))?;
/// # Ok::<(), llm::PriceError>(())
/// ```
pub fn prices() -> &'static PriceBook {
    static BOOK: LazyLock<PriceBook> = LazyLock::new(PriceBook::builtin);
    &BOOK
}
