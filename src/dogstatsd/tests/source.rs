//! A small registry: what it was told is what it says, and it remembers the truth.

use crate::metrics::reading::{
    Family, FineBucket, GaugeReading, HistogramReading, Kind, Reading, Recent, Series, SetReading,
    Source, Timestamped, TimestampedValue,
};
use crate::scrub;
use crate::status::Drops;
use crate::tag::{RawTag, TagRef};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Default)]
pub(super) struct TestSource {
    series: Mutex<Vec<(Arc<Series>, State)>>,
    timestamped: Mutex<Vec<Timestamped>>,
    /// How many recent values a histogram knows one by one.
    pub(super) max_recent: AtomicU64,
    pub(super) panics: AtomicBool,
    pub(super) collected: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    total: u64,
    gauge: (f64, u64),
    values: Vec<f64>,
    recent: Vec<f64>,
    fresh: Vec<u64>,
}

impl TestSource {
    pub(super) fn new() -> Arc<Self> {
        let source = TestSource::default();
        source.max_recent.store(1_000, Ordering::Relaxed);
        Arc::new(source)
    }

    /// A new series; its number is its index.
    pub(super) fn series(&self, kind: Kind, name: &str, tags: &[(&str, &str)]) -> usize {
        let raw = tags.iter().map(|(key, value)| RawTag {
            key,
            value: TagRef::text(value),
            literal: true,
        });
        let tags = scrub::tags(raw, &scrub::Policy::shared_default(), &Drops::new());
        let mut all = self.series.lock().unwrap();
        let family = Arc::new(Family::new(name, kind, Default::default()));
        let index = all.len();
        all.push((Arc::new(Series { index, family, tags }), State::default()));
        index
    }

    pub(super) fn increment(&self, series: usize, by: u64) {
        self.series.lock().unwrap()[series].1.total += by;
    }

    pub(super) fn set(&self, series: usize, value: f64) {
        let mut all = self.series.lock().unwrap();
        let (_, version) = all[series].1.gauge;
        all[series].1.gauge = (value, version + 1);
    }

    pub(super) fn record(&self, series: usize, value: f64) {
        let state = &mut self.series.lock().unwrap()[series].1;
        state.values.push(value);
        state.recent.push(value);
    }

    pub(super) fn insert(&self, series: usize, member: u64) {
        self.series.lock().unwrap()[series].1.fresh.push(member);
    }

    pub(super) fn increment_at(&self, series: usize, by: u64, seconds: u64) {
        let series = Arc::clone(&self.series.lock().unwrap()[series].0);
        let value = TimestampedValue::Increment(by);
        self.timestamped.lock().unwrap().push(Timestamped { series, value, seconds });
    }

    pub(super) fn set_at(&self, series: usize, value: f64, seconds: u64) {
        let series = Arc::clone(&self.series.lock().unwrap()[series].0);
        let value = TimestampedValue::Value(value);
        self.timestamped.lock().unwrap().push(Timestamped { series, value, seconds });
    }

    /// Count and sum of everything recorded.
    pub(super) fn truth(&self, series: usize) -> (u64, f64) {
        let values = &self.series.lock().unwrap()[series].1.values;
        (values.len() as u64, values.iter().sum())
    }
}

impl Source for TestSource {
    fn collect(&self, recent: Recent, visit: &mut dyn FnMut(&Arc<Series>, Reading)) {
        self.collected.fetch_add(1, Ordering::Relaxed);
        assert!(!self.panics.load(Ordering::Relaxed), "the host's callback");
        let max_recent = self.max_recent.load(Ordering::Relaxed) as usize;
        let mut all = self.series.lock().unwrap();
        let readings: Vec<_> = all
            .iter_mut()
            .map(|(series, state)| {
                (Arc::clone(series), reading(series.family.kind, state, recent, max_recent))
            })
            .collect();
        drop(all);
        readings.into_iter().for_each(|(series, reading)| visit(&series, reading));
    }

    fn take_timestamped(&self) -> Vec<Timestamped> {
        std::mem::take(&mut self.timestamped.lock().unwrap())
    }
}

fn reading(kind: Kind, state: &mut State, recent: Recent, max_recent: usize) -> Reading {
    let take = recent == Recent::Take;
    match kind {
        Kind::Counter => Reading::Counter(state.total),
        Kind::Cost => Reading::Cost(state.total),
        Kind::Gauge => {
            let (value, version) = state.gauge;
            Reading::Gauge(GaugeReading { value, version })
        }
        Kind::Set => {
            let fresh = if take { std::mem::take(&mut state.fresh) } else { Vec::new() };
            Reading::Set(SetReading { fresh, distinct: 0 })
        }
        Kind::Histogram | Kind::Distribution | Kind::Timer => {
            let mut recent = if take { std::mem::take(&mut state.recent) } else { Vec::new() };
            if recent.len() > max_recent {
                recent.drain(..recent.len() - max_recent);
            }
            Reading::Histogram(histogram(&state.values, recent))
        }
    }
}

fn histogram(values: &[f64], recent: Vec<f64>) -> HistogramReading {
    let mut counts = BTreeMap::new();
    values.iter().for_each(|&value| *counts.entry(bucket(value)).or_insert(0) += 1);
    let buckets = counts
        .into_iter()
        .map(|(number, count)| FineBucket {
            // Orders as the numbers do, which may be negative.
            id: (number + (1 << 20)) as u32,
            range: edges(number),
            count,
        })
        .collect();
    HistogramReading {
        count: values.len() as u64,
        sum: values.iter().sum(),
        buckets,
        recent,
        ..HistogramReading::default()
    }
}

/// 32 buckets an octave, mirrored for negative values: whole numbers often lie on a border.
fn bucket(value: f64) -> i64 {
    let number = (value.abs().to_bits() >> 47) as i64;
    if value < 0.0 { -number - 1 } else { number }
}

fn edges(number: i64) -> std::ops::Range<f64> {
    let edge = |number: i64| f64::from_bits((number as u64) << 47);
    match number {
        0.. => edge(number)..edge(number + 1),
        _ => -edge(-number)..-edge(-number - 1),
    }
}
