//! Reads the table that comes with the crate: a line for each model.

use super::clause::Clause;
use super::rate::{Price, Rate};
use super::rates::Rates;
use super::table::{Entry, Table, Variant, Vendor};
use super::when::When;
use crate::llm::ServiceTier;
use crate::llm::kind::Kind;
use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

/// Names of prices, and by which power of ten of units.
const KINDS: &[(&str, Kind, i32)] = &[
    ("in", Kind::Input, 6),
    ("read", Kind::CacheRead, 6),
    ("write", Kind::CacheWrite, 6),
    ("write1h", Kind::CacheWrite1h, 6),
    ("out", Kind::Output, 6),
    ("audio_in", Kind::InputAudio, 6),
    ("audio_out", Kind::OutputAudio, 6),
    ("search", Kind::WebSearches, 3),
];

const TIERS: &[(&str, &[ServiceTier])] = &[
    ("batch", &[ServiceTier::Batch]),
    ("flex", &[ServiceTier::Flex]),
    ("priority", &[ServiceTier::Priority]),
    ("fast", &[ServiceTier::Fast]),
];

/// `as_of 2026-11-22`, `vendor openai`, `fallback anthropic`, and models: names with commas between, prices in
/// dollars for a million tokens or a thousand searches. `in>200000=2.5` is for larger inputs,
/// `batch.in=1.25` for a tier, `@2025-06-10` goes before prices that count from then on. `None` for anything
/// else.
pub(super) fn table(text: &str) -> Option<Table> {
    let mut as_of = None;
    let mut vendors: Vec<Vendor> = Vec::new();
    for line in text.lines() {
        let line = line.split_once('#').map_or(line, |(before, _)| before);
        let words: Vec<_> = line.split_whitespace().collect();
        match words[..] {
            [] => {}
            ["as_of", date] => as_of = Some(date),
            ["vendor", id] => vendors.push(Vendor { id: id.into(), ..Vendor::default() }),
            ["fallback", id] => vendors.last_mut()?.fallbacks.push(id.into()),
            [names, ref prices @ ..] => {
                let vendor = vendors.last_mut()?;
                let entry = entry(&vendor.id, names, prices)?;
                vendor.entries.push(entry);
            }
        }
    }
    let as_of = as_of?;
    let day = When::parse_date(as_of)?;
    let as_of_time = UNIX_EPOCH + Duration::from_secs(day * 24 * 60 * 60);
    Some(Table { version: format!("builtin {as_of}").into(), as_of: as_of_time, vendors })
}

fn entry(vendor: &str, names: &str, words: &[&str]) -> Option<Entry> {
    let rule = Clause::Or(names.split(',').map(|name| Clause::Dated(name.into())).collect());
    let label = format!("{vendor}/{}", names.split(',').next()?).into();
    let mut prices = Vec::new();
    let mut variants = Vec::new();
    for period in periods(words) {
        let (when, words) = match period.first()?.strip_prefix('@') {
            Some(date) => (When::From(When::parse_date(date)?), &period[1..]),
            None => (When::Always, period),
        };
        let mut lists: Lists = BTreeMap::new();
        for word in words {
            match scaled(word, &lists) {
                Some((tier, list)) => drop(lists.insert(Some(tier), list)),
                None => {
                    let (tier, kind, above, rate) = price(word)?;
                    let list = lists.entry(tier).or_default();
                    list.entry(kind as usize).or_default().insert(above, rate);
                }
            }
        }
        for (tier, list) in lists {
            let rates = rates(list)?;
            match tier {
                None => prices.push((when, rates.joined())),
                Some(tier) => variants.push(Variant { tiers: TIERS[tier].1, when, rates }),
            }
        }
    }
    Some(Entry { label, rule, prices, variants })
}

/// By kind, and by what the input is above.
type List = BTreeMap<usize, BTreeMap<u64, Rate>>;
/// By tier.
type Lists = BTreeMap<Option<usize>, List>;

/// `batch=x0.5`: all tokens by the standard prices before, times that.
fn scaled(word: &str, lists: &Lists) -> Option<(usize, List)> {
    let (name, factor) = word.split_once("=x")?;
    let tier = TIERS.iter().position(|(known, _)| *known == name)?;
    // In thousandths
    let Rate(factor) = Rate::parse(factor, 15)?;
    let scale = |(above, Rate(rate)): (&u64, &Rate)| {
        let scaled = u128::from(*rate) * u128::from(factor) / 1_000;
        Some((*above, Rate(u64::try_from(scaled).ok()?)))
    };
    let tokens = lists.get(&None)?.iter().filter(|(kind, _)| Kind::ALL[**kind].is_token());
    let list =
        tokens.map(|(kind, steps)| Some((*kind, steps.iter().map(scale).collect::<Option<_>>()?)));
    Some((tier, list.collect::<Option<_>>()?))
}

fn rates(list: List) -> Option<Rates> {
    let mut rates = Rates::default();
    for (kind, steps) in list {
        let base = *steps.get(&0)?;
        rates.set(Kind::ALL[kind], Price::stepped(base, steps.into_iter().skip(1)));
    }
    Some(rates)
}

/// `batch.in>200000=1.25`
fn price(word: &str) -> Option<(Option<usize>, Kind, u64, Rate)> {
    let (name, amount) = word.split_once('=')?;
    let (tier, name) = match name.split_once('.') {
        Some((tier, name)) => (Some(TIERS.iter().position(|(known, _)| *known == tier)?), name),
        None => (None, name),
    };
    let (name, above) = match name.split_once('>') {
        Some((name, above)) => (name, above.parse().ok().filter(|above| *above > 0)?),
        None => (name, 0),
    };
    let (_, kind, power) = KINDS.iter().find(|(known, ..)| *known == name)?;
    Some((tier, *kind, above, Rate::parse(amount, *power)?))
}

/// Each from a date on, or from the start.
fn periods<'a>(words: &'a [&'a str]) -> Vec<&'a [&'a str]> {
    let mut periods = Vec::new();
    let mut start = 0;
    for at in 1..words.len() {
        if words[at].starts_with('@') {
            periods.push(&words[start..at]);
            start = at;
        }
    }
    periods.push(&words[start..]);
    periods
}
