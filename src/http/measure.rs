//! The metrics of requests, in and out.

use crate::metrics::{
    self, DynamicSite, Gauge, GaugeCell, Histogram, HistogramCell, Kind, TimerHandle, Unit,
};
use crate::tag::{RawTag, TagValue};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The metrics of one side.
#[derive(Debug)]
pub(super) struct Names {
    duration: &'static str,
    duration_site: DynamicSite,
    sizes: [&'static str; 2],
    size_sites: [DynamicSite; 2],
}

pub(super) static SERVER: Names = Names::new(
    "http.server.request.duration",
    ["http.server.request.body.size", "http.server.response.body.size"],
);
pub(super) static CLIENT: Names = Names::new(
    "http.client.request.duration",
    ["http.client.request.body.size", "http.client.response.body.size"],
);
const ACTIVE: &str = "http.server.active_requests";
static ACTIVE_SITE: DynamicSite = DynamicSite::new(Kind::Gauge);

impl Names {
    const fn new(duration: &'static str, sizes: [&'static str; 2]) -> Self {
        let sizes_sites = [DynamicSite::new(Kind::Histogram), DynamicSite::new(Kind::Histogram)];
        Names {
            duration,
            duration_site: DynamicSite::new(Kind::Timer),
            sizes,
            size_sites: sizes_sites,
        }
    }

    /// The series of one request: of its duration, and of the sizes of its bodies.
    pub(super) fn of(&'static self, tags: &Tags<'_>) -> (TimerHandle, [Histogram; 2]) {
        let ([request, response], [read, written]) = (&self.size_sites, self.sizes);
        let sites = [(&self.duration_site, self.duration), (request, read), (response, written)];
        let [duration, read, written] =
            DynamicSite::several::<HistogramCell, 3>(sites, tags.list());
        (TimerHandle(duration), [Histogram(read), Histogram(written)])
    }
}

/// The requests that are being answered.
pub(super) fn active(tags: &Tags<'_>) -> Gauge {
    Gauge(ACTIVE_SITE.by_all::<GaugeCell>(ACTIVE, tags.list()))
}

/// The most tags that a request has.
const MAX_TAGS: usize = 8;

/// The tags of one request, which allocate nothing.
#[derive(Debug)]
pub(super) struct Tags<'a> {
    list: [RawTag<'a>; MAX_TAGS],
    len: usize,
}

impl<'a> Tags<'a> {
    pub(super) fn new() -> Self {
        Tags { list: [RawTag::new("", "", true); MAX_TAGS], len: 0 }
    }

    /// A tag of which the program or HTTP has only so many values.
    pub(super) fn bounded<V: TagValue + ?Sized>(&mut self, key: &'static str, value: &'a V) {
        self.add(RawTag::new(key, value, true));
    }

    /// One whose values are to be counted.
    pub(super) fn number(&mut self, key: &'static str, value: &'a u16) {
        self.add(RawTag::new(key, value, false));
    }

    /// The same, of a text.
    pub(super) fn counted(&mut self, key: &'static str, value: &'a str) {
        self.add(RawTag::new(key, value, false));
    }

    fn add(&mut self, tag: RawTag<'a>) {
        if let Some(place) = self.list.get_mut(self.len) {
            *place = tag;
            self.len += 1;
        }
    }

    fn list(&self) -> &[RawTag<'a>] {
        &self.list[..self.len]
    }
}

/// Describes the metrics to whatever is installed, before its first series: a histogram of bytes has
/// other buckets.
#[derive(Debug, Clone)]
pub(super) struct Described(Arc<AtomicU32>);

impl Described {
    pub(super) fn not_yet() -> Self {
        Described(Arc::new(AtomicU32::new(u32::MAX)))
    }

    pub(super) fn now(&self) {
        let Some(installed) = metrics::current::generation() else { return };
        if self.0.load(Ordering::Relaxed) != installed {
            describe();
            self.0.store(installed, Ordering::Relaxed);
        }
    }
}

#[cold]
fn describe() {
    metrics::describe(ACTIVE, None, "Requests that are being answered.");
    for (names, side) in [(&SERVER, "that came"), (&CLIENT, "that were made")] {
        let help = format!("How long requests {side} took.");
        metrics::describe(names.duration, None, &help);
        for (name, what) in names.sizes.into_iter().zip(["requests", "responses to requests"]) {
            let help = format!("Sizes of the bodies of {what} {side}.");
            metrics::describe(name, Some(Unit::Bytes), &help);
        }
    }
}
