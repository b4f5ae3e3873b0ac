//! Counts are exact, sums are right, and nobody sees that most values were never sent.

use super::*;
use crate::dogstatsd::cursor::HistogramCursor;
use crate::dogstatsd::histogram::{self, Share};
use crate::metrics::reading::{FineBucket, HistogramReading, Kind as Metric};

#[test]
fn a_rate_gives_the_weight_back_as_it_is_printed() {
    let powers = (0..=40).flat_map(|n| [1 << n, (1 << n) + 1, (1_u64 << n) - 1]);
    for weight in (1..100_000).chain(powers) {
        let printed = histogram::rate(weight).unwrap_or(1.0).to_string();
        let parsed: f64 = printed.parse().unwrap();
        assert!(weight == 0 || (1.0 / parsed) as u64 == weight, "{weight}: {printed}");
        let sum_off = (1.0 / parsed / weight as f64 - 1.0).abs();
        assert!(weight == 0 || sum_off < 1e-15 * 4.0, "{weight}: {sum_off:e}");
    }
}

fn bucket(id: u32, range: std::ops::Range<f64>, count: u64) -> FineBucket {
    FineBucket { id, range, count }
}

fn reading(sum: f64, buckets: Vec<FineBucket>, recent: &[f64]) -> HistogramReading {
    let count = buckets.iter().map(|bucket| bucket.count).sum();
    let recent = recent.to_vec();
    HistogramReading { count, sum, buckets, recent, ..HistogramReading::default() }
}

/// Count and sum of what would be sent.
fn planned(reading: &HistogramReading, known: &[f64]) -> (u64, f64, Vec<histogram::Group>) {
    let mut cursor = HistogramCursor::default();
    cursor.keep(known);
    let groups = histogram::groups(reading, &cursor, Share::All);
    let count = groups.iter().map(|group| group.weight * group.samples.len() as u64).sum();
    let sum = groups
        .iter()
        .flat_map(|group| group.samples.iter().map(|sample| sample.value * group.weight as f64))
        .sum();
    (count, sum, groups)
}

#[test]
fn known_values_go_raw_and_unknown_ones_with_a_weight() {
    let reading = reading(
        21.5 + 4.5 * 1_000.0,
        vec![bucket(1, 1.0..2.0, 2), bucket(2, 4.0..5.0, 1_000), bucket(3, 18.0..19.0, 1)],
        &[],
    );
    let (count, sum, groups) = planned(&reading, &[1.25, 18.5, 1.75, 4.1]);
    assert_eq!((count, sum), (1_003, reading.sum));
    assert_eq!((groups[0].weight, groups[0].samples.len()), (1, 3));
    assert_eq!((groups[1].weight, groups[1].samples[0].value), (1_000, 4.5));
}

#[test]
fn a_value_on_a_border_may_belong_to_either_side() {
    let reading = reading(6.0, vec![bucket(1, 1.0..2.0, 2), bucket(2, 2.0..3.0, 1)], &[]);
    let (count, sum, groups) = planned(&reading, &[2.0, 2.0, 2.0]);
    assert_eq!((count, sum, groups.len()), (3, 6.0, 1));
    // 64, 65 and 66 were recorded, the first is not known any more: 66 is not of the lower bucket.
    let reading = super::histograms::reading(
        195.0,
        vec![bucket(1, 64.0..66.0, 2), bucket(2, 66.0..68.0, 1)],
        &[],
    );
    let (count, sum, _) = planned(&reading, &[65.0, 66.0]);
    assert_eq!((count, sum), (3, 195.0));
}

#[test]
fn strange_buckets_give_finite_values_and_the_right_count() {
    for (sum, bucket) in [
        (f64::INFINITY, bucket(9, 1e308..f64::INFINITY, 7)),
        (f64::NAN, bucket(9, f64::NEG_INFINITY..-1e300, 7)),
        (0.0, bucket(9, 0.0..0.0, 7)),
        (-3.0, bucket(9, -1.0..0.0, 7)),
        (1.0, bucket(9, 5.0..1.0, 7)),
        (1.0, bucket(9, f64::NAN..f64::NAN, 7)),
        (1e300, bucket(9, 1.0..2.0, 3 << 41)),
    ] {
        let expected = bucket.count;
        let (count, _, groups) = planned(&reading(sum, vec![bucket], &[]), &[1.0, f64::NAN]);
        assert_eq!(count, expected);
        assert!(groups.iter().flat_map(|group| &group.samples).all(|s| s.value.is_finite()));
    }
}

#[test]
fn the_bandwidth_of_a_histogram_does_not_grow_with_its_rate() {
    let source = TestSource::new();
    let histogram = source.series(Metric::Distribution, "latency", &[]);
    source.max_recent.store(64, Ordering::Relaxed);
    let mut rig = Rig::new(&settings(Address::Udp { host: "127.0.0.1".into(), port: 9 }), &source);
    let mut bytes = Vec::new();
    for recorded in [1_000_u32, 100_000] {
        (0..recorded).for_each(|n| source.record(histogram, 1.0 + f64::from(n % 997) / 997.0));
        bytes.push(rig.flusher.preview().iter().map(String::len).sum::<usize>());
    }
    assert!(bytes[1] < bytes[0] * 2, "{bytes:?}");
}

#[test]
fn what_a_torn_reading_keeps_back_makes_up_for_its_sum() {
    let mut cursor = HistogramCursor::default();
    let buckets = |count| vec![bucket(1, 1.0..1.03, count), bucket(2, 2.0..2.06, count)];
    // The counts are right, but of the sum two values are missing; then nothing more comes.
    let whole = reading(1_001.0 * 3.02, buckets(1_001), &[]);
    let torn = HistogramReading { sum: whole.sum - 3.0, torn: true, ..whole.clone() };
    let mut send = |reading: &HistogramReading, share| {
        let groups = histogram::groups(reading, &cursor, share);
        let (mut count, mut sum) = (0, 0.0);
        for (group, sample) in groups.iter().flat_map(|g| g.samples.iter().map(move |s| (g, s))) {
            let by = sample.value * group.weight as f64;
            cursor.accept(sample.bucket, group.weight, by);
            count += group.weight;
            sum += by;
        }
        (count, sum)
    };
    let first = send(&torn, Share::Half);
    assert_eq!(first.0, 1_000);
    let second = send(&whole, Share::All);
    assert_eq!(first.0 + second.0, 2_002);
    assert!(((first.1 + second.1) / whole.sum - 1.0).abs() < 1e-12, "{first:?} {second:?}");
}
