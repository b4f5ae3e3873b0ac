//! The book of prices that a program has.

use super::estimate::{Estimate, Unpriced};
use super::layers::Layers;
use super::own::ModelPrices;
use super::table::{Entry, Table, Vendor};
use super::{PriceError, file, rows};
use crate::llm::{Provider, ServiceTier, Usage};
use std::path::Path;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use std::time::SystemTime;

static BUILTIN: LazyLock<Option<Arc<Table>>> =
    LazyLock::new(|| rows::table(include_str!("builtin.txt")).map(Arc::new));

/// Prices of models: a table in the crate, over it one from a file, over it what the program sets.
///
/// Clones share one book. A table that can't be read is not taken, and the last good one stays. Nothing here
/// asks the network: download a table of [genai-prices] (`prices/new_data/v2/data.json`) or of [litellm]
/// (`model_prices_and_context_window.json`) as you see fit.
///
/// What a book says is an estimate: tables err, and contracts have prices of their own. A model that no table
/// knows has **no** price, never that of zero.
///
/// [genai-prices]: https://github.com/pydantic/genai-prices
/// [litellm]: https://github.com/BerriAI/litellm
///
/// # Examples
///
/// ```
/// use lightship::llm::{PriceBook, Provider, Usage};
/// use std::time::SystemTime;
///
/// let book = PriceBook::builtin();
/// let usage = Usage::new(1_000, 100).cache_read(800);
/// let estimate = book.price(Provider::OpenAi, "gpt-4o-2024-08-06", &usage, SystemTime::now()).unwrap();
/// assert_eq!(estimate.cost().to_string(), "$0.0025");
/// assert_eq!(estimate.priced_as(), "openai/gpt-4o");
/// assert_eq!(book.price(Provider::OpenAi, "gpt-0", &usage, SystemTime::now()), None);
/// ```
#[derive(Debug, Clone)]
pub struct PriceBook {
    layers: Arc<RwLock<Arc<Layers>>>,
}

impl PriceBook {
    /// With the table that comes with the crate.
    #[must_use]
    pub fn builtin() -> Self {
        PriceBook::with(Layers::new(None, None, BUILTIN.clone()))
    }

    /// Without any: what has no price set or loaded has none.
    #[must_use]
    pub fn empty() -> Self {
        PriceBook::with(Layers::default())
    }

    /// With a table of genai-prices, version 2, over the builtin one; `as_of` is when it was made.
    ///
    /// # Errors
    ///
    /// As [`load_genai_prices_json`](Self::load_genai_prices_json).
    pub fn from_genai_prices_json(json: &[u8], as_of: SystemTime) -> Result<Self, PriceError> {
        let book = PriceBook::builtin();
        book.load_genai_prices_json(json, as_of)?;
        Ok(book)
    }

    /// With a table of litellm over the builtin one; `as_of` is when it was made.
    ///
    /// # Errors
    ///
    /// As [`load_litellm_json`](Self::load_litellm_json).
    pub fn from_litellm_json(json: &[u8], as_of: SystemTime) -> Result<Self, PriceError> {
        let book = PriceBook::builtin();
        book.load_litellm_json(json, as_of)?;
        Ok(book)
    }

    /// Takes a table of genai-prices, version 2, in place of what was loaded before. Calls that are being
    /// priced end with the old one. Takes a few milliseconds a megabyte.
    ///
    /// # Errors
    ///
    /// A table that is empty, larger than 32 MiB or not right anywhere; nothing is replaced then.
    pub fn load_genai_prices_json(&self, json: &[u8], as_of: SystemTime) -> Result<(), PriceError> {
        self.take(file::genai_prices(json, as_of)?);
        Ok(())
    }

    /// Takes a table of litellm in place of what was loaded before, as
    /// [`load_genai_prices_json`](Self::load_genai_prices_json) does.
    ///
    /// # Errors
    ///
    /// A table that is empty, larger than 32 MiB or not right anywhere; nothing is replaced then.
    pub fn load_litellm_json(&self, json: &[u8], as_of: SystemTime) -> Result<(), PriceError> {
        self.take(file::litellm(json, as_of)?);
        Ok(())
    }

    /// Takes a table from a file in either format, which it tells apart, in place of what was loaded before. It
    /// is as old as the file.
    ///
    /// # Errors
    ///
    /// A file that can't be read, and as the other two.
    pub fn load_file(&self, path: impl AsRef<Path>) -> Result<(), PriceError> {
        self.take(file::open(path.as_ref())?);
        Ok(())
    }

    /// Sets the prices of one model, over all tables. The name has to be the whole one; the case does not
    /// matter.
    ///
    /// # Errors
    ///
    /// A price that is none: negative, not finite, or more than 18 dollars a token, request, search or image.
    pub fn set(
        &self,
        provider: Provider,
        model: &str,
        prices: ModelPrices,
    ) -> Result<(), PriceError> {
        let vendor = provider.as_str().to_lowercase();
        let new = prices.entry(&vendor, model)?;
        self.change(|layers| {
            let kept = layers.code.iter().flat_map(|table| &table.vendors);
            let mut vendors: Vec<_> = kept.cloned().collect();
            let at = vendors.iter().position(|known| *known.id == *vendor).unwrap_or_else(|| {
                vendors.push(Vendor { id: vendor.as_str().into(), ..Vendor::default() });
                vendors.len() - 1
            });
            let entries: &mut Vec<Entry> = &mut vendors[at].entries;
            entries.retain(|entry| *entry.label.to_lowercase() != *new.label.to_lowercase());
            entries.push(new);
            let code = Table { version: "code".into(), as_of: SystemTime::now(), vendors };
            Layers::new(Some(Arc::new(code)), layers.file.clone(), layers.builtin.clone())
        });
        Ok(())
    }

    /// What the call cost at the time it was made, if a table knows; [`estimate`](Self::estimate) says why not.
    #[must_use]
    pub fn price(
        &self,
        provider: Provider,
        model: &str,
        usage: &Usage,
        at: SystemTime,
    ) -> Option<Estimate> {
        self.estimate(provider, model, usage, at).ok()
    }

    /// What the call cost at the time it was made. The model that answered counts before the one that was
    /// asked for, except with Bedrock, where the answer's lacks the region.
    ///
    /// Costs about a microsecond once a model was asked for; before, the tables are looked through.
    ///
    /// # Errors
    ///
    /// Why there is no price.
    pub fn estimate(
        &self,
        provider: Provider,
        model: &str,
        usage: &Usage,
        at: SystemTime,
    ) -> Result<Estimate, Unpriced> {
        usage.check().map_err(Unpriced::BadUsage)?;
        let layers = self.layers();
        let asked = layers.find(provider, model);
        let answered = usage.model().filter(|other| *other != model);
        let answered = answered.and_then(|model| layers.find(provider, model));
        let (first, second) = match provider {
            Provider::Bedrock => (asked, answered),
            _ => (answered, asked),
        };
        // The first of the table that is over the other's.
        let best = [first, second].into_iter().flatten().min_by_key(|(rank, _)| *rank);
        let (rank, found) = best.ok_or(Unpriced::UnknownModel)?;
        let table = layers.table(rank).ok_or(Unpriced::UnknownModel)?;
        let tier = usage.service_tier().unwrap_or(ServiceTier::Standard);
        let (rates, has_tier) = table.rates(found, at, tier);
        let bill = rates.bill(usage).ok_or(Unpriced::NoPrice)?;
        Ok(Estimate {
            cost: bill.cost,
            priced_as: table.entry(found).label.clone(),
            book_version: table.version.clone(),
            tier: if has_tier { tier } else { ServiceTier::Standard },
            is_partial: bill.is_partial,
        })
    }

    /// What the loaded table is called, or the builtin one: its origin, date and, for a file, the start of its
    /// SHA-256.
    #[must_use]
    pub fn version(&self) -> Option<String> {
        let layers = self.layers();
        layers.file.as_ref().or(layers.builtin.as_ref()).map(|table| table.version.to_string())
    }

    /// How many whole days before `now` the loaded table was made, or the builtin one.
    #[must_use]
    pub fn age_days(&self, now: SystemTime) -> Option<u64> {
        let layers = self.layers();
        let as_of = layers.file.as_ref().or(layers.builtin.as_ref())?.as_of;
        Some(now.duration_since(as_of).map_or(0, |age| age.as_secs() / (24 * 60 * 60)))
    }

    fn with(layers: Layers) -> Self {
        PriceBook { layers: Arc::new(RwLock::new(Arc::new(layers))) }
    }

    fn layers(&self) -> Arc<Layers> {
        Arc::clone(&self.layers.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self, table: Table) {
        let table = Some(Arc::new(table));
        self.change(|layers| Layers::new(layers.code.clone(), table, layers.builtin.clone()));
    }

    fn change(&self, change: impl FnOnce(&Layers) -> Layers) {
        let mut layers = self.layers.write().unwrap_or_else(PoisonError::into_inner);
        *layers = Arc::new(change(&layers));
    }
}

impl Default for PriceBook {
    fn default() -> Self {
        PriceBook::builtin()
    }
}
