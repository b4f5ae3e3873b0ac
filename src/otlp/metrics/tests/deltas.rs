//! Deltas over whatever becomes of their requests: nothing is lost and nothing comes twice.

use super::decode::{Tags, decode_one};
use super::exact::reference;
use super::*;
use crate::metrics::current::with_registry;
use crate::{counter, gauge, histogram};
use proptest::prelude::*;
use std::collections::HashMap;

const BOUNDS: &[f64] = &[1.0, 2.0, 4.0, 8.0];
const SERIES: usize = 6;

/// What was recorded between two collects, and what becomes of the requests.
#[derive(Debug, Clone)]
struct Step {
    increments: Vec<(usize, u64)>,
    values: Vec<(usize, u8)>,
    outcomes: Vec<Outcome>,
}

fn outcome() -> impl Strategy<Value = Outcome> {
    use Outcome::{Accepted, NotTaken, Refused, Unknown};
    prop::sample::select(vec![Accepted, Accepted, NotTaken, NotTaken, Refused, Unknown])
}

fn step() -> impl Strategy<Value = Step> {
    let increments = prop::collection::vec((0..SERIES, 0..5_u64), 0..6);
    let values = prop::collection::vec((0..SERIES, 0..12_u8), 0..20);
    let outcomes = prop::collection::vec(outcome(), 40);
    (increments, values, outcomes).prop_map(|(increments, values, outcomes)| Step {
        increments,
        values,
        outcomes,
    })
}

/// Counts and sum by series.
type Seen = HashMap<(String, Tags), (Vec<u64>, f64)>;

fn add(seen: &mut Seen, series: (String, Tags), counts: &[u64], sum: f64) {
    let entry = seen.entry(series).or_insert_with(|| (vec![0; counts.len()], 0.0));
    entry.0.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    entry.1 += sum;
}

fn tags(series: usize) -> Tags {
    Tags::from([("series".to_owned(), series.to_string())])
}

fn record(registry: &Arc<Registry>, step: &Step, truth: &mut Seen) {
    with_registry(registry, || {
        for &(series, by) in &step.increments {
            counter!("jobs", "series" => series as u64).increment(by);
            add(truth, ("jobs".into(), tags(series)), &[by], 0.0);
        }
        for &(series, value) in &step.values {
            let value = f64::from(value);
            histogram!("size", "series" => series as u64).record(value);
            let counts = reference(&[value], BOUNDS);
            add(truth, ("size".into(), tags(series)), &counts, value);
        }
        gauge!("depth").set(1);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_was_taken_and_what_is_offered_is_everything(
        steps in prop::collection::vec(step(), 1..12),
        max_request in prop::sample::select(vec![1, 500, 700, 1 << 20]),
    ) {
        let registry = registry(&[("size", BOUNDS)]);
        let mut rig = Rig::new(Temporality::Delta, Arc::clone(&registry) as _);
        rig.reader.packer.max_request = max_request;
        let (mut truth, mut taken, mut unknown) = (Seen::new(), Seen::new(), 0);
        let mut since: HashMap<(String, Tags), u64> = HashMap::new();
        for step in &steps {
            record(&registry, step, &mut truth);
            let requests = rig.reader.collect();
            let points: Vec<Vec<Point>> = requests.iter().map(decode_one).collect();
            let mut all = taken.clone();
            for point in points.iter().flatten().filter(|point| point.name != "depth") {
                prop_assert!(point.counts().iter().any(|count| *count > 0), "nothing is not sent");
                prop_assert_eq!(point.temporality, 1);
                let start = since.entry(point.series()).or_insert(point.start);
                prop_assert_eq!(*start, point.start);
                add(&mut all, point.series(), &point.counts(), point.sum().unwrap_or(0.0));
            }
            truth.iter().filter(|(_, (counts, _))| counts.iter().any(|count| *count > 0)).for_each(
                |(series, counted)| assert_eq!(all.get(series), Some(counted), "{series:?}"),
            );
            prop_assert_eq!(points.iter().flatten().filter(|p| p.name == "depth").count(), 1);
            // Most proptest cases make fewer requests than there are outcomes.
            let outcomes = &step.outcomes[..requests.len()];
            rig.reader.settle(outcomes);
            for (points, outcome) in points.iter().zip(outcomes) {
                unknown += if *outcome == Outcome::Unknown { points.len() as u64 } else { 0 };
                for point in points.iter().filter(|point| point.name != "depth") {
                    if *outcome != Outcome::NotTaken {
                        let sum = point.sum().unwrap_or(0.0);
                        add(&mut taken, point.series(), &point.counts(), sum);
                        since.insert(point.series(), point.end);
                    }
                }
            }
        }
        prop_assert_eq!(rig.unknown(), unknown);
    }
}
