//! What of a histogram goes out: values one by one where they are known, else a value for each
//! bucket with a weight, such that the count is exact and so is the sum.

use super::cursor::HistogramCursor;
use crate::metrics::reading::{FineBucket, HistogramReading};
use std::collections::BTreeMap;
use std::iter::Peekable;

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

/// A bucket's values that are not known one by one.
struct Rest<'a> {
    bucket: &'a FineBucket,
    count: u64,
}

/// Everything that `reading` has beyond `cursor`, by weight.
pub(super) fn groups(reading: &HistogramReading, cursor: &HistogramCursor) -> Vec<Group> {
    let mut known = cursor.kept.clone();
    known.sort_by(f64::total_cmp);
    let mut known = known.into_iter().peekable();
    let mut groups: BTreeMap<u64, Vec<Sample>> = BTreeMap::new();
    let mut rests = Vec::new();
    let mut known_sum = 0.0;
    for bucket in &reading.buckets {
        let count = bucket.count.saturating_sub(cursor.accepted(bucket.id));
        let inside = take_inside(&mut known, bucket, count);
        if count == 0 {
            continue;
        }
        if inside.len() as u64 == count {
            known_sum += inside.iter().sum::<f64>();
            let samples = inside.into_iter().map(|value| Sample { value, bucket: bucket.id });
            groups.entry(1).or_default().extend(samples);
        } else {
            rests.push(Rest { bucket, count });
        }
    }
    let place = place(&rests, reading.sum - cursor.sum - known_sum);
    for Rest { bucket, count } in rests {
        let sample = Sample { value: value_at(bucket, place), bucket: bucket.id };
        for weight in weights(count) {
            groups.entry(weight).or_default().push(sample);
        }
    }
    groups.into_iter().map(|(weight, samples)| Group { weight, samples }).collect()
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

/// Takes the known values of a bucket. One that lies on the border of two goes into the lower one
/// as long as that has room: values are only used where their number is right.
fn take_inside(
    known: &mut Peekable<impl Iterator<Item = f64>>,
    bucket: &FineBucket,
    count: u64,
) -> Vec<f64> {
    let mut inside = Vec::new();
    while let Some(value) = known.next_if(|&value| {
        let on_border = value == bucket.range.end;
        value < bucket.range.end || (on_border && (inside.len() as u64) < count)
    }) {
        if value >= bucket.range.start {
            inside.push(value);
        }
    }
    inside
}

/// Where in their buckets the values must lie, from 0 to 1, for their sum to be `sum`.
fn place(rests: &[Rest<'_>], sum: f64) -> f64 {
    let (mut least, mut span) = (0.0, 0.0);
    for Rest { bucket, count } in rests {
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
