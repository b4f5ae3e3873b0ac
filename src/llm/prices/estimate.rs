//! What a call cost, as nearly as tables know, or why nobody knows.

use crate::llm::{Cost, ServiceTier, UsageError};
use std::fmt;
use std::sync::Arc;

/// What a call probably cost, and by which prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    pub(super) cost: Cost,
    pub(super) priced_as: Arc<str>,
    pub(super) book_version: Arc<str>,
    pub(super) tier: ServiceTier,
    pub(super) is_partial: bool,
}

impl Estimate {
    /// The amount.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// The vendor and the model whose prices were taken, such as `openai/gpt-4o`.
    #[must_use]
    pub fn priced_as(&self) -> &str {
        &self.priced_as
    }

    /// The table that had them, such as `genai-prices 2026-11-22 1a2b3c4d`.
    #[must_use]
    pub fn book_version(&self) -> &str {
        &self.book_version
    }

    /// The tier whose prices were taken: [`ServiceTier::Standard`] where the table knows none of the usage's.
    #[must_use]
    pub fn tier(&self) -> ServiceTier {
        self.tier
    }

    /// Whether something else than tokens was used, such as searches, that the table has no price for.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.is_partial
    }
}

/// Why a call has no price. It is not free, then.
///
/// # Examples
///
/// ```
/// use lightship::llm::{PriceBook, Provider, Unpriced, Usage};
/// use std::time::SystemTime;
///
/// let book = PriceBook::builtin();
/// let why = book.estimate(Provider::OpenAi, "gpt-0", &Usage::new(1, 1), SystemTime::now());
/// assert_eq!(why.unwrap_err(), Unpriced::UnknownModel);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unpriced {
    /// No table knows the model of that provider.
    UnknownModel,
    /// A table knows the model, but has no price for what was used.
    NoPrice,
    /// The usage can't be right.
    BadUsage(UsageError),
    /// The answer does not say what was used.
    NoUsage,
}

impl Unpriced {
    /// In one word, for tags.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Unpriced::UnknownModel => "unknown_model",
            Unpriced::NoPrice => "no_price",
            Unpriced::BadUsage(_) => "bad_usage",
            Unpriced::NoUsage => "no_usage",
        }
    }
}

impl fmt::Display for Unpriced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unpriced::UnknownModel => f.write_str("no price table knows the model"),
            Unpriced::NoPrice => f.write_str("the price table has no price for what was used"),
            Unpriced::NoUsage => f.write_str("the answer does not say what was used"),
            Unpriced::BadUsage(error) => write!(f, "the usage can't be right: {error}"),
        }
    }
}

impl std::error::Error for Unpriced {}
