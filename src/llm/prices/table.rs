//! One table of prices, whatever it was read from, and how a model is found in it.

use super::clause::Clause;
use super::name;
use super::rates::Rates;
use super::when::When;
use crate::llm::{Provider, ServiceTier};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) version: Arc<str>,
    pub(crate) as_of: SystemTime,
    pub(crate) vendors: Vec<Vendor>,
}

/// Who sells models.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vendor {
    /// In small letters.
    pub(crate) id: Box<str>,
    /// What else it may be called.
    pub(crate) rule: Option<Clause>,
    /// Whose prices count for models that it has none for.
    pub(crate) fallbacks: Vec<Box<str>>,
    pub(crate) entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// With its vendor, such as `openai/gpt-4o`.
    pub(crate) label: Arc<str>,
    pub(crate) rule: Clause,
    /// The last that counts is taken; where none does, the first.
    pub(crate) prices: Vec<(When, Rates)>,
    /// Other prices for some kinds; the first that counts is taken.
    pub(crate) variants: Vec<Variant>,
}

#[derive(Debug, Clone)]
pub(crate) struct Variant {
    pub(crate) tiers: &'static [ServiceTier],
    pub(crate) when: When,
    pub(crate) rates: Rates,
}

/// Where an entry is in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    vendor: usize,
    entry: usize,
    /// Another vendor's tiers don't count.
    is_fallback: bool,
}

impl Table {
    pub(crate) fn find(&self, provider: Provider, model: &str) -> Option<Found> {
        let vendors = self.vendors_of(provider);
        let mut spellings = name::spellings(model).into_iter();
        spellings.find_map(|model| vendors.iter().find_map(|vendor| self.find_at(*vendor, &model)))
    }

    fn find_at(&self, vendor: usize, model: &str) -> Option<Found> {
        let own = &self.vendors[vendor];
        let at = |vendor: usize, is_fallback: bool| {
            let fits = |entry: &Entry| {
                entry.rule.matches(model)
                    && (!model.starts_with(name::TUNED) || entry.rule.knows_tuned())
            };
            let entry = self.vendors[vendor].entries.iter().position(fits)?;
            Some(Found { vendor, entry, is_fallback })
        };
        let fallbacks = own.fallbacks.iter();
        let mut others =
            fallbacks.filter_map(|id| self.vendors.iter().position(|other| other.id == *id));
        at(vendor, false).or_else(|| others.find_map(|other| at(other, true)))
    }

    fn vendors_of(&self, provider: Provider) -> Vec<usize> {
        let with_id = |id: &str| self.vendors.iter().position(|vendor| &*vendor.id == id);
        let own = provider.as_str().to_lowercase();
        let mut found: Vec<_> = [&*own]
            .into_iter()
            .chain(vendor_ids(provider).iter().copied())
            .filter_map(with_id)
            .collect();
        if let (true, Provider::Other(_)) = (found.is_empty(), provider) {
            let calls_itself =
                |vendor: &Vendor| vendor.rule.as_ref().is_some_and(|rule| rule.matches(&own));
            found.extend(self.vendors.iter().position(calls_itself));
        }
        found
    }

    pub(crate) fn entry(&self, found: Found) -> &Entry {
        &self.vendors[found.vendor].entries[found.entry]
    }

    /// The list that counts, and whether it has prices of the tier.
    pub(crate) fn rates(
        &self,
        found: Found,
        at: SystemTime,
        tier: ServiceTier,
    ) -> (Cow<'_, Rates>, bool) {
        let entry = self.entry(found);
        let counting = entry.prices.iter().rev().find(|(when, _)| when.counts(at));
        let Some((_, standard)) = counting.or(entry.prices.first()) else {
            return (Cow::Owned(Rates::default()), false);
        };
        let of_tier = |variant: &&Variant| {
            !found.is_fallback && variant.tiers.contains(&tier) && variant.when.counts(at)
        };
        let variants: Vec<_> = entry.variants.iter().filter(of_tier).collect();
        if variants.is_empty() {
            return (Cow::Borrowed(standard), tier == ServiceTier::Standard);
        }
        // The first has the last word.
        let apply = |rates: Rates, variant: &Variant| rates.overridden(&variant.rates);
        (Cow::Owned(variants.into_iter().rev().fold(standard.clone(), apply)), true)
    }
}

/// What providers are called in either public table.
fn vendor_ids(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::AzureInference => &["azure_ai", "azure"],
        Provider::AzureOpenAi => &["azure"],
        Provider::Bedrock => &["aws", "bedrock"],
        Provider::Gemini => &["gemini", "google"],
        Provider::VertexAi => &["vertex_ai", "google"],
        Provider::Google => &["google", "gemini", "vertex_ai"],
        Provider::Mistral => &["mistral"],
        Provider::Moonshot => &["moonshotai", "moonshot"],
        Provider::Watsonx => &["watsonx"],
        Provider::XAi => &["x-ai", "xai"],
        _ => &[],
    }
}
