//! The load of the other backends' tests in a scope, and what OTLP has of it.

use super::{builder, to};
use crate::load::{self, BOUNDS, assert_close};
use crate::reference::Reference;
use crate::support::otlp::{Histogram, Point, Reading};
use lightship::{Builder, Telemetry, Temporality};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

const THREADS: u64 = 4;
const ROUNDS: u64 = 1_500;

pub(super) fn metrics(
    address: SocketAddr,
    temporality: Temporality,
    interval: Duration,
) -> Builder {
    let otlp = to(address).metrics(true).temporality(temporality).metrics_interval(interval);
    builder("load", otlp).buckets("load.duration", &BOUNDS).buckets("load.size", &BOUNDS)
}

/// One generation of threads in the scope of `telemetry`.
pub(super) fn run(telemetry: &Telemetry, generation: u64, reference: &mut Reference) {
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let handle = telemetry.handle();
            let seed = generation * 1_000 + thread + 1;
            std::thread::spawn(move || handle.scope(|| load::work(seed, ROUNDS)))
        })
        .collect();
    threads.into_iter().for_each(|thread| reference.add(thread.join().unwrap()));
}

/// A metric's name and its attributes, in the order of their keys.
type Series = (String, Vec<(String, String)>);

/// What a backend knows of each series after all that it took.
#[derive(Debug, Default)]
pub(super) struct Totals(BTreeMap<Series, Reading>);

impl Totals {
    /// The latest reading counts. Cumulative series never start anew, and never fall.
    pub(super) fn cumulative(points: &[Point]) -> Self {
        let mut totals = Totals::default();
        let mut starts = BTreeMap::new();
        for point in points {
            let series = series(point);
            if point.kind != "gauge" {
                assert_eq!(point.temporality, "cumulative", "{point:?}");
                let start = *starts.entry(series.clone()).or_insert(point.start);
                assert!(point.start == start && start <= point.time, "{point:?}");
                let before = totals.0.get(&series).map_or(0, count);
                assert!(count(&point.reading) >= before, "{point:?} after {before}");
            }
            totals.0.insert(series, point.reading.clone());
        }
        totals
    }

    /// All deltas together; their intervals don't overlap.
    pub(super) fn deltas<'a>(points: impl IntoIterator<Item = &'a Point>) -> Self {
        let mut totals = Totals::default();
        let mut ends = BTreeMap::new();
        for point in points {
            let series = series(point);
            if point.kind == "gauge" {
                totals.0.insert(series, point.reading.clone());
                continue;
            }
            assert_eq!(point.temporality, "delta", "{point:?}");
            let end = ends.insert(series.clone(), point.time).unwrap_or(0);
            assert!(end <= point.start && point.start <= point.time, "{point:?} after {end}");
            match totals.0.get_mut(&series) {
                Some(total) => add(total, &point.reading),
                None => drop(totals.0.insert(series, point.reading.clone())),
            }
        }
        totals
    }

    pub(super) fn count(&self, name: &str) -> u64 {
        self.0
            .iter()
            .filter(|((known, _), _)| known == name)
            .map(|(_, reading)| count(reading))
            .sum()
    }

    pub(super) fn gauge(&self, name: &str) -> Option<f64> {
        self.0.iter().find_map(|((known, _), reading)| match reading {
            Reading::Float(value) if known == name => Some(*value),
            _ => None,
        })
    }

    /// Counters and every bucket of the load are those of the reference.
    pub(super) fn check(&self, reference: &Reference) {
        for ((endpoint, status), expected) in &reference.counters {
            let tags = [("endpoint", endpoint), ("status", status)];
            let tags = tags.map(|(key, value)| (key.to_owned(), value.clone())).to_vec();
            let found = self.0.get(&("load.requests".to_owned(), tags));
            assert_eq!(found, Some(&Reading::Int(*expected as i64)), "{endpoint} {status}");
        }
        let tags = vec![("kind".to_owned(), "test".to_owned())];
        for name in ["load.duration", "load.size"] {
            let found = self.0.get(&(name.to_owned(), tags.clone()));
            let Some(Reading::Histogram(found)) = found else { panic!("{name}: {found:?}") };
            assert_eq!(found.bounds, BOUNDS, "{name}");
            assert_eq!(found.counts.len(), BOUNDS.len() + 1, "{name}");
            let mut cumulative = 0;
            for (bound, count) in BOUNDS.iter().zip(&found.counts) {
                cumulative += count;
                assert_eq!(cumulative, reference.at_or_below(*bound), "{name} up to {bound}");
            }
            assert_eq!(found.counts.iter().sum::<u64>(), found.count, "{name}");
            assert_eq!(found.count, reference.values.len() as u64, "{name}");
            assert_close(found.sum.unwrap(), reference.sum());
        }
    }
}

fn series(point: &Point) -> Series {
    let mut tags: Vec<_> =
        point.attributes.iter().map(|(key, value)| (key.clone(), value.to_string())).collect();
    tags.sort();
    (point.name.clone(), tags)
}

fn count(reading: &Reading) -> u64 {
    match reading {
        Reading::Int(count) => *count as u64,
        Reading::Histogram(histogram) => histogram.count,
        Reading::Float(_) | Reading::Nothing => 0,
    }
}

fn add(total: &mut Reading, delta: &Reading) {
    match (total, delta) {
        (Reading::Int(total), Reading::Int(delta)) => *total += delta,
        (Reading::Histogram(total), Reading::Histogram(delta)) => {
            assert_eq!(total.bounds, delta.bounds);
            let Histogram { count, sum, counts, .. } = total;
            *count += delta.count;
            *sum = sum.zip(delta.sum).map(|(sum, more)| sum + more);
            counts.iter_mut().zip(&delta.counts).for_each(|(count, more)| *count += more);
        }
        (total, delta) => panic!("{total:?} and {delta:?}"),
    }
}
