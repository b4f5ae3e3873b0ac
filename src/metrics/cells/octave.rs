//! One octave of a histogram: narrow counts, split where a bound falls into a bucket.

use super::layout::{self, Layout, OCTAVE, Place};
use std::sync::atomic::{AtomicU32, Ordering};

/// The counts of one octave.
#[derive(Debug)]
pub(super) struct Octave {
    /// A bit for each bucket that has a bound in it.
    pub(super) split: u32,
    bounds: &'static [f64],
    pub(super) buckets: [AtomicU32; OCTAVE],
    /// For each bound, values beyond it in the same bucket and at or below the next one.
    beyond: Box<[AtomicU32]>,
}

impl Octave {
    pub(super) fn new(layout: &'static Layout, rank: u32) -> Box<Self> {
        let bounds = layout.within(rank);
        let split = bounds.iter().fold(0, |split, &bound| split | 1 << Place::of(bound).bucket);
        let beyond = bounds.iter().map(|_| AtomicU32::new(0)).collect();
        Box::new(Octave { split, bounds, buckets: [const { AtomicU32::new(0) }; OCTAVE], beyond })
    }

    /// The count of a value whose bucket has bounds in it.
    pub(super) fn split_count(&self, value: f64, bucket: usize) -> &AtomicU32 {
        let below = self.bounds.partition_point(|&bound| bound < value);
        match below.checked_sub(1) {
            Some(last) if Place::of(self.bounds[last]).bucket == bucket => &self.beyond[last],
            _ => &self.buckets[bucket],
        }
    }

    /// All counts: the buckets, then one beyond each bound.
    pub(super) fn counts(&self) -> impl Iterator<Item = u32> + '_ {
        self.buckets.iter().chain(&self.beyond).map(|count| count.load(Ordering::Relaxed))
    }

    pub(super) fn bounds(&self) -> &'static [f64] {
        self.bounds
    }

    /// Where a value is counted, and under which id.
    pub(super) fn count_of(&self, value: f64) -> (u32, &AtomicU32) {
        let Place { rank, bucket } = Place::of(value);
        let count = match self.split >> bucket & 1 {
            0 => &self.buckets[bucket],
            _ => self.split_count(value, bucket),
        };
        let counts = || self.buckets.iter().chain(&self.beyond);
        let is_it = |index: usize| counts().nth(index).is_some_and(|it| std::ptr::eq(it, count));
        let found = layout::in_order(rank, self.bounds).find(|(index, _, _)| is_it(*index));
        // Every count of an octave has its place in the order.
        (found.map_or(0, |(_, id, _)| id), count)
    }
}
