//! What a load should amount to, counted the slow and simple way.

use std::collections::BTreeMap;

/// A reproducible stream of numbers.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From 0 to 1, exclusive.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A latency in seconds: mostly a few milliseconds, with a long tail.
    pub(crate) fn latency(&mut self) -> f64 {
        let bell: f64 = (0..4).map(|_| self.unit()).sum::<f64>() - 2.0;
        0.008 * (bell * 2.0).exp()
    }
}

/// Counters by their tags, and every value of the histogram.
#[derive(Default)]
pub(crate) struct Reference {
    pub(crate) counters: BTreeMap<(String, String), u64>,
    pub(crate) values: Vec<f64>,
}

impl Reference {
    pub(crate) fn add(&mut self, other: Reference) {
        for (tags, count) in other.counters {
            *self.counters.entry(tags).or_default() += count;
        }
        self.values.extend(other.values);
    }

    pub(crate) fn at_or_below(&self, bound: f64) -> u64 {
        self.values.iter().filter(|&&value| value <= bound).count() as u64
    }

    pub(crate) fn quantile(&mut self, quantile: f64) -> f64 {
        self.values.sort_by(f64::total_cmp);
        self.values[((self.values.len() - 1) as f64 * quantile) as usize]
    }

    /// Added up with a correction for what rounding loses.
    pub(crate) fn sum(&self) -> f64 {
        let (mut sum, mut lost) = (0.0, 0.0);
        for value in &self.values {
            let corrected = value - lost;
            let next: f64 = sum + corrected;
            lost = (next - sum) - corrected;
            sum = next;
        }
        sum
    }
}
