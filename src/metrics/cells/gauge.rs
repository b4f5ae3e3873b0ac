//! Gauges: one shared value, the latest write wins.

use super::NO_GENERATION;
use crate::metrics::reading::GaugeReading;
use crate::status::{DropReason, Drops};
use std::sync::atomic::{AtomicU64, Ordering};

static NO_DROPS: Drops = Drops::new();
static DEAD: GaugeCell = GaugeCell::with(NO_GENERATION, &NO_DROPS);

/// A gauge's value, always finite.
#[derive(Debug)]
pub struct GaugeCell {
    pub(crate) generation: u32,
    bits: AtomicU64,
    version: AtomicU64,
    drops: &'static Drops,
}

impl GaugeCell {
    pub(crate) const DEAD: &'static GaugeCell = &DEAD;

    pub(crate) fn new(generation: u32, drops: &'static Drops) -> &'static Self {
        Box::leak(Box::new(Self::with(generation, drops)))
    }

    const fn with(generation: u32, drops: &'static Drops) -> Self {
        GaugeCell { generation, bits: AtomicU64::new(0), version: AtomicU64::new(0), drops }
    }

    #[inline]
    pub(crate) fn set(&self, value: f64) {
        if value.is_finite() {
            self.bits.store(value.to_bits(), Ordering::Relaxed);
            self.touch();
        } else {
            self.refuse();
        }
    }

    #[inline]
    pub(crate) fn add(&self, delta: f64) {
        let sum = |bits| {
            let sum = f64::from_bits(bits) + delta;
            sum.is_finite().then(|| sum.to_bits())
        };
        match self.bits.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum) {
            Ok(_) => self.touch(),
            Err(_) => self.refuse(),
        }
    }

    pub(crate) fn read(&self) -> GaugeReading {
        let version = self.version.load(Ordering::Acquire);
        GaugeReading { value: f64::from_bits(self.bits.load(Ordering::Relaxed)), version }
    }

    /// Tells readers of a write. Two writers at once may leave one version between them: what
    /// counts is that it is another than before.
    #[inline]
    fn touch(&self) {
        self.version.store(self.version.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    #[cold]
    fn refuse(&self) {
        self.drops.add(DropReason::NotFinite, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_not_finite_are_refused_and_counted() {
        let drops: &'static Drops = Box::leak(Box::new(Drops::new()));
        let cell = GaugeCell::new(1, drops);
        cell.set(1.5);
        cell.set(f64::NAN);
        cell.set(f64::INFINITY);
        cell.set(f64::MAX);
        cell.add(f64::MAX);
        assert_eq!(cell.read(), GaugeReading { value: f64::MAX, version: 2 });
        assert_eq!(drops.get(DropReason::NotFinite), 3);
    }

    #[test]
    fn additions_of_many_threads_all_count() {
        let cell = GaugeCell::new(1, &NO_DROPS);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    (0..10_000).for_each(|n| cell.add(if n % 2 == 0 { 2.0 } else { -1.0 }))
                });
            }
        });
        assert_eq!(cell.read().value, 20_000.0);
    }
}
