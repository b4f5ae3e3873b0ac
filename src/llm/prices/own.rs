//! Prices that the program itself gives.

use super::clause::Clause;
use super::error::PriceError;
use super::rate::{Price, Rate};
use super::rates::Rates;
use super::table::Entry;
use super::when::When;
use crate::llm::kind::Kind;

/// What a model costs, in US dollars: for contracts, models of one's own, and names that are one's own.
///
/// A kind of tokens without a price costs what it is part of does: cached input what input does, reasoning
/// what output does.
///
/// # Examples
///
/// ```
/// use lightship::llm::{ModelPrices, PriceBook, Provider, Usage};
/// use std::time::SystemTime;
///
/// let book = PriceBook::builtin();
/// let prices = ModelPrices::per_million(1.0, 4.0).cache_read(0.1).above(200_000, 2.0, 8.0);
/// book.set(Provider::AzureOpenAi, "our-deployment", prices)?;
/// let usage = Usage::new(200_001, 0);
/// let estimate = book.price(Provider::AzureOpenAi, "Our-Deployment", &usage, SystemTime::now()).unwrap();
/// assert_eq!(estimate.cost().to_string(), "$0.400002");
/// # Ok::<(), lightship::llm::PriceError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ModelPrices {
    prices: Vec<(Kind, i32, f64)>,
    above: Vec<(u64, f64, f64)>,
}

impl ModelPrices {
    /// For a million tokens of input and of output.
    #[must_use]
    pub fn per_million(input: f64, output: f64) -> Self {
        ModelPrices {
            prices: vec![(Kind::Input, 6, input), (Kind::Output, 6, output)],
            above: Vec::new(),
        }
    }

    /// For a million tokens that are read from a cache.
    #[must_use]
    pub fn cache_read(self, price: f64) -> Self {
        self.with(Kind::CacheRead, 6, price)
    }

    /// For a million tokens that are written to a cache.
    #[must_use]
    pub fn cache_write(self, price: f64) -> Self {
        self.with(Kind::CacheWrite, 6, price)
    }

    /// For a million tokens that are written to a cache for an hour.
    #[must_use]
    pub fn cache_write_1h(self, price: f64) -> Self {
        self.with(Kind::CacheWrite1h, 6, price)
    }

    /// For one request, beside its tokens.
    #[must_use]
    pub fn request(self, price: f64) -> Self {
        self.with(Kind::Requests, 0, price)
    }

    /// For one search of the web.
    #[must_use]
    pub fn web_search(self, price: f64) -> Self {
        self.with(Kind::WebSearches, 0, price)
    }

    /// For one image that is made.
    #[must_use]
    pub fn image(self, price: f64) -> Self {
        self.with(Kind::OutputImages, 0, price)
    }

    /// For a million tokens of input and of output in requests whose input is larger than `tokens`: for all of
    /// the request, not for what is above.
    #[must_use]
    pub fn above(mut self, tokens: u64, input: f64, output: f64) -> Self {
        self.above.push((tokens, input, output));
        self
    }

    fn with(mut self, kind: Kind, power: i32, price: f64) -> Self {
        self.prices.push((kind, power, price));
        self
    }

    pub(super) fn entry(&self, provider: &str, model: &str) -> Result<Entry, PriceError> {
        let field = |kind: Kind| format!("{provider}/{model}.{}", kind.name());
        let rate = |kind: Kind, power: i32, price: f64| {
            Rate::parse(&price.to_string(), power).ok_or_else(|| {
                PriceError::new(field(kind), "is no price: negative, not finite or too large")
            })
        };
        let mut rates = Rates::default();
        for (kind, power, price) in &self.prices {
            let base = rate(*kind, *power, *price)?;
            let above = self.above.iter().filter_map(|(above, input, output)| match kind {
                Kind::Input => Some((*above, *input)),
                Kind::Output => Some((*above, *output)),
                _ => None,
            });
            let steps = above.map(|(above, price)| Ok((above, rate(*kind, 6, price)?)));
            rates.set(*kind, Price::stepped(base, steps.collect::<Result<Vec<_>, PriceError>>()?));
        }
        Ok(Entry {
            label: format!("{provider}/{model}").into(),
            rule: Clause::Equals(model.to_lowercase().into()),
            prices: vec![(When::Always, rates.joined())],
            variants: Vec::new(),
        })
    }
}
