//! How a histogram divides the numbers: narrow log-linear buckets, split at the user's bounds.
//!
//! Every power of two is an *octave* of 32 equal buckets, which are read off the bits of a float
//! without arithmetic. Where a bound falls into a bucket, values beyond it get a count of their
//! own, so that "at or below the bound" is a sum of whole counts: exact.

use std::ops::Range;

/// Buckets in an octave.
pub(super) const OCTAVE: usize = 32;
/// The rank of zero and of what is too small to have an octave; negative numbers rank below.
pub(super) const ZERO_RANK: u32 = 2_047;

/// A histogram's bounds: ascending, finite.
#[derive(Debug, PartialEq)]
pub(crate) struct Layout {
    bounds: &'static [f64],
}

/// A value's place: its octave, and the bucket in there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Orders octaves by value, from the most negative to the largest.
    pub(super) rank: u32,
    pub(super) bucket: usize,
}

impl Place {
    /// The place of a finite value.
    pub(super) fn of(value: f64) -> Place {
        let bits = value.to_bits();
        let exponent = (bits >> 52) as u32 & 0x7ff;
        if exponent == 0 {
            return Place { rank: ZERO_RANK, bucket: 0 };
        }
        let rank = if value < 0.0 { ZERO_RANK - exponent } else { ZERO_RANK + exponent };
        Place { rank, bucket: bucket_of(bits) }
    }

    /// The values of this place, by magnitude for negative ones too.
    fn magnitudes(self) -> Range<f64> {
        if self.rank == ZERO_RANK {
            return 0.0..0.0;
        }
        let edge = |bucket: usize| {
            let exponent = u64::from(self.rank.abs_diff(ZERO_RANK));
            f64::from_bits((exponent << 52) + ((bucket as u64) << 47))
        };
        // The largest octave ends at infinity, which is no number to send.
        edge(self.bucket)..edge(self.bucket + 1).min(f64::MAX)
    }

    fn values(self) -> Range<f64> {
        let Range { start, end } = self.magnitudes();
        if self.rank < ZERO_RANK { -end..-start } else { start..end }
    }
}

/// The bucket within an octave: the five highest bits of the mantissa.
#[inline(always)]
pub(super) fn bucket_of(bits: u64) -> usize {
    (bits >> 47) as usize % OCTAVE
}

impl Layout {
    /// No bounds at all.
    pub(super) const NONE: &'static Self = &Layout { bounds: &[] };

    /// Bounds must be ascending and finite; configuration has seen to that.
    pub(crate) fn new(bounds: &[f64]) -> &'static Self {
        Box::leak(Box::new(Layout { bounds: Box::leak(bounds.into()) }))
    }

    pub(crate) fn bounds(&self) -> &[f64] {
        self.bounds
    }

    /// The bounds within an octave.
    pub(super) fn within(&self, rank: u32) -> &[f64] {
        let start = self.bounds.partition_point(|&bound| Place::of(bound).rank < rank);
        let end = self.bounds.partition_point(|&bound| Place::of(bound).rank <= rank);
        &self.bounds[start..end]
    }
}

/// The counts of one octave in the order of their values: the index in [`super::histogram`]'s
/// order (buckets, then one count beyond each bound), an id that never changes, and the values.
pub(super) fn in_order(
    rank: u32,
    bounds: &[f64],
) -> impl Iterator<Item = (usize, u32, Range<f64>)> + '_ {
    let buckets = if rank == ZERO_RANK { 1 } else { OCTAVE };
    (0..buckets).flat_map(move |order| {
        // Among negative numbers a larger magnitude is a smaller value.
        let bucket = if rank < ZERO_RANK { OCTAVE - 1 - order } else { order };
        let place = Place { rank, bucket };
        let start = bounds.partition_point(|&bound| order_of(rank, bound) < order);
        let end = bounds.partition_point(|&bound| order_of(rank, bound) <= order);
        let Range { start: low, end: high } = place.values();
        (0..=end - start).map(move |part| {
            let index = if part == 0 { bucket } else { OCTAVE + start + part - 1 };
            let to = if start + part < end { bounds[start + part] } else { high };
            // What lies at zero has no width of its own: the bounds around it give it one.
            let (from, to) = match part {
                0 => (low.min(to), to),
                _ if rank == ZERO_RANK => {
                    (bounds[start + part - 1], bounds[start + part - 1].next_up().max(to))
                }
                _ => (bounds[start + part - 1], to),
            };
            (index, rank << 16 | (order as u32) << 8 | part as u32, from..to)
        })
    })
}

fn order_of(rank: u32, bound: f64) -> usize {
    let bucket = Place::of(bound).bucket;
    if rank < ZERO_RANK { OCTAVE - 1 - bucket } else { bucket }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_rank_as_their_values_do() {
        let values = [
            f64::MIN,
            -1e9,
            -2.0,
            -1.5,
            -1.0,
            -1e-300,
            0.0,
            1e-310,
            1e-300,
            0.1,
            1.0,
            1.04,
            2.0,
            1e9,
            f64::MAX,
        ];
        for pair in values.windows(2) {
            assert!(Place::of(pair[0]).rank <= Place::of(pair[1]).rank, "{pair:?}");
        }
        assert_eq!(Place::of(-0.0), Place::of(0.0));
    }

    #[test]
    fn a_value_lies_in_its_place_which_is_narrow() {
        let mut value = 1e-9;
        while value < 1e12 {
            let Range { start, end } = Place::of(value).values();
            assert!(start <= value && value < end, "{value} in {start}..{end}");
            assert!((end - start) / start < 0.032);
            let mirrored = Place::of(-value).values();
            assert_eq!(mirrored, -end..-start);
            value *= 1.01;
        }
    }

    #[test]
    fn counts_come_in_the_order_of_their_values() {
        let layout = Layout::new(&[-1.5, -1.0, 1.0, 1.01, 1.015, 1.5, 1.99]);
        for value in [-1.7, 1.7] {
            let rank = Place::of(value).rank;
            let listed: Vec<_> = in_order(rank, layout.within(rank)).collect();
            assert_eq!(listed.len(), OCTAVE + layout.within(rank).len());
            for pair in listed.windows(2) {
                assert!(pair[0].1 < pair[1].1, "ids rise");
                assert_eq!(pair[0].2.end, pair[1].2.start, "ranges meet");
            }
        }
    }
}
