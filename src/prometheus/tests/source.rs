//! A source of readings that a test lays down.

use crate::metrics::Unit;
use crate::metrics::reading::{
    Description, Family, GaugeReading, HistogramReading, Kind, Reading, Recent, Series, SetReading,
    Source, Timestamped,
};
use crate::prometheus::{Format, PrometheusPage};
use crate::resource::Resource;
use crate::scrub;
use crate::status::{DropReason, Drops, Notices, Pipeline, Status};
use crate::tag::{RawTag, TagRef};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Default)]
pub(in crate::prometheus) struct Laid {
    series: Mutex<Vec<(Arc<Series>, Reading)>>,
    panics: AtomicBool,
}

impl Laid {
    pub(in crate::prometheus) fn family(name: &str, kind: Kind) -> Arc<Family> {
        Arc::new(Family::new(name, kind, Description::default()))
    }

    pub(in crate::prometheus) fn described(
        name: &str,
        kind: Kind,
        unit: Option<Unit>,
        help: Option<&str>,
    ) -> Arc<Family> {
        let help = help.map(Arc::from);
        Arc::new(Family::new(name, kind, Description { unit, help }))
    }

    /// Adds a series, or sets the value of the one with this index.
    pub(in crate::prometheus) fn add(
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

    pub(in crate::prometheus) fn set(&self, index: usize, reading: Reading) {
        self.series.lock().unwrap()[index].1 = reading;
    }

    pub(in crate::prometheus) fn panic_at_the_end(&self, panics: bool) {
        self.panics.store(panics, Ordering::Relaxed);
    }

    pub(in crate::prometheus) fn counter(&self, name: &str, tags: &[(&str, &str)], total: u64) {
        self.add(&Self::family(name, Kind::Counter), tags, Reading::Counter(total));
    }

    pub(in crate::prometheus) fn gauge(&self, name: &str, tags: &[(&str, &str)], value: f64) {
        self.add(&Self::family(name, Kind::Gauge), tags, gauge(value));
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

pub(in crate::prometheus) fn gauge(value: f64) -> Reading {
    Reading::Gauge(GaugeReading { value, version: 1 })
}

pub(in crate::prometheus) fn set(distinct: u64) -> Reading {
    Reading::Set(SetReading { fresh: Vec::new(), distinct })
}

pub(in crate::prometheus) fn histogram(count: u64, sum: f64, cumulative: &[(f64, u64)]) -> Reading {
    let cumulative = cumulative.to_vec();
    Reading::Histogram(HistogramReading { count, sum, cumulative, ..Default::default() })
}

/// A page over a source, with the pipeline that counts.
pub(in crate::prometheus) struct Bench {
    pub(in crate::prometheus) source: Arc<Laid>,
    pub(in crate::prometheus) pipeline: Arc<Pipeline>,
    pub(in crate::prometheus) page: PrometheusPage,
    /// What the status tells besides the pipeline.
    pub(in crate::prometheus) told: Arc<Mutex<Status>>,
}

impl Bench {
    pub(in crate::prometheus) fn new() -> Self {
        Self::of(&Resource { service: "upload-service".into(), ..Resource::default() })
    }

    pub(in crate::prometheus) fn of(resource: &Resource) -> Self {
        let source = Arc::new(Laid::default());
        let pipeline = Pipeline::new("prometheus", Notices::new(|_| {}));
        let told = Arc::new(Mutex::new(Status::new(resource.service.clone(), Vec::new())));
        let (to_tell, asked) = (Arc::clone(&told), Arc::clone(&pipeline));
        let status =
            move || Status { pipelines: vec![asked.status()], ..to_tell.lock().unwrap().clone() };
        let dyn_source: Arc<dyn Source> = Arc::clone(&source) as _;
        let page = PrometheusPage::new(dyn_source, resource, Arc::clone(&pipeline), status);
        Bench { source, pipeline, page, told }
    }

    /// The part of the page that is the host's.
    pub(in crate::prometheus) fn host_part(&self, format: Format) -> String {
        let page = self.page.render(format);
        let own = page
            .find("# HELP target_info The service")
            .or_else(|| page.find("# TYPE target info\n"))
            .expect("every page has target_info");
        page[..own].to_owned()
    }

    pub(in crate::prometheus) fn dropped(&self, reason: DropReason) -> u64 {
        self.pipeline.drops().get(reason)
    }
}
