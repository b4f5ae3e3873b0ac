//! Reads `model_prices_and_context_window.json` of litellm.

use super::clause::Clause;
use super::error::PriceError;
use super::off_peak;
use super::place::{Fault, Place};
use super::rate::{Price, Rate};
use super::rates::Rates;
use super::table::{Entry, Variant, Vendor};
use super::when::When;
use crate::llm::ServiceTier;
use crate::llm::kind::Kind;
use serde_json::Value;
use std::collections::BTreeMap;

type Read<T> = Result<T, Box<Fault>>;

const KINDS: &[(&str, Kind)] = &[
    ("input_cost_per_token", Kind::Input),
    ("cache_read_input_token_cost", Kind::CacheRead),
    ("cache_creation_input_token_cost", Kind::CacheWrite),
    ("cache_creation_input_token_cost_above_1hr", Kind::CacheWrite1h),
    ("input_cost_per_audio_token", Kind::InputAudio),
    ("input_cost_per_image_token", Kind::InputImage),
    ("input_cost_per_video_token", Kind::InputVideo),
    ("cache_read_input_audio_token_cost", Kind::CacheReadAudio),
    ("cache_read_input_image_token_cost", Kind::CacheReadImage),
    ("output_cost_per_token", Kind::Output),
    ("output_cost_per_reasoning_token", Kind::Reasoning),
    ("output_cost_per_audio_token", Kind::OutputAudio),
    ("output_cost_per_image_token", Kind::OutputImage),
    ("output_cost_per_video_token", Kind::OutputVideo),
    ("input_cost_per_request", Kind::Requests),
    ("input_cost_per_image", Kind::InputImages),
    ("output_cost_per_image", Kind::OutputImages),
];

const BATCHES: &str = "_batches";
/// What names of prices end with, and whom those are for.
const TIERS: &[(&str, &[ServiceTier])] = &[
    (BATCHES, &[ServiceTier::Batch]),
    ("_flex", &[ServiceTier::Flex]),
    ("_priority", &[ServiceTier::Priority, ServiceTier::Fast]),
];

/// Vendors by several names.
const VENDORS: &[(&str, &str)] = &[
    ("bedrock_converse", "bedrock"),
    ("text-completion-openai", "openai"),
    ("cohere_chat", "cohere"),
];

pub(super) fn vendors(json: &[u8], value: &Value) -> Result<Vec<Vendor>, PriceError> {
    read(value).map_err(|fault| fault.locate(json))
}

fn read(value: &Value) -> Read<Vec<Vendor>> {
    let root = Place::root(value);
    let mut vendors: BTreeMap<String, (Vec<Entry>, Vec<Entry>)> = BTreeMap::new();
    for (model, place) in root.fields()? {
        place.object()?;
        // The legend
        let Some(vendor) = place.key("litellm_provider").filter(|_| model != "sample_spec") else {
            continue;
        };
        let vendor = vendor_id(vendor.text()?);
        let entry = entry(&vendor, model, names(&vendor, model, &root), &place)?;
        let (prefixed, bare) = vendors.entry(vendor).or_default();
        if model.contains('/') { prefixed } else { bare }.push(entry);
    }
    let vendors: Vec<_> = vendors
        .into_iter()
        .map(|(id, (mut entries, bare))| {
            // A name that also says whose the model is goes first.
            entries.extend(bare);
            Vendor { id: id.into(), entries, ..Vendor::default() }
        })
        .collect();
    let prices = |entry: &Entry| entry.prices.iter().any(|(_, rates)| !rates.is_empty());
    if !vendors.iter().flat_map(|vendor| &vendor.entries).any(prices) {
        return Err(root.fault("has no prices"));
    }
    Ok(vendors)
}

fn vendor_id(provider: &str) -> String {
    let provider = provider.to_lowercase();
    if provider.starts_with("vertex_ai") {
        return "vertex_ai".to_owned();
    }
    let known = VENDORS.iter().find(|(name, _)| *name == provider);
    known.map_or(provider.clone(), |(_, id)| (*id).to_owned())
}

/// By the whole name, and without the vendor before it where nothing else is called so.
fn names(vendor: &str, model: &str, others: &Place<'_>) -> Clause {
    let name = model.to_lowercase();
    let bare = name.strip_prefix(vendor).and_then(|rest| rest.strip_prefix('/'));
    let bare = bare.filter(|bare| !bare.contains('/') || others.key(bare).is_none());
    let names = [Some(name.as_str()), bare].into_iter().flatten();
    Clause::Or(names.map(|name| Clause::Equals(name.into())).collect())
}

fn entry(vendor: &str, model: &str, rule: Clause, place: &Place<'_>) -> Read<Entry> {
    let mut list = List::default();
    for (field, place) in place.fields()? {
        list.add(field, &place)?;
    }
    if let Some(searches) = place.key("search_context_cost_per_query") {
        list.searches(&searches)?;
    }
    let ranges = place.key("tiered_pricing").map(|tiers| ranges(&tiers)).transpose()?;
    let ranges = ranges.filter(|rates| rates.get(Kind::Input).is_some());
    let standard = ranges.unwrap_or_else(|| list.standard(vendor)).joined();
    let variants = list.variants(&standard, vendor);
    let mut prices = vec![(When::Always, standard)];
    if let Some(off_peak) = place.key("off_peak_pricing") {
        off_peak::add(&off_peak, &mut prices)?;
    }
    Ok(Entry { label: format!("{vendor}/{model}").into(), rule, prices, variants })
}

/// Prices as they are found, by tier (the standard one is last), kind, and what input they are above.
#[derive(Default)]
pub(super) struct List(BTreeMap<(usize, usize), BTreeMap<Option<u64>, Rate>>);

impl List {
    pub(super) fn add(&mut self, field: &str, place: &Place<'_>) -> Read<()> {
        let tier = TIERS.iter().position(|(suffix, _)| field.ends_with(suffix));
        let field = tier.map_or(field, |tier| field.trim_end_matches(TIERS[tier].0));
        let (name, above) = match field.rsplit_once("_above_") {
            Some((name, limit)) if limit.ends_with("_tokens") => {
                (name, limit.strip_suffix("_tokens"))
            }
            _ => (field, None),
        };
        let Some(kind) = KINDS.iter().position(|(known, _)| *known == name) else { return Ok(()) };
        let above = match above {
            None => None,
            Some(limit) => Some(threshold(limit).ok_or_else(|| place.fault("is above no number"))?),
        };
        let rates = self.0.entry((tier.unwrap_or(TIERS.len()), kind)).or_default();
        rates.insert(above, place.rate(0)?);
        Ok(())
    }

    fn searches(&mut self, place: &Place<'_>) -> Read<()> {
        if let Some(medium) = place.key("search_context_size_medium") {
            // Beside those that are found by name.
            self.0.entry((TIERS.len(), KINDS.len())).or_default().insert(None, medium.rate(0)?);
        }
        Ok(())
    }

    fn of_tier(&self, tier: usize) -> impl Iterator<Item = (Kind, &BTreeMap<Option<u64>, Rate>)> {
        let kind = |at: usize| KINDS.get(at).map_or(Kind::WebSearches, |(_, kind)| *kind);
        self.0
            .iter()
            .filter(move |((of, _), _)| *of == tier)
            .map(move |((_, at), rates)| (kind(*at), rates))
    }

    pub(super) fn standard(&self, vendor: &str) -> Rates {
        let mut standard = Rates::default();
        // By rank, so that what contains has its price before what is contained.
        let mut found: Vec<_> = self.of_tier(TIERS.len()).collect();
        found.sort_by_key(|(kind, _)| *kind as usize);
        for (kind, rates) in found {
            let whole = || kind.containers().iter().find_map(|whole| standard.get(*whole));
            if let Some(base) = rates.get(&None).copied().or_else(|| whole().map(Price::base)) {
                standard.set(kind, Price::stepped(base, steps(rates, vendor)));
            }
        }
        standard
    }

    /// Where a tier says nothing of a large input or of a small one, what everybody pays counts.
    fn variants(&self, standard: &Rates, vendor: &str) -> Vec<Variant> {
        let of_tier = |(at, (suffix, tiers)): (usize, &(&str, &'static [ServiceTier]))| {
            let mut variant = Rates::default();
            let is_batch = *suffix == BATCHES;
            for (kind, rates) in self.of_tier(at) {
                let usual = standard.get(kind);
                let base = rates.get(&None).copied().or(usual.map(Price::base));
                let usual = usual.filter(|_| !is_batch);
                let usual = usual.into_iter().flat_map(|price| price.steps().iter().copied());
                if let Some(base) = base {
                    variant.set(kind, Price::stepped(base, usual.chain(steps(rates, vendor))));
                }
            }
            if is_batch {
                complete(&mut variant, standard);
            }
            (!variant.is_empty()).then_some(Variant { tiers, when: When::Always, rates: variant })
        };
        TIERS.iter().enumerate().filter_map(of_tier).collect()
    }
}

/// What litellm takes for batches where its table says nothing: half of what everybody pays. Where it has a
/// price for input or for output, parts of that cost the same.
fn complete(batch: &mut Rates, standard: &Rates) {
    let named = [Kind::Input, Kind::Output].map(|kind| batch.get(kind).is_some());
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_token()) {
        let (Some(usual), None) = (standard.get(kind), batch.get(kind)) else { continue };
        let is_input = kind == Kind::Input || kind.containers().contains(&Kind::Input);
        let whole = if is_input { Kind::Input } else { Kind::Output };
        let price = match batch.get(whole) {
            Some(price) if named[usize::from(!is_input)] => price.clone(),
            _ => Price::flat(Rate(usual.base().0 / 2)),
        };
        batch.set(kind, price);
    }
}

fn steps(rates: &BTreeMap<Option<u64>, Rate>, vendor: &str) -> Vec<(u64, Rate)> {
    // With xAI an input that meets the limit is above it.
    let met = u64::from(vendor == "xai");
    let above = |(above, rate): (&Option<u64>, &Rate)| {
        above.map(|above| (above.saturating_sub(met), *rate))
    };
    rates.iter().filter_map(above).collect()
}

/// `200k`, `200000`
fn threshold(text: &str) -> Option<u64> {
    match text.strip_suffix('k') {
        Some(thousands) => thousands.parse::<u64>().ok()?.checked_mul(1_000),
        None => text.parse().ok(),
    }
}

/// A whole price list for each range of input.
fn ranges(place: &Place<'_>) -> Read<Rates> {
    let mut lists = BTreeMap::new();
    for tier in place.items()? {
        // Searches have them by results.
        let Some(range) = tier.key("range") else { continue };
        let mut bounds = range.items()?;
        let from = bounds.next().ok_or_else(|| range.fault("is empty"))?.count()?;
        let mut list = List::default();
        for (field, place) in tier.fields()? {
            list.add(field, &place)?;
        }
        lists.insert(from, list.standard(""));
    }
    let mut rates = Rates::default();
    for (_, kind) in KINDS {
        // In a range, what has no price costs what it is part of does.
        let of = |list: &Rates| {
            let containers = kind.containers().iter();
            let price = [kind].into_iter().chain(containers).find_map(|kind| list.get(*kind));
            price.map(Price::base)
        };
        let is_priced = lists.values().any(|list| list.get(*kind).is_some());
        let steps: Vec<_> =
            lists.iter().filter_map(|(from, list)| Some((*from, of(list)?))).collect();
        if let (true, Some((_, base))) = (is_priced, steps.first()) {
            rates.set(*kind, Price::stepped(*base, steps.iter().copied().skip(1)));
        }
    }
    Ok(rates)
}
