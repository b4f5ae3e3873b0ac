//! Histograms: a count, a sum and narrow buckets a thread.

use super::NO_GENERATION;
use super::layout::{self, Layout, OCTAVE, Place, ZERO_RANK};
use super::memory::Owner;
use super::table::Table;
use super::thread::{self, Threads};
use crate::status::{DropReason, Drops};
use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering, fence};

/// How many of the latest values are remembered one by one.
const RING: u64 = 8;
/// A narrow count that would get this high moves to a wide one.
const SPILL: u16 = 1 << 15;
/// How many bounds an octave has room for in itself: more than octaves usually have.
const FEW_BOUNDS: usize = 2;

static NEXT_ID: AtomicU32 = AtomicU32::new(0);
static NO_DROPS: Drops = Drops::new();
static NO_LAYOUT: std::sync::LazyLock<&'static Layout> =
    std::sync::LazyLock::new(|| Layout::new(&[]));
static DEAD: HistogramCell = HistogramCell {
    generation: NO_GENERATION,
    id: u32::MAX,
    layout: None,
    durations: false,
    drops: &NO_DROPS,
};

/// A histogram: what all threads recorded under its id.
#[derive(Debug)]
pub struct HistogramCell {
    pub(crate) generation: u32,
    id: u32,
    layout: Option<&'static Layout>,
    /// Whether a negative value is an error.
    durations: bool,
    drops: &'static Drops,
}

/// What one thread recorded into one histogram.
#[derive(Debug)]
pub(super) struct ThreadHistogram {
    /// Octaves of positive numbers by rank: what nearly everything is.
    positive: Table<Octave>,
    /// Octaves of everything else by rank: zero and negative numbers.
    other: Table<Octave>,
    sum: AtomicU64,
    recorded: AtomicU64,
    ring: [AtomicU64; RING as usize],
    /// How much of `recorded` the one taker of recent values has seen; under the lock.
    taken: AtomicU64,
}

/// The counts of one octave. A thread has many of these with few values in them, so they are
/// narrow: what a count can't hold moves to [`Threads::spilled`], where there is one for all
/// threads.
#[derive(Debug)]
pub(super) struct Octave {
    /// A bit for each bucket that has a bound in it.
    split: u32,
    /// For each of the first bounds, values beyond it in the same bucket and at or below the next.
    beyond: [AtomicU16; FEW_BOUNDS],
    /// The same for further bounds.
    beyond_more: Box<[AtomicU16]>,
    bounds: &'static [f64],
    buckets: [AtomicU16; OCTAVE],
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
        Box::leak(Box::new(HistogramCell {
            generation,
            id,
            layout: Some(layout),
            durations,
            drops,
        }))
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
        let place = Place::of(value);
        let known = thread::own().histograms.get(self.id);
        let octave = known.and_then(|histogram| histogram.octave(place.rank));
        if let (Some(histogram), Some(octave)) = (known, octave) {
            let count = octave.count(octave.index(value, place.bucket));
            let counted = u32::from(count.load(Ordering::Relaxed)).saturating_add(times);
            if counted < u32::from(SPILL) {
                count.store(counted as u16, Ordering::Relaxed);
                return histogram.counted(value, times);
            }
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
            None => histogram.table(rank).put(rank, Octave::new(self.layout(), rank), owner),
        };
        let Ok(octave) = octave else { return false };
        let index = octave.index(value, bucket);
        let count = octave.count(index);
        let mut counted = u64::from(count.load(Ordering::Relaxed)) + u64::from(times);
        if counted >= u64::from(SPILL) {
            let wide = threads.spilled.entry((self.id, rank)).or_insert_with(|| octave.zeros());
            wide[index] += std::mem::take(&mut counted);
        }
        count.store(counted as u16, Ordering::Relaxed);
        histogram.counted(value, times);
        true
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    pub(super) fn layout(&self) -> &'static Layout {
        self.layout.unwrap_or(*NO_LAYOUT)
    }
}

/// The rank of a positive number; some other number's rank, or one that no table has, otherwise.
#[inline(always)]
fn positive_rank(value: f64) -> u32 {
    // The sign bit is part of it and makes negative numbers fall outside, as does the exponent of
    // infinities and NaN; zero would be `ZERO_RANK`, which only the other table has.
    (value.to_bits() >> 52) as u32 + ZERO_RANK
}

impl ThreadHistogram {
    /// Adds the value, unless a bound splits its bucket or the count has become too high.
    #[inline(always)]
    fn record_plain(&self, octave: &Octave, value: f64) -> bool {
        let bucket = layout::bucket_of(value.to_bits());
        let count = &octave.buckets[bucket];
        let counted = count.load(Ordering::Relaxed).wrapping_add(1);
        if octave.split >> bucket & 1 != 0 || counted >= SPILL {
            return false;
        }
        count.store(counted, Ordering::Relaxed);
        self.counted(value, 1);
        true
    }

    /// What remains to be done when a value was counted so many times.
    #[inline(always)]
    fn counted(&self, value: f64, times: u32) {
        let sum = self.sum() + value * f64::from(times);
        self.sum.store(sum.to_bits(), Ordering::Relaxed);
        let recorded = self.recorded.load(Ordering::Relaxed);
        for n in 0..u64::from(times).min(RING) {
            let place = &self.ring[((recorded + n) % RING) as usize];
            place.store(value.to_bits(), Ordering::Relaxed);
        }
        self.recorded.store(recorded + u64::from(times), Ordering::Release);
    }

    fn table(&self, rank: u32) -> &Table<Octave> {
        if rank > ZERO_RANK { &self.positive } else { &self.other }
    }

    fn octave(&self, rank: u32) -> Option<&'static Octave> {
        self.table(rank).get(rank)
    }

    #[inline(always)]
    pub(super) fn sum(&self) -> f64 {
        f64::from_bits(self.sum.load(Ordering::Relaxed))
    }

    /// Every octave with its rank. Under the lock.
    pub(super) fn octaves(&self) -> impl Iterator<Item = (u32, &'static Octave)> + '_ {
        self.other.iter().chain(self.positive.iter())
    }

    /// The values since the last call, as far as the ring still has them. Under the lock.
    pub(super) fn take_recent(&self, into: &mut Vec<f64>) {
        let recorded = self.recorded.load(Ordering::Acquire);
        let first = self.taken.swap(recorded, Ordering::Relaxed).max(recorded.saturating_sub(RING));
        let before = into.len();
        into.extend(
            (first..recorded)
                .map(|n| f64::from_bits(self.ring[(n % RING) as usize].load(Ordering::Relaxed))),
        );
        // The owner may be writing on: what it could have reached meanwhile is not to be trusted.
        fence(Ordering::Acquire);
        let now = self.recorded.load(Ordering::Relaxed);
        if now != recorded && now + 1 > first + RING {
            into.truncate(before);
        }
    }
}

impl Default for ThreadHistogram {
    fn default() -> Self {
        ThreadHistogram {
            positive: Table::new(),
            other: Table::new(),
            sum: AtomicU64::new(0),
            recorded: AtomicU64::new(0),
            ring: [const { AtomicU64::new(0) }; RING as usize],
            taken: AtomicU64::new(0),
        }
    }
}

impl Octave {
    fn new(layout: &'static Layout, rank: u32) -> Box<Self> {
        let bounds = layout.within(rank);
        let split = bounds.iter().fold(0, |split, &bound| split | 1 << Place::of(bound).bucket);
        let beyond_more = bounds.iter().skip(FEW_BOUNDS).map(|_| AtomicU16::new(0)).collect();
        Box::new(Octave {
            split,
            beyond: [const { AtomicU16::new(0) }; FEW_BOUNDS],
            beyond_more,
            bounds,
            buckets: [const { AtomicU16::new(0) }; OCTAVE],
        })
    }

    /// Which of the counts is a value's, given its bucket.
    fn index(&self, value: f64, bucket: usize) -> usize {
        if self.split >> bucket & 1 == 0 {
            return bucket;
        }
        let below = self.bounds.partition_point(|&bound| bound < value);
        match below.checked_sub(1) {
            Some(last) if Place::of(self.bounds[last]).bucket == bucket => OCTAVE + last,
            _ => bucket,
        }
    }

    fn count(&self, index: usize) -> &AtomicU16 {
        match index {
            ..OCTAVE => &self.buckets[index],
            _ if index - OCTAVE < FEW_BOUNDS => &self.beyond[index - OCTAVE],
            _ => &self.beyond_more[index - OCTAVE - FEW_BOUNDS],
        }
    }

    /// All counts by index: the buckets, then one beyond each bound.
    pub(super) fn counts(&self) -> impl Iterator<Item = u16> + '_ {
        (0..OCTAVE + self.bounds.len()).map(|index| self.count(index).load(Ordering::Relaxed))
    }

    /// A wide count for each of ours.
    pub(super) fn zeros(&self) -> Box<[u64]> {
        vec![0; OCTAVE + self.bounds.len()].into()
    }
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
        let times = 3 * u64::from(SPILL) + 7;
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
