//! A price list of one model, and what a usage costs by it.

use super::rate::{Price, Rate};
use crate::llm::Cost;
use crate::llm::Usage;
use crate::llm::kind::{KINDS, Kind};

/// Prices by kind; a kind without one costs what it is part of does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Rates(Vec<(Kind, Price)>);

/// What a usage costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bill {
    pub(crate) cost: Cost,
    /// Something beside tokens was used that the list has no price for.
    pub(crate) is_partial: bool,
}

impl Rates {
    pub(crate) fn set(&mut self, kind: Kind, price: Price) {
        match self.0.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, known)) => *known = price,
            None => self.0.push((kind, price)),
        }
    }

    pub(crate) fn get(&self, kind: Kind) -> Option<&Price> {
        self.0.iter().find(|(known, _)| *known == kind).map(|(_, price)| price)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Kind, &Price)> {
        self.0.iter().map(|(kind, price)| (*kind, price))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// With prices of the other list for kinds it has.
    pub(crate) fn overridden(&self, with: &Rates) -> Rates {
        let mut rates = self.clone();
        with.iter().for_each(|(kind, price)| rates.set(kind, price.clone()));
        rates
    }

    /// Prices what two kinds share, where both have a price and it has none: what is read from a cache costs
    /// that, whatever it holds.
    pub(crate) fn joined(mut self) -> Rates {
        for (shared, other) in
            [(Kind::CacheReadAudio, Kind::InputAudio), (Kind::CacheReadImage, Kind::InputImage)]
        {
            if let (Some(read), Some(_), None) =
                (self.get(Kind::CacheRead), self.get(other), self.get(shared))
            {
                let read = read.clone();
                self.set(shared, read);
            }
        }
        self
    }

    /// `None` where tokens were used that the list has no price for.
    pub(crate) fn bill(&self, usage: &Usage) -> Option<Bill> {
        if self.is_empty() {
            return None;
        }
        let mut billed = [0_u64; KINDS];
        let mut atto = 0_u128;
        let mut is_partial = false;
        let input = usage.count(Kind::Input);
        // What is contained comes first, so that what contains it is billed for the rest.
        // Most kinds were not used at all.
        for kind in Kind::ALL.into_iter().rev().filter(|kind| usage.count(*kind) > 0) {
            let contained =
                Kind::ALL.into_iter().filter(|other| other.containers().contains(&kind));
            let apart =
                contained.fold(0_u64, |sum, other| sum.saturating_add(billed[other as usize]));
            let rest = usage.count(kind).saturating_sub(apart);
            match self.get(kind) {
                Some(price) if Self::is_billed(kind, usage) => {
                    billed[kind as usize] = rest;
                    let Rate(rate) = price.at(input);
                    atto = atto.saturating_add(u128::from(rest) * u128::from(rate));
                }
                Some(_) => {}
                None if kind.is_token() && kind.containers().is_empty() && rest > 0 => return None,
                None => is_partial |= rest > 0 && Self::is_extra(kind, usage),
            }
        }
        let pico = atto.saturating_add(500_000) / 1_000_000;
        let cost = Cost::from_pico_usd(u64::try_from(pico).unwrap_or(u64::MAX));
        Some(Bill { cost, is_partial })
    }

    /// Images are billed by the piece or by their tokens, and tables have prices for both.
    fn is_billed(kind: Kind, usage: &Usage) -> bool {
        match kind {
            Kind::InputImages => usage.count(Kind::InputImage) == 0,
            Kind::OutputImages => usage.count(Kind::OutputImage) == 0,
            _ => true,
        }
    }

    /// Requests that cost nothing each are what most models have.
    fn is_extra(kind: Kind, usage: &Usage) -> bool {
        !kind.is_token() && kind != Kind::Requests && Self::is_billed(kind, usage)
    }
}
