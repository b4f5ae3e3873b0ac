//! Counts and sums against what was recorded.

use super::decode::Tags;
use super::*;
use crate::metrics::current::with_registry;
use crate::{counter, histogram};
use decode::Decoded;
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many values lie between the bounds, counted one by one.
pub(super) fn reference(values: &[f64], bounds: &[f64]) -> Vec<u64> {
    let mut counts = vec![0; bounds.len() + 1];
    values.iter().for_each(|value| counts[bounds.iter().take_while(|b| value > b).count()] += 1);
    counts
}

fn any_value() -> impl Strategy<Value = f64> {
    let edges = vec![0.0, -0.0, 0.25, 1.0, 1.01, -1.0, 5e-324, 1e300, f64::MAX, f64::MIN];
    let edges = prop::sample::select(edges);
    prop_oneof![
        edges.clone(),
        edges.prop_map(|value: f64| value.next_up().min(f64::MAX)),
        -1e3..1e3f64,
        0.0..10.0f64,
    ]
}

proptest! {
    #[test]
    fn counts_between_bounds_are_exact(
        values in prop::collection::vec(any_value(), 1..100),
        mut bounds in prop::collection::vec(any_value(), 1..20),
    ) {
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        let registry = registry(&[("size", &bounds)]);
        with_registry(&registry, || values.iter().for_each(|v| histogram!("size").record(*v)));
        let point = Rig::new(Temporality::Cumulative, registry as _).points().remove(0);
        prop_assert_eq!(point.counts(), reference(&values, &bounds));
        let falls = values.iter().any(|v| v.is_sign_negative() && v.is_normal()) || bounds[0] < 0.0;
        let sum = values.iter().sum::<f64>();
        match point.sum() {
            None => prop_assert!(falls || !sum.is_finite()),
            Some(seen) => {
                prop_assert!(!falls);
                prop_assert!((seen - sum).abs() <= sum * 1e-12, "{} for {}", seen, sum);
            }
        }
        let Decoded::Histogram { bounds: seen, .. } = point.value else { panic!("a histogram") };
        prop_assert_eq!(seen, bounds);
    }
}

/// What one thread records in one turn; whole numbers, so that sums are exact in any order.
const VALUES: [f64; 8] = [0.0, 1.0, 1.0, 2.0, 3.0, 10.0, 11.0, 1_000.0];
const BOUNDS: &[f64] = &[0.0, 1.0, 2.5, 10.0, 100.0];
const THREADS: u64 = 4;
const TURNS: u64 = 2_000;

fn record(registry: &Arc<Registry>) {
    with_registry(registry, || {
        let (sizes, requests) = (histogram!("size", "k" => "v"), counter!("requests"));
        for turn in 0..TURNS {
            VALUES.iter().for_each(|value| sizes.record(*value));
            requests.increment(turn % 3);
        }
    });
}

/// What the readers may say at the end: counts and sum by series.
fn truth() -> HashMap<(String, Tags), (Vec<u64>, f64)> {
    let turns = THREADS * TURNS;
    let counts = reference(&VALUES, BOUNDS).iter().map(|count| count * turns).collect();
    let sum = VALUES.iter().sum::<f64>() * turns as f64;
    let increments = (0..TURNS).map(|turn| turn % 3).sum::<u64>() * THREADS;
    let tags = Tags::from([("k".to_owned(), "v".to_owned())]);
    HashMap::from([
        (("size".to_owned(), tags), (counts, sum)),
        (("requests".to_owned(), Tags::new()), (vec![increments], 0.0)),
    ])
}

#[test]
fn threads_that_record_meanwhile_break_nothing() {
    for _ in 0..3 {
        let registry = registry(&[("size", BOUNDS)]);
        let done = AtomicBool::new(false);
        let mut total = Rig::new(Temporality::Cumulative, Arc::clone(&registry) as _);
        let mut delta = Rig::new(Temporality::Delta, Arc::clone(&registry) as _);
        let (mut last, mut added) = (HashMap::new(), HashMap::new());
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| record(&registry))).collect();
            let watch = scope.spawn(|| {
                let mut finished = false;
                while !finished {
                    finished = done.load(Ordering::Acquire);
                    take_totals(&mut last, total.points());
                    add_deltas(&mut added, delta.points());
                }
            });
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            done.store(true, Ordering::Release);
            watch.join().unwrap();
        });
        assert_eq!(last, truth());
        // A sum that was behind its counts has nothing to go with once nobody records.
        let counts = |seen: HashMap<_, (Vec<u64>, f64)>| -> HashMap<(String, Tags), Vec<u64>> {
            seen.into_iter().map(|(series, (counts, _))| (series, counts)).collect()
        };
        let (seen, expected) = (added.values().map(|(_, sum)| sum), truth());
        let off = seen.sum::<f64>() - expected.values().map(|(_, sum)| sum).sum::<f64>();
        assert!((-10_000.0..=0.0).contains(&off), "{off}");
        assert_eq!(counts(added), counts(expected));
    }
}

type Seen = HashMap<(String, Tags), (Vec<u64>, f64)>;

fn take_totals(last: &mut Seen, points: Vec<Point>) {
    for point in points {
        let now = (point.counts(), point.sum().unwrap_or(0.0));
        if let Some(before) = last.insert(point.series(), now.clone()) {
            assert!(before.0.iter().zip(&now.0).all(|(before, now)| before <= now));
            assert!(before.1 <= now.1, "{} after {}", now.1, before.1);
        }
    }
}

fn add_deltas(added: &mut Seen, points: Vec<Point>) {
    for point in points {
        let counts = point.counts();
        let entry = added.entry(point.series()).or_insert_with(|| (vec![0; counts.len()], 0.0));
        entry.0.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        entry.1 += point.sum().unwrap_or(0.0);
    }
}
