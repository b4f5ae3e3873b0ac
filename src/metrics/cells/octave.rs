//! One octave of a histogram: narrow counts, split where a bound falls into a bucket.

use super::layout::{Layout, OCTAVE, Place};
use std::sync::atomic::{AtomicU16, Ordering};

/// How many bounds an octave has room for in itself: more than octaves usually have.
const FEW_BOUNDS: usize = 2;

/// The counts of one octave. A thread has many of these with few values in them, so they are
/// narrow: what a count can't hold moves to [`super::thread::Threads::spilled`], where there is one
/// for all threads.
#[derive(Debug)]
pub(super) struct Octave {
    /// A bit for each bucket that has a bound in it.
    pub(super) split: u32,
    /// For each of the first bounds, values beyond it in the same bucket and at or below the next.
    beyond: [AtomicU16; FEW_BOUNDS],
    /// The same for further bounds.
    beyond_more: Box<[AtomicU16]>,
    bounds: &'static [f64],
    pub(super) buckets: [AtomicU16; OCTAVE],
}

impl Octave {
    pub(super) fn new(layout: &'static Layout, rank: u32) -> Box<Self> {
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
    pub(super) fn index(&self, value: f64, bucket: usize) -> usize {
        if self.split >> bucket & 1 == 0 {
            return bucket;
        }
        let below = self.bounds.partition_point(|&bound| bound < value);
        match below.checked_sub(1) {
            Some(last) if Place::of(self.bounds[last]).bucket == bucket => OCTAVE + last,
            _ => bucket,
        }
    }

    pub(super) fn count(&self, index: usize) -> &AtomicU16 {
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
