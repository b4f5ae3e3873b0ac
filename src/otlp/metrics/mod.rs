//! OTLP metrics: what a [`Source`] holds, encoded from readings, without OpenTelemetry's own
//! meters, which can't be fed with sums and buckets.
//!
//! | metric | in OTLP |
//! |---|---|
//! | counter, dollars | monotonic sum |
//! | gauge, set (its distinct values) | gauge |
//! | histogram, distribution, timer (`s`) | histogram with the user's bounds |
//!
//! Names are as given, tags are attributes. A series' attributes are encoded when it is first seen;
//! a collect encodes points one by one and puts requests together from them.

mod clock;
mod cursor;
mod frame;
mod metric;
mod packer;
mod point;
mod totals;
mod unit;

#[cfg(test)]
mod tests;

use super::request::{Outcome, Periodic, Request};
use crate::config::settings::{OtlpMetricsSettings, Temporality};
use crate::metrics::reading::{Family, Kind, Reading, Recent, Series, Source, dollars};
use crate::resource::Resource;
use crate::status::{DropReason, Pipeline};
use clock::Clock;
use cursor::Cursor;
use metric::{Metric, Shape};
use packer::{MAX_REQUEST, Offer, Packer};
use point::{Interval, PointWriter};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use totals::Totals;

/// Encodes one source's series, and knows which deltas were taken in.
///
/// Cumulative totals make up for whatever was lost on the way; deltas stay until their request was
/// taken in, refused, or sent without an answer. The last is counted as unknown here, a refusal by
/// the transport.
pub(super) struct MetricsReader {
    source: Arc<dyn Source>,
    pipeline: Arc<Pipeline>,
    temporality: Temporality,
    packer: Packer,
    metrics: Vec<Metric>,
    by_name: HashMap<(Box<str>, Kind), usize>,
    /// By the series' index.
    tracks: Vec<Option<Track>>,
    points: PointWriter,
    now: Totals,
    delta: Totals,
    started: u64,
    clock: Clock,
    /// The requests of the last collect, until they are settled.
    offers: Vec<Offer>,
}

/// What is known of a series from one collect to the next.
#[derive(Debug)]
struct Track {
    metric: usize,
    attributes: Box<[u8]>,
    cursor: Cursor,
}

/// A collect's times: its own and that of the one before.
#[derive(Debug, Clone, Copy)]
struct Times {
    before: u64,
    now: u64,
}

impl MetricsReader {
    /// To be made along with the source, whose totals begin with this reader's time.
    pub(super) fn new(
        settings: &OtlpMetricsSettings,
        source: Arc<dyn Source>,
        resource: &Resource,
        pipeline: Arc<Pipeline>,
    ) -> Self {
        let clock = Clock::new();
        MetricsReader {
            temporality: settings.temporality,
            packer: Packer::new(settings, resource, MAX_REQUEST),
            metrics: Vec::new(),
            by_name: HashMap::new(),
            tracks: Vec::new(),
            points: PointWriter::default(),
            now: Totals::default(),
            delta: Totals::default(),
            started: clock.latest,
            offers: Vec::new(),
            source,
            pipeline,
            clock,
        }
    }

    fn take(&mut self, series: &Series, reading: &Reading, times: Times) {
        if series.family.scrape_only {
            return;
        }
        self.track(series, times.before);
        let Some(Some(track)) = self.tracks.get_mut(series.index) else { return };
        let Some(metric) = self.metrics.get_mut(track.metric) else { return };
        match (metric.shape, reading) {
            (Shape::Gauge, Reading::Gauge(_) | Reading::Set(_)) => {
                return write_gauge(metric, track, reading, times.now);
            }
            (Shape::Sum, Reading::Counter(total) | Reading::Cost(total)) => {
                self.now.set_counter(*total)
            }
            (Shape::Histogram, Reading::Histogram(reading)) => self.now.set_histogram(reading),
            // No reading of such a family.
            _ => return,
        }
        let is_delta = self.temporality == Temporality::Delta;
        if is_delta && !track.cursor.offer(&self.now, &mut self.delta) {
            return;
        }
        let (totals, start) = match self.temporality {
            Temporality::Cumulative => (&self.now, self.started),
            Temporality::Delta => (&self.delta, track.cursor.since),
        };
        let (into, attributes) = (&mut metric.encoded, &*track.attributes);
        let time = Interval { start, end: times.now };
        match reading {
            Reading::Histogram(reading) => {
                let bounds = reading.cumulative.iter().map(|(bound, _)| *bound);
                let with_sum = !totals::may_fall(reading);
                self.points.histogram(into, attributes, time, bounds, totals, with_sum);
            }
            Reading::Cost(_) => {
                PointWriter::float(into, attributes, time, dollars(totals.count()));
            }
            _ => PointWriter::integer(into, attributes, time, totals.count()),
        }
        metric.note_point(is_delta.then_some(series.index));
    }

    /// Makes sure that there is a track; whatever a new series has came after the collect before.
    fn track(&mut self, series: &Series, before: u64) {
        if self.tracks.len() <= series.index {
            self.tracks.resize_with(series.index + 1, || None);
        }
        if self.tracks[series.index].is_none() {
            let metric = self.metric(&series.family);
            let shape = Shape::of(series.family.kind);
            let attributes = point::attributes(&series.tags, shape.attributes());
            let track = Track { metric, attributes, cursor: Cursor::new(before) };
            self.tracks[series.index] = Some(track);
        }
    }

    fn metric(&mut self, family: &Arc<Family>) -> usize {
        *self.by_name.entry((family.name.clone(), family.kind)).or_insert_with(|| {
            self.metrics.push(Metric::new(Arc::clone(family)));
            self.metrics.len() - 1
        })
    }

    fn settle_one(&mut self, offer: Offer, outcome: Outcome) {
        match outcome {
            Outcome::NotTaken => return,
            Outcome::Unknown => self.pipeline.dropped(DropReason::Unknown, offer.items),
            Outcome::Accepted | Outcome::Refused => {}
        }
        for series in offer.series {
            if let Some(Some(track)) = self.tracks.get_mut(series) {
                track.cursor.advance(self.clock.latest);
            }
        }
    }
}

/// Gauges have no cursor: a later value stands for the earlier ones.
fn write_gauge(metric: &mut Metric, track: &Track, reading: &Reading, now: u64) {
    let (into, attributes) = (&mut metric.encoded, &*track.attributes);
    let time = Interval { start: 0, end: now };
    match reading {
        Reading::Gauge(gauge) if gauge.version != 0 && gauge.value.is_finite() => {
            PointWriter::float(into, attributes, time, gauge.value);
        }
        Reading::Set(set) => PointWriter::integer(into, attributes, time, set.distinct),
        // Never set.
        _ => return,
    }
    metric.note_point(None);
}

impl Periodic for MetricsReader {
    fn collect(&mut self) -> Vec<Request> {
        // What nobody told us about may have been sent.
        self.settle(&[]);
        // Here and not at the end, for a source that panics gets no further.
        self.metrics.iter_mut().for_each(Metric::clear);
        let times = Times { before: self.clock.latest, now: self.clock.tick() };
        let source = Arc::clone(&self.source);
        source.collect(Recent::Leave, &mut |series, reading| self.take(series, &reading, times));
        let (requests, offers) = self.packer.pack(&self.metrics).into_iter().unzip();
        self.offers = offers;
        requests
    }

    fn settle(&mut self, outcomes: &[Outcome]) {
        let outcomes = outcomes.iter().copied().chain(std::iter::repeat(Outcome::Unknown));
        for (offer, outcome) in std::mem::take(&mut self.offers).into_iter().zip(outcomes) {
            self.settle_one(offer, outcome);
        }
    }
}

impl fmt::Debug for MetricsReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsReader")
            .field("temporality", &self.temporality)
            .field("series", &self.tracks.len())
            .finish_non_exhaustive()
    }
}
