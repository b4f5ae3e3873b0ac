//! Reads `data.json` of genai-prices, version 2.

use super::clause::{Clause, Pattern};
use super::error::PriceError;
use super::place::{Fault, Place};
use super::rate::Price;
use super::rates::Rates;
use super::table::{Entry, Variant, Vendor};
use super::when::{EVERY_DAY, When};
use crate::llm::ServiceTier;
use crate::llm::kind::Kind;
use serde_json::Value;

type Read<T> = Result<T, Box<Fault>>;

/// Names of prices, and by which power of ten of units.
const KINDS: &[(&str, Kind, i32)] = &[
    ("input_mtok", Kind::Input, 6),
    ("cache_read_mtok", Kind::CacheRead, 6),
    ("cache_write_mtok", Kind::CacheWrite, 6),
    ("cache_write_5m_mtok", Kind::CacheWrite5m, 6),
    ("cache_write_1h_mtok", Kind::CacheWrite1h, 6),
    ("input_audio_mtok", Kind::InputAudio, 6),
    ("input_image_mtok", Kind::InputImage, 6),
    ("input_video_mtok", Kind::InputVideo, 6),
    ("cache_audio_read_mtok", Kind::CacheReadAudio, 6),
    ("cache_image_read_mtok", Kind::CacheReadImage, 6),
    ("output_mtok", Kind::Output, 6),
    ("output_reasoning_mtok", Kind::Reasoning, 6),
    ("output_audio_mtok", Kind::OutputAudio, 6),
    ("output_image_mtok", Kind::OutputImage, 6),
    ("output_video_mtok", Kind::OutputVideo, 6),
    ("requests_kcount", Kind::Requests, 3),
    ("web_searches_kcount", Kind::WebSearches, 3),
];

/// Clauses within clauses go no deeper.
const MAX_DEPTH: u32 = 16;

pub(super) fn vendors(json: &[u8], value: &Value) -> Result<Vec<Vendor>, PriceError> {
    read(value).map_err(|fault| fault.locate(json))
}

fn read(value: &Value) -> Read<Vec<Vendor>> {
    let root = Place::root(value);
    let vendors: Vec<_> = root.items()?.map(|place| vendor(&place)).collect::<Read<_>>()?;
    let prices = |entry: &Entry| entry.prices.iter().any(|(_, rates)| !rates.is_empty());
    if !vendors.iter().flat_map(|vendor| &vendor.entries).any(prices) {
        return Err(root.fault("has no prices"));
    }
    Ok(vendors)
}

fn vendor(place: &Place<'_>) -> Read<Vendor> {
    let id = place.needed("id")?.text()?.to_lowercase();
    let rule = place.key("provider_match").map(|rule| clause(&rule, MAX_DEPTH)).transpose()?;
    let fallbacks = match place.key("fallback_model_providers") {
        Some(fallbacks) => fallbacks
            .items()?
            .map(|id| Ok(id.text()?.to_lowercase().into()))
            .collect::<Read<_>>()?,
        None => Vec::new(),
    };
    let models = place.needed("models")?;
    let entries = models.items()?.map(|model| entry(&id, &model)).collect::<Read<_>>()?;
    Ok(Vendor { id: id.into(), rule, fallbacks, entries })
}

fn entry(vendor: &str, place: &Place<'_>) -> Read<Entry> {
    let id = place.needed("id")?.text()?;
    let found = place.needed("prices")?;
    let prices = match found.value {
        Value::Array(_) => found.items()?.map(|priced| dated(&priced)).collect::<Read<_>>()?,
        _ => vec![(When::Always, rates(&found)?)],
    };
    let mut variants = Vec::new();
    if let Some(list) = place.key("price_variants") {
        for variant in list.items()? {
            let (when, rates) = dated(&variant)?;
            // What is chosen by anything else than a tier is not known here.
            if let Some(tiers) = tiers(&variant.needed("when")?)? {
                variants.push(Variant { tiers, when, rates });
            }
        }
    }
    let rule = clause(&place.needed("match")?, MAX_DEPTH)?;
    Ok(Entry { label: format!("{vendor}/{id}").into(), rule, prices, variants })
}

fn dated(place: &Place<'_>) -> Read<(When, Rates)> {
    let prices = rates(&place.needed("prices")?)?;
    let Some(constraint) = place.key("constraint") else { return Ok((When::Always, prices)) };
    if let Some(date) = constraint.key("start_date") {
        let day = When::parse_date(date.text()?).ok_or_else(|| date.fault("is no date"))?;
        return Ok((When::From(day), prices));
    }
    let time = |key| {
        let time = constraint.needed(key)?;
        When::parse_time(time.text()?).ok_or_else(|| time.fault("is no time of day"))
    };
    let (from, to) = (time("start_time")?, time("end_time")?);
    // Unlike elsewhere, where both are one there is no time between.
    let days = if from == to { 0 } else { EVERY_DAY };
    Ok((When::Daily { from, to, days, ahead: 0 }, prices))
}

fn rates(place: &Place<'_>) -> Read<Rates> {
    let mut rates = Rates::default();
    for (name, place) in place.fields()? {
        let known = KINDS.iter().find(|(known, ..)| *known == name);
        // Minutes, pages and whatever is yet to come, which no call here has.
        let Some((_, kind, power)) = known else { continue };
        rates.set(*kind, price(&place, *power)?);
    }
    Ok(rates.joined())
}

fn price(place: &Place<'_>, power: i32) -> Read<Price> {
    if !place.value.is_object() {
        return Ok(Price::flat(place.rate(power)?));
    }
    let base = place.needed("base")?.rate(power)?;
    let tiers = place.needed("tiers")?;
    let step =
        |tier: Place<'_>| Ok((tier.needed("start")?.count()?, tier.needed("price")?.rate(power)?));
    Ok(Price::stepped(base, tiers.items()?.map(step).collect::<Read<Vec<_>>>()?))
}

/// The tiers that a condition is about, if it is about tiers.
fn tiers(place: &Place<'_>) -> Read<Option<&'static [ServiceTier]>> {
    let mut conditions = place.fields()?;
    let (Some((key, wanted)), None) = (conditions.next(), conditions.next()) else {
        return Ok(None);
    };
    Ok(match (key, wanted.text()?) {
        ("processing", "batch") => Some(&[ServiceTier::Batch]),
        ("service_tier", "flex") => Some(&[ServiceTier::Flex]),
        ("service_tier", "priority") => Some(&[ServiceTier::Priority]),
        ("service_tier", "fast") | ("speed", "fast") => Some(&[ServiceTier::Fast]),
        ("service_tier", "default") | ("speed", "standard") => Some(&[ServiceTier::Standard]),
        _ => None,
    })
}

fn clause(place: &Place<'_>, depth: u32) -> Read<Clause> {
    if depth == 0 {
        return Err(place.fault("is nested too deeply"));
    }
    let mut fields = place.fields()?;
    let (Some((name, inside)), None) = (fields.next(), fields.next()) else {
        return Err(place.fault("is no clause: it has not one field"));
    };
    let lower = || -> Read<Box<str>> { Ok(inside.text()?.to_lowercase().into()) };
    let all =
        || inside.items()?.map(|clause_in| clause(&clause_in, depth - 1)).collect::<Read<Vec<_>>>();
    Ok(match name {
        "equals" => Clause::Equals(lower()?),
        "starts_with" => Clause::StartsWith(lower()?),
        "ends_with" => Clause::EndsWith(lower()?),
        "contains" => Clause::Contains(lower()?),
        "regex" => {
            let pattern = Pattern::parse(inside.text()?);
            Clause::Pattern(Box::new(
                pattern.ok_or_else(|| inside.fault("is no expression that is known"))?,
            ))
        }
        "or" => Clause::Or(all()?),
        "and" => Clause::And(all()?),
        _ => return Err(place.fault(format!("has a clause that is not known: `{name}`"))),
    })
}
