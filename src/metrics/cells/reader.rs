//! Reading cells: all threads put together.

use super::counter::CounterCell;
use super::histogram::HistogramCell;
use super::layout;
use super::thread::Threads;
use crate::metrics::reading::{FineBucket, HistogramReading, Recent};
use std::collections::BTreeMap;
use std::sync::MutexGuard;

/// Holds the lock that keeps cells in place; drop it soon, for it makes new threads wait.
#[derive(Debug)]
pub(crate) struct Reader(MutexGuard<'static, Threads>);

impl Reader {
    pub(crate) fn new() -> Self {
        Reader(Threads::lock())
    }

    pub(crate) fn counter(&self, cell: &CounterCell) -> u64 {
        cell.read(&self.0)
    }

    pub(crate) fn histogram(&self, cell: &HistogramCell, recent: Recent) -> HistogramReading {
        let mut reading = HistogramReading::default();
        // By octave, the counts in the order in which an octave keeps them.
        let mut octaves: BTreeMap<u32, Box<[u64]>> = BTreeMap::new();
        let mut counts = Vec::new();
        for histogram in self.0.iter().filter_map(|cells| cells.histograms.get(cell.id())) {
            // Before the counts: a recent value that is not counted yet would be sent twice.
            if recent == Recent::Take {
                histogram.take_recent(&mut reading.recent);
            }
            let (sum, torn) = histogram.read(&mut counts);
            reading.sum += sum;
            reading.torn |= torn.0;
            let mut rest = counts.iter();
            for (rank, octave) in histogram.octaves() {
                let sums = octaves.entry(rank).or_insert_with(|| {
                    let spilled = self.0.spilled.get(&(cell.id(), rank)).cloned();
                    spilled.unwrap_or_else(|| octave.zeros())
                });
                sums.iter_mut().zip(&mut rest).for_each(|(sum, n)| *sum += u64::from(*n));
            }
        }
        for (rank, sums) in octaves {
            for (index, id, range) in layout::in_order(rank, cell.layout().within(rank)) {
                let count = sums[index];
                if count > 0 {
                    reading.buckets.push(FineBucket { id, range, count });
                }
            }
        }
        reading.count = reading.buckets.iter().map(|bucket| bucket.count).sum();
        reading.cumulative = cumulative(&reading.buckets, cell.layout().bounds());
        reading
    }
}

/// How many values lie at or below each bound. Exact, for no bucket reaches over a bound.
fn cumulative(buckets: &[FineBucket], bounds: &[f64]) -> Vec<(f64, u64)> {
    let mut rest = buckets.iter().peekable();
    let mut count = 0;
    let at_or_below = |&bound: &f64| {
        while let Some(bucket) = rest.next_if(|bucket| bucket.range.end <= bound) {
            count += bucket.count;
        }
        (bound, count)
    };
    bounds.iter().map(at_or_below).collect()
}
