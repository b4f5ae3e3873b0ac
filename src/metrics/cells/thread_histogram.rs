//! One thread's part of a histogram: written by that thread alone, read under the lock.

use super::layout::{self, ZERO_RANK};
use super::octave::Octave;
use super::table::Table;
use std::sync::atomic::{AtomicU64, Ordering, fence};

/// How many of the latest values are remembered one by one.
const RING: u64 = 8;
/// How often a reader tries for a moment in which the owner records nothing.
const MAX_SPINS: u32 = 32;
const MAX_ATTEMPTS: u32 = 34;
/// A narrow count that would get this high moves to a wide one.
const SPILL: u16 = 1 << 15;

/// What one thread recorded into one histogram.
#[derive(Debug)]
pub(super) struct ThreadHistogram {
    /// Octaves of positive numbers by rank: what nearly everything is.
    pub(super) positive: Table<Octave>,
    /// Octaves of everything else by rank: zero and negative numbers.
    other: Table<Octave>,
    sum: AtomicU64,
    /// Written last by every record, so that a reader can tell whether it saw all of one.
    recorded: AtomicU64,
    /// What was taken out of the counts before they could overflow; under the lock.
    spilled: AtomicU64,
    ring: [AtomicU64; RING as usize],
    /// How much of `recorded` the one taker of recent values has seen; under the lock.
    taken: AtomicU64,
}

/// Whether sum and counts may be of different moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Torn(pub(super) bool);

impl ThreadHistogram {
    /// Adds the value, unless a bound splits its bucket or the count has become too high.
    #[inline(always)]
    pub(super) fn record_plain(&self, octave: &Octave, value: f64) -> bool {
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

    /// Adds the value so many times to the count with this index, unless that would be too much for
    /// the count.
    pub(super) fn record(&self, octave: &Octave, index: usize, value: f64, times: u32) -> bool {
        let count = octave.count(index);
        let counted = u32::from(count.load(Ordering::Relaxed)).saturating_add(times);
        if counted >= u32::from(SPILL) {
            return false;
        }
        count.store(counted as u16, Ordering::Relaxed);
        self.counted(value, times);
        true
    }

    /// Moves a count to where it can't overflow. Under the lock.
    pub(super) fn spill(&self, octave: &Octave, index: usize, wide: &mut u64) {
        let moved = u64::from(octave.count(index).swap(0, Ordering::Relaxed));
        self.spilled.fetch_add(moved, Ordering::Relaxed);
        *wide += moved;
    }

    /// As `record`, but it is the caller who counts, by as many as this returns. Under the lock.
    pub(super) fn record_spilled(&self, value: f64, times: u32) -> u64 {
        self.spilled.fetch_add(u64::from(times), Ordering::Relaxed);
        self.counted(value, times);
        u64::from(times)
    }

    /// What is left to do when a value was counted so many times.
    #[inline(always)]
    fn counted(&self, value: f64, times: u32) {
        let sum = self.sum() + value * f64::from(times);
        self.sum.store(sum.to_bits(), Ordering::Release);
        let recorded = self.recorded.load(Ordering::Relaxed);
        for n in 0..u64::from(times).min(RING) {
            let place = &self.ring[((recorded + n) % RING) as usize];
            place.store(value.to_bits(), Ordering::Relaxed);
        }
        self.recorded.store(recorded + u64::from(times), Ordering::Release);
    }

    pub(super) fn table(&self, rank: u32) -> &Table<Octave> {
        if rank > ZERO_RANK { &self.positive } else { &self.other }
    }

    pub(super) fn octave(&self, rank: u32) -> Option<&'static Octave> {
        self.table(rank).get(rank)
    }

    #[inline(always)]
    fn sum(&self) -> f64 {
        f64::from_bits(self.sum.load(Ordering::Acquire))
    }

    /// Every octave with its rank. Under the lock.
    pub(super) fn octaves(&self) -> impl Iterator<Item = (u32, &'static Octave)> + '_ {
        self.other.iter().chain(self.positive.iter())
    }

    /// Reads the counts of all octaves, one after the other, and the sum. Under the lock.
    ///
    /// A record counts, then adds to the sum, then to `recorded`; here they are read the other way
    /// round. So if there are just as many counts as there were records to begin with, no record
    /// was half done: sum and counts are of one moment. A thread that goes on recording all the
    /// time leaves no such moment; then the reading is torn by a few records.
    pub(super) fn read(&self, counts: &mut Vec<u16>) -> (f64, Torn) {
        for attempt in 0.. {
            let recorded = self.recorded.load(Ordering::Acquire);
            let sum = self.sum();
            counts.clear();
            self.octaves().for_each(|(_, octave)| counts.extend(octave.counts()));
            let counted: u64 = counts.iter().map(|&count| u64::from(count)).sum();
            if counted + self.spilled.load(Ordering::Relaxed) == recorded {
                return (sum, Torn(false));
            }
            match attempt {
                0..MAX_SPINS => std::hint::spin_loop(),
                // The owner may wait for this very core.
                MAX_SPINS..MAX_ATTEMPTS => std::thread::yield_now(),
                _ => return (sum, Torn(true)),
            }
        }
        (self.sum(), Torn(true))
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
            spilled: AtomicU64::new(0),
            ring: [const { AtomicU64::new(0) }; RING as usize],
            taken: AtomicU64::new(0),
        }
    }
}
