//! What of a histogram goes out: values one by one where they are known, else a value for each
//! bucket with a weight, such that the count is exact and so is the sum.

use super::cursor::HistogramCursor;
use crate::metrics::reading::{FineBucket, HistogramReading};
use std::collections::BTreeMap;

/// The heaviest single value; heavier ones are split. Far below 2^53, where rates lose precision.
const MAX_WEIGHT: u64 = 1 << 40;

/// Values of one weight: each stands for so many recorded ones.
#[derive(Debug, PartialEq)]
pub(super) struct Group {
    pub(super) weight: u64,
    pub(super) samples: Vec<Sample>,
}

/// A value to send, and the bucket it stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) value: f64,
    pub(super) bucket: u32,
}

/// What a bucket has to send.
#[derive(Clone, Copy)]
struct Delta<'a> {
    bucket: &'a FineBucket,
    count: u64,
}

/// How much of what is new goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    All,
    /// For a reading whose sum may be off by a few values: what is kept back has room to make up
    /// for that in the next flush. Without it, if nothing more came, the error would stay.
    Half,
}

/// What `reading` has beyond `cursor`, by weight.
pub(super) fn groups(
    reading: &HistogramReading,
    cursor: &HistogramCursor,
    share: Share,
) -> Vec<Group> {
    let deltas = reading.buckets.iter().map(|bucket| {
        let count = bucket.count.saturating_sub(cursor.accepted(bucket.id));
        Delta { bucket, count }
    });
    let deltas: Vec<Delta<'_>> = deltas.filter(|delta| delta.count > 0).collect();
    let mut known = cursor.kept.clone();
    known.sort_by(f64::total_cmp);
    let (mut raw, rest) = match all_known(&deltas, &known) {
        _ if share == Share::Half => (Vec::new(), deltas),
        Some(raw) => (raw, Vec::new()),
        None => some_known(&deltas, &known),
    };
    let sum = reading.sum - cursor.sum - raw.iter().map(|sample| sample.value).sum::<f64>();
    let place = place(&rest, sum);
    let mut groups: BTreeMap<u64, Vec<Sample>> = BTreeMap::new();
    for Delta { bucket, count } in rest {
        let sample = Sample { value: value_at(bucket, place), bucket: bucket.id };
        let count = if share == Share::Half { count / 2 } else { count };
        for weight in weights(count) {
            groups.entry(weight).or_default().push(sample);
        }
    }
    if !raw.is_empty() {
        raw.append(groups.entry(1).or_default());
        groups.insert(1, raw);
    }
    groups.into_iter().map(|(weight, samples)| Group { weight, samples }).collect()
}

/// Where every value is known, their order says which bucket each is in.
fn all_known(deltas: &[Delta<'_>], known: &[f64]) -> Option<Vec<Sample>> {
    if deltas.iter().map(|delta| delta.count).sum::<u64>() != known.len() as u64 {
        return None;
    }
    let buckets =
        deltas.iter().flat_map(|delta| std::iter::repeat_n(delta.bucket, delta.count as usize));
    let in_place = |(bucket, &value): (&FineBucket, &f64)| {
        let inside = bucket.range.start <= value && value <= bucket.range.end;
        inside.then_some(Sample { value, bucket: bucket.id })
    };
    buckets.zip(known).map(in_place).collect()
}

/// Where some values are known, a bucket's are used if they are all of it. Values on a border
/// leave that open, for they may be of either side.
fn some_known<'a>(deltas: &[Delta<'a>], known: &[f64]) -> (Vec<Sample>, Vec<Delta<'a>>) {
    let (mut raw, mut rest) = (Vec::new(), Vec::new());
    for &delta in deltas {
        let range = &delta.bucket.range;
        let from = known.partition_point(|&value| value < range.start);
        let to = known.partition_point(|&value| value <= range.end);
        let inside = known.get(from..to).unwrap_or_default();
        let on_border = inside.iter().any(|&value| value == range.start || value == range.end);
        if inside.len() as u64 == delta.count && !on_border {
            raw.extend(inside.iter().map(|&value| Sample { value, bucket: delta.bucket.id }));
        } else {
            rest.push(delta);
        }
    }
    (raw, rest)
}

/// The rate that makes an agent count a value `weight` times: it takes the truncated `1 / rate`.
pub(super) fn rate(weight: u64) -> Option<f64> {
    if weight <= 1 {
        return None;
    }
    let mut rate = 1.0 / weight as f64;
    while ((1.0 / rate) as u64) < weight {
        rate = rate.next_down();
    }
    Some(rate)
}

/// A duration in seconds as milliseconds, free of noise where it was a whole number of
/// nanoseconds: 0.0012 becomes 1.2 and not 1.2000000000000002.
pub(super) fn milliseconds(seconds: f64) -> f64 {
    let nanoseconds = (seconds * 1e9).round();
    let whole = nanoseconds / 1e9 == seconds;
    let milliseconds = if whole { nanoseconds / 1e6 } else { seconds * 1e3 };
    // Nobody waits that long, but an infinity would cost the line.
    milliseconds.clamp(f64::MIN, f64::MAX)
}

/// Where in their buckets the values must lie, from 0 to 1, for their sum to be `sum`.
fn place(rest: &[Delta<'_>], sum: f64) -> f64 {
    let (mut least, mut span) = (0.0, 0.0);
    for Delta { bucket, count } in rest {
        let (start, end) = edges(bucket);
        least += start * *count as f64;
        span += (end - start) * *count as f64;
    }
    let place = (sum - least) / span;
    if place.is_nan() { 0.5 } else { place.clamp(0.0, 1.0) }
}

fn value_at(bucket: &FineBucket, place: f64) -> f64 {
    let (start, end) = edges(bucket);
    (start + place * (end - start)).clamp(start, end)
}

/// The bucket's edges, finite, in order, and no further apart than a number can say.
fn edges(bucket: &FineBucket) -> (f64, f64) {
    let limit = f64::MAX / 4.0;
    let start = bucket.range.start.clamp(-limit, limit);
    let end = bucket.range.end.clamp(-limit, limit);
    match start <= end {
        true => (start, end),
        false if start.is_nan() => (0.0, 0.0),
        false => (start, start),
    }
}

fn weights(mut count: u64) -> impl Iterator<Item = u64> {
    std::iter::from_fn(move || {
        let weight = count.min(MAX_WEIGHT);
        count -= weight;
        (weight > 0).then_some(weight)
    })
}
