//! Histograms: a count, a sum and narrow buckets a thread.

use super::NO_GENERATION;
use super::layout::{Layout, Place, ZERO_RANK};
use super::memory::Owner;
use super::octave::Octave;
use super::thread::{self, Threads};
use crate::status::{DropReason, Drops};
use std::sync::atomic::{AtomicU32, Ordering};

static NEXT_ID: AtomicU32 = AtomicU32::new(0);
static NO_DROPS: Drops = Drops::new();
static DEAD: HistogramCell = HistogramCell {
    generation: NO_GENERATION,
    id: u32::MAX,
    layout: Layout::NONE,
    durations: false,
    drops: &NO_DROPS,
};

/// A histogram: what all threads recorded under its id.
#[derive(Debug)]
pub struct HistogramCell {
    pub(crate) generation: u32,
    id: u32,
    layout: &'static Layout,
    /// Whether a negative value is an error.
    durations: bool,
    drops: &'static Drops,
}

impl HistogramCell {
    pub(crate) const DEAD: &'static HistogramCell = &DEAD;

    pub(crate) fn new(
        generation: u32,
        layout: &'static Layout,
        durations: bool,
        drops: &'static Drops,
    ) -> &'static Self {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Box::leak(Box::new(HistogramCell { generation, id, layout, durations, drops }))
    }

    #[inline(always)]
    pub(crate) fn record(&self, value: f64) {
        if !self.record_plain(value) {
            self.record_rare(value, 1);
        }
    }

    /// The same as recording the value so many times.
    pub(crate) fn record_many(&self, value: f64, times: u32) {
        self.record_rare(value, times);
    }

    /// What nearly every call comes to; false, and nothing is done, if this is not such a call.
    #[inline(always)]
    fn record_plain(&self, value: f64) -> bool {
        let Some(histogram) = thread::own().histograms.get(self.id) else { return false };
        let Some(octave) = histogram.positive.get(positive_rank(value)) else { return false };
        histogram.record_plain(octave, value)
    }

    /// Everything that the hot path has no room for: what is not positive, what comes first, what
    /// lies where a bound splits a bucket.
    #[inline(never)]
    fn record_rare(&self, value: f64, times: u32) {
        let refused = match value {
            _ if !value.is_finite() => Some(DropReason::NotFinite),
            _ if self.durations && value < 0.0 => Some(DropReason::NegativeDuration),
            _ => None,
        };
        if let Some(reason) = refused {
            return self.drops.add(reason, u64::from(times));
        }
        let Place { rank, bucket } = Place::of(value);
        let known = thread::own().histograms.get(self.id);
        let octave = known.and_then(|histogram| histogram.octave(rank));
        if let (Some(histogram), Some(octave)) = (known, octave)
            && histogram.record(octave, octave.index(value, bucket), value, times)
        {
            return;
        }
        let threads = &mut Threads::lock();
        if !self.record_locked(threads, Owner::Thread, value, times)
            && !self.record_locked(threads, Owner::Shared, value, times)
        {
            self.drops.add(DropReason::MemoryLimit, u64::from(times));
        }
    }

    fn record_locked(&self, threads: &mut Threads, owner: Owner, value: f64, times: u32) -> bool {
        let table = &threads.writable(owner).histograms;
        let histogram = match table.get(self.id) {
            Some(histogram) => Ok(histogram),
            None => table.put(self.id, Box::default(), owner),
        };
        let Ok(histogram) = histogram else { return false };
        let Place { rank, bucket } = Place::of(value);
        let octave = match histogram.octave(rank) {
            Some(octave) => Ok(octave),
            None => histogram.table(rank).put(rank, Octave::new(self.layout, rank), owner),
        };
        let Ok(octave) = octave else { return false };
        let index = octave.index(value, bucket);
        if !histogram.record(octave, index, value, times) {
            let wide = threads.spilled.entry((self.id, rank)).or_insert_with(|| octave.zeros());
            histogram.spill(octave, index, &mut wide[index]);
            // Straight to the wide count: so many times may be too much for a narrow one.
            wide[index] += histogram.record_spilled(value, times);
        }
        true
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    pub(super) fn layout(&self) -> &'static Layout {
        self.layout
    }
}

/// The rank of a positive number; some other number's rank, or one that no table has, otherwise.
#[inline(always)]
fn positive_rank(value: f64) -> u32 {
    // The sign bit is part of it and makes negative numbers fall outside, as does the exponent of
    // infinities and NaN; zero would be `ZERO_RANK`, which only the other table has.
    (value.to_bits() >> 52) as u32 + ZERO_RANK
}

#[cfg(test)]
mod tests {
    use super::super::Reader;
    use super::*;
    use crate::metrics::reading::{HistogramReading, Recent};
    use proptest::prelude::*;

    fn cell(bounds: &[f64], durations: bool) -> (&'static HistogramCell, &'static Drops) {
        let drops: &'static Drops = Box::leak(Box::new(Drops::new()));
        (HistogramCell::new(1, Layout::new(bounds), durations, drops), drops)
    }

    fn read(cell: &HistogramCell, recent: Recent) -> HistogramReading {
        Reader::new().histogram(cell, recent)
    }

    fn any_value() -> impl Strategy<Value = f64> {
        let near_bounds = prop::sample::select(vec![
            0.0,
            -0.0,
            0.1,
            0.25,
            1.0,
            1.01,
            1.015,
            -1.0,
            5e-324,
            -5e-324,
            1e300,
            f64::MAX,
            f64::MIN,
        ]);
        prop_oneof![
            near_bounds.clone(),
            near_bounds.prop_map(|value: f64| value.next_up().min(f64::MAX)),
            -1e3..1e3f64,
            any::<f64>().prop_filter("finite", |value| value.is_finite()),
        ]
    }

    proptest! {
        /// Every `le` count equals what comparing each value with each bound gives.
        #[test]
        fn counts_at_bounds_are_exact(
            values in prop::collection::vec(any_value(), 1..200),
            mut bounds in prop::collection::vec(any_value(), 0..40),
        ) {
            bounds.extend([0.0, 0.1, 0.25, 1.0, 1.01, 1.015]);
            bounds.sort_by(f64::total_cmp);
            bounds.dedup();
            let (cell, _) = cell(&bounds, false);
            values.iter().for_each(|&value| cell.record(value));
            let reading = read(cell, Recent::Leave);
            prop_assert_eq!(reading.count, values.len() as u64);
            for (bound, count) in reading.cumulative {
                let expected = values.iter().filter(|&&value| value <= bound).count();
                prop_assert_eq!(count, expected as u64, "le {}", bound);
            }
            for bucket in reading.buckets {
                let inside = |&&value: &&f64| {
                    bucket.range.start <= value && value <= bucket.range.end
                };
                let subnormal = values.iter().any(|value| value.is_subnormal());
                prop_assert!(subnormal || values.iter().filter(inside).count() as u64 >= bucket.count);
            }
        }
    }

    #[test]
    fn the_latest_values_are_known_one_by_one_and_taken_once() {
        let (cell, _) = cell(&[1.0], true);
        [0.5, 1.5, 0.25].iter().for_each(|&value| cell.record(value));
        assert!(read(cell, Recent::Leave).recent.is_empty());
        assert_eq!(read(cell, Recent::Take).recent, [0.5, 1.5, 0.25]);
        (0..100).for_each(|n| cell.record(f64::from(n)));
        assert_eq!(read(cell, Recent::Take).recent, (92..100).map(f64::from).collect::<Vec<_>>());
        assert!(read(cell, Recent::Take).recent.is_empty());
    }

    #[test]
    fn a_reading_that_is_not_torn_is_of_one_moment() {
        let (cell, _) = cell(&[1.0], false);
        let done = std::sync::atomic::AtomicBool::new(false);
        let (mut whole, mut torn) = (0, 0);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for n in 0..400_000 {
                        cell.record(1.0);
                        // Bursts and gaps, so that both kinds of reading come up.
                        if n % 64 == 0 {
                            std::thread::yield_now();
                        }
                    }
                    done.store(true, Ordering::Release);
                });
            }
            while !done.load(Ordering::Acquire) {
                let reading = read(cell, Recent::Leave);
                match reading.torn {
                    true => torn += 1,
                    // Of values of 1 the sum is the count.
                    false => {
                        assert_eq!(reading.sum, reading.count as f64);
                        whole += 1;
                    }
                }
            }
        });
        assert!(whole > 0, "{torn} readings were torn");
        let reading = read(cell, Recent::Leave);
        assert_eq!((reading.count, reading.sum, reading.torn), (800_000, 800_000.0, false));
    }

    #[test]
    fn what_is_no_number_or_a_negative_duration_is_refused_and_counted() {
        let (cell, drops) = cell(&[1.0], true);
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, -0.0] {
            cell.record(value);
        }
        assert_eq!(read(cell, Recent::Leave).count, 2);
        assert_eq!(drops.get(DropReason::NotFinite), 3);
        assert_eq!(drops.get(DropReason::NegativeDuration), 1);
    }

    #[test]
    fn a_narrow_count_moves_before_it_overflows() {
        let (cell, _) = cell(&[1.0, 1.01], false);
        let times = 1 << 30;
        (0..9).for_each(|_| cell.record_many(1.005, times));
        (0..9).for_each(|_| cell.record_many(-3.0, times));
        let reading = read(cell, Recent::Leave);
        assert_eq!(reading.count, 18 << 30);
        assert_eq!(reading.cumulative, [(1.0, 9 << 30), (1.01, 18 << 30)]);
    }

    #[test]
    fn narrow_counts_move_while_threads_record_and_somebody_reads() {
        let (cell, _) = cell(&[1.0, 1.01, 1.02], false);
        let times = 100_003;
        std::thread::scope(|scope| {
            // Below and beyond bounds that share a bucket, beyond all of them, and apart from any.
            for value in [1.0, 1.005, 1.015, 1.025, 1.5] {
                scope.spawn(move || (0..times).for_each(|_| cell.record(value)));
            }
            let mut last = 0;
            while last < 5 * times {
                let count = read(cell, Recent::Leave).count;
                assert!(count >= last, "{count} after {last}");
                last = count;
            }
        });
        let reading = read(cell, Recent::Leave);
        assert_eq!(reading.cumulative, [(1.0, times), (1.01, 2 * times), (1.02, 3 * times)]);
        assert_eq!(reading.count, 5 * times);
    }

    #[test]
    fn threads_that_come_and_go_lose_nothing() {
        let (cell, _) = cell(&[0.5], false);
        for _ in 0..10 {
            std::thread::scope(|scope| {
                for thread in 0..8 {
                    scope.spawn(move || {
                        (0..1_000).for_each(|n| cell.record(f64::from(thread * n) / 4_000.0));
                    });
                }
            });
        }
        let reading = read(cell, Recent::Leave);
        assert_eq!(reading.count, 80_000);
        let expected = (0..8).flat_map(|t| (0..1_000).map(move |n| f64::from(t * n) / 4_000.0));
        let at_or_below = expected.clone().filter(|&value| value <= 0.5).count() as u64;
        assert_eq!(reading.cumulative, [(0.5, 10 * at_or_below)]);
        let sum: f64 = expected.sum::<f64>() * 10.0;
        assert!((reading.sum - sum).abs() / sum < 1e-12);
    }
}
