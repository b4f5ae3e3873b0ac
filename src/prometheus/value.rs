//! A sample's value while a page is made: taken from a reading, or from several that merge.

use super::name::Type;
use crate::metrics::reading::{HistogramReading, Reading};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Counter(u64),
    /// In pico-dollars.
    Cost(u64),
    Gauge(f64),
    Distinct(u64),
    Histogram(Tally),
}

/// What the page shows of a histogram.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tally {
    pub(super) count: u64,
    pub(super) sum: f64,
    /// Values at or below each bound, by rising bound.
    pub(super) cumulative: Vec<(f64, u64)>,
}

/// Two histograms with different bounds don't add up.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unmergeable;

impl From<Reading> for Value {
    fn from(reading: Reading) -> Self {
        match reading {
            Reading::Counter(total) => Value::Counter(total),
            Reading::Cost(total) => Value::Cost(total),
            Reading::Gauge(gauge) => Value::Gauge(gauge.value),
            Reading::Set(set) => Value::Distinct(set.distinct),
            Reading::Histogram(histogram) => Value::Histogram(Tally::from(histogram)),
        }
    }
}

impl From<HistogramReading> for Tally {
    fn from(reading: HistogramReading) -> Self {
        let HistogramReading { count, sum, mut cumulative, .. } = reading;
        // A parser refuses the whole page over one bucket that is out of order.
        cumulative.retain(|(bound, _)| bound.is_finite());
        cumulative.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        cumulative.dedup_by(|(later, _), (earlier, _)| later == earlier);
        let mut below = 0;
        for (_, bucket) in &mut cumulative {
            below = (*bucket).clamp(below, count.max(below));
            *bucket = below;
        }
        Tally { count, sum, cumulative }
    }
}

impl Value {
    /// Whether a family of this type can show the value.
    pub(super) fn fits(&self, kind: Type) -> bool {
        match self {
            Value::Counter(_) | Value::Cost(_) => kind == Type::Counter,
            Value::Gauge(_) | Value::Distinct(_) => kind == Type::Gauge,
            Value::Histogram(_) => kind == Type::Histogram,
        }
    }

    /// Puts a later series of the same labels on top of this one: totals and histograms add up, a
    /// later gauge replaces.
    pub(super) fn merge(&mut self, later: Value) -> Result<(), Unmergeable> {
        match (self, later) {
            (Value::Counter(total), Value::Counter(more))
            | (Value::Cost(total), Value::Cost(more)) => *total = total.saturating_add(more),
            (Value::Histogram(tally), Value::Histogram(more)) => return tally.merge(&more),
            (Value::Counter(_) | Value::Cost(_) | Value::Histogram(_), _) => {
                return Err(Unmergeable);
            }
            (gauge, later) => *gauge = later,
        }
        Ok(())
    }
}

impl Tally {
    fn merge(&mut self, later: &Tally) -> Result<(), Unmergeable> {
        let bounds = |tally: &Tally| tally.cumulative.iter().map(|&(bound, _)| bound).collect();
        let (ours, theirs): (Vec<f64>, Vec<f64>) = (bounds(self), bounds(later));
        if ours != theirs {
            return Err(Unmergeable);
        }
        self.count = self.count.saturating_add(later.count);
        self.sum += later.sum;
        for ((_, below), (_, more)) in self.cumulative.iter_mut().zip(&later.cumulative) {
            *below = below.saturating_add(*more);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(count: u64, cumulative: &[(f64, u64)]) -> Value {
        let cumulative = cumulative.to_vec();
        let reading = HistogramReading { count, sum: 1.5, cumulative, ..Default::default() };
        Value::from(Reading::Histogram(reading))
    }

    #[test]
    fn counters_and_histograms_add_up_and_gauges_replace() {
        let mut counter = Value::Counter(u64::MAX - 1);
        assert_eq!(counter.merge(Value::Counter(5)), Ok(()));
        assert_eq!(counter, Value::Counter(u64::MAX));
        let mut gauge = Value::Gauge(1.0);
        assert_eq!(gauge.merge(Value::Distinct(7)), Ok(()));
        assert_eq!(gauge, Value::Distinct(7));
        let mut tally = histogram(3, &[(1.0, 1), (2.0, 2)]);
        assert_eq!(tally.merge(histogram(2, &[(1.0, 0), (2.0, 2)])), Ok(()));
        let Value::Histogram(tally) = tally else { panic!("a histogram stays one") };
        assert_eq!((tally.count, tally.sum), (5, 3.0));
        assert_eq!(tally.cumulative, [(1.0, 1), (2.0, 4)]);
    }

    #[test]
    fn other_bounds_or_kinds_leave_the_first_as_it_was() {
        let mut tally = histogram(3, &[(1.0, 1)]);
        let before = tally.clone();
        assert_eq!(tally.merge(histogram(2, &[(2.0, 1)])), Err(Unmergeable));
        assert_eq!(tally.merge(Value::Counter(1)), Err(Unmergeable));
        assert_eq!(tally, before);
    }

    #[test]
    fn buckets_rise_whatever_the_reading_says() {
        let tally = histogram(4, &[(2.0, 3), (1.0, 5), (f64::INFINITY, 9), (2.0, 1)]);
        let Value::Histogram(tally) = tally else { panic!("a histogram stays one") };
        assert_eq!(tally.cumulative, [(1.0, 4), (2.0, 4)]);
    }
}
