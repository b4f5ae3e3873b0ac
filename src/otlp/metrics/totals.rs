//! What a counter or a histogram comes to at one moment, as counts that only grow.

use crate::metrics::reading::HistogramReading;

/// A counter has one count; a histogram has one for each bound, of the values from the bound before
/// up to it, and one for what lies above all of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Totals {
    pub(super) counts: Vec<u64>,
    /// Recorded values added up; says nothing for a counter.
    pub(super) sum: f64,
}

impl Totals {
    pub(super) fn set_counter(&mut self, total: u64) {
        self.counts.clear();
        self.counts.push(total);
        self.sum = 0.0;
    }

    /// The counts add up to what lies in the reading's buckets, torn or not: its cumulative counts
    /// are made of one look at them. Only the sum may be a few values behind.
    pub(super) fn set_histogram(&mut self, reading: &HistogramReading) {
        let mut below = 0;
        self.counts.clear();
        self.counts.extend(reading.cumulative.iter().map(|(_, up_to)| {
            let count = up_to.saturating_sub(below);
            below += count;
            count
        }));
        self.counts.push(reading.count.saturating_sub(below));
        self.sum = reading.sum;
    }

    /// What `now` has beyond `before`.
    pub(super) fn set_difference(&mut self, now: &Totals, before: &Totals) {
        let accepted = before.counts.iter().copied().chain(std::iter::repeat(0));
        self.counts.clear();
        self.counts.extend(
            now.counts.iter().zip(accepted).map(|(now, before)| now.saturating_sub(before)),
        );
        self.sum = now.sum - before.sum;
    }

    pub(super) fn count(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }
}

/// Whether values below zero were recorded, or are to be expected. OTLP wants no sum then, because
/// a sum that may fall is no counter's; as the page in OpenMetrics it stays without one.
pub(super) fn may_fall(reading: &HistogramReading) -> bool {
    let bounds_below_zero = reading.cumulative.first().is_some_and(|(bound, _)| *bound < 0.0);
    let values_below_zero = reading.buckets.first().is_some_and(|bucket| bucket.range.start < 0.0);
    bounds_below_zero || values_below_zero || reading.sum < 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(count: u64, cumulative: &[(f64, u64)]) -> Totals {
        let cumulative = cumulative.to_vec();
        let mut totals = Totals::default();
        totals.set_histogram(&HistogramReading {
            count,
            cumulative,
            sum: 1.0,
            ..Default::default()
        });
        totals
    }

    #[test]
    fn what_lies_above_the_last_bound_has_its_own_count() {
        assert_eq!(of(7, &[(1.0, 2), (2.0, 2), (3.0, 6)]).counts, [2, 0, 4, 1]);
        assert_eq!(of(3, &[]).counts, [3]);
    }

    #[test]
    fn counts_add_up_whatever_a_reading_says() {
        let totals = of(4, &[(1.0, 5), (2.0, 3), (3.0, 6)]);
        assert_eq!((totals.counts.as_slice(), totals.count()), ([5, 0, 1, 0].as_slice(), 6));
    }

    #[test]
    fn a_difference_is_never_below_zero() {
        let mut difference = Totals::default();
        difference.set_difference(&of(7, &[(1.0, 2)]), &of(3, &[(1.0, 3)]));
        assert_eq!((difference.counts.as_slice(), difference.sum), ([0, 5].as_slice(), 0.0));
        difference.set_difference(&of(7, &[(1.0, 2)]), &Totals::default());
        assert_eq!((difference.counts.as_slice(), difference.sum), ([2, 5].as_slice(), 1.0));
    }
}
