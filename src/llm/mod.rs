//! Calls to language models: what they used and what that cost.
//!
//! ```text
//! an answer's JSON, or the events of a stream -> Api -> Usage \
//!                                                             PriceBook -> Estimate, or why there is none
//! tables: the program's own > a file > the crate's           /
//! ```
//!
//! [`Usage`] is one form for all providers; [`Api`] reads theirs. [`PriceBook`] knows what models cost: a table
//! comes with the crate, and those of genai-prices and litellm are read at run time. Money is counted in whole
//! pico-dollars, [`Cost`].
//!
//! Every cost is an **estimate**: the best public tables disagree on one call in eight, and contracts have
//! prices of their own. What nobody knows the price of has none, rather than one of zero.
//!
//! # Examples
//!
//! ```
//! use lightship::llm::{Api, PriceBook, Provider};
//! use std::time::SystemTime;
//!
//! let answer = br#"{"model": "gpt-5-mini-2025-08-07", "usage": {"prompt_tokens": 1200, "completion_tokens": 350,
//!     "prompt_tokens_details": {"cached_tokens": 1024}}}"#;
//! let usage = Api::OpenAiChat.read(answer)?.usage.unwrap();
//! let book = PriceBook::builtin();
//! let estimate = book.estimate(Provider::OpenAi, "gpt-5-mini", &usage, SystemTime::now())?;
//! assert_eq!(estimate.cost().to_string(), "$0.0007696");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod budget;
mod call;
mod kind;
mod names;
mod operation;
mod prices;
mod provider;
mod usage;

use crate::money;

pub use budget::{Budget, BudgetExceeded, BudgetScope, BudgetState, OnExceed};
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
