//! A source of readings that a test lays down.

use crate::metrics::Unit;
use crate::metrics::reading::{
    Description, Family, GaugeReading, HistogramReading, Kind, Reading, Recent, Series, Source,
    Timestamped,
};
use crate::scrub;
use crate::status::Drops;
use crate::tag::{RawTag, TagRef};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Default)]
pub(super) struct Laid {
    series: Mutex<Vec<(Arc<Series>, Reading)>>,
    pub(super) panics: AtomicBool,
}

impl Laid {
    pub(super) fn family(name: &str, kind: Kind) -> Arc<Family> {
        Self::described(name, kind, None, None)
    }

    pub(super) fn described(
        name: &str,
        kind: Kind,
        unit: Option<Unit>,
        help: Option<&str>,
    ) -> Arc<Family> {
        let help = help.map(Arc::from);
        Arc::new(Family::new(name, kind, Description { unit, help }))
    }

    /// A new series; returns its index.
    pub(super) fn add(
        &self,
        family: &Arc<Family>,
        tags: &[(&str, &str)],
        reading: Reading,
    ) -> usize {
        let mut series = self.series.lock().unwrap();
        let raw = tags.iter();
        let raw = raw.map(|(key, value)| RawTag { key, value: TagRef::text(value), literal: true });
        let tags = scrub::tags(raw, &scrub::Policy::shared_default(), &Drops::new());
        let index = series.len();
        series.push((Arc::new(Series { index, family: Arc::clone(family), tags }), reading));
        index
    }

    pub(super) fn set(&self, index: usize, reading: Reading) {
        self.series.lock().unwrap()[index].1 = reading;
    }
}

impl Source for Laid {
    fn collect(&self, recent: Recent, visit: &mut dyn FnMut(&Arc<Series>, Reading)) {
        assert_eq!(recent, Recent::Leave, "what is recent belongs to DogStatsD");
        let series = self.series.lock().unwrap().clone();
        series.into_iter().for_each(|(series, reading)| visit(&series, reading));
        assert!(!self.panics.load(Ordering::Relaxed), "as the test wants it");
    }

    fn take_timestamped(&self) -> Vec<Timestamped> {
        unreachable!("timestamped values belong to DogStatsD")
    }
}

pub(super) fn gauge(value: f64) -> Reading {
    Reading::Gauge(GaugeReading { value, version: 1 })
}

pub(super) fn histogram(count: u64, sum: f64, cumulative: &[(f64, u64)]) -> Reading {
    let cumulative = cumulative.to_vec();
    Reading::Histogram(HistogramReading { count, sum, cumulative, ..Default::default() })
}
