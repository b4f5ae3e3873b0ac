//! One metric: a family's name and what it measures, with the points of this collect.

use super::frame::{self, Field, framed_len};
use super::point::{HISTOGRAM_ATTRIBUTES, NUMBER_ATTRIBUTES};
use super::unit::ucum;
use crate::config::settings::Temporality;
use crate::metrics::reading::{Family, Kind};
use opentelemetry_proto::tonic::metrics::v1::{self as proto, AggregationTemporality};
use std::ops::Range;
use std::sync::Arc;

/// `metrics` of a scope.
const METRICS: Field = Field(2);
/// The longest description, in characters; the page's help texts end there too.
const MAX_DESCRIPTION_CHARS: usize = 1_000;

/// What a metric is in OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Gauge,
    /// Of increments: it never falls.
    Sum,
    Histogram,
}

impl Shape {
    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Counter | Kind::Cost => Shape::Sum,
            Kind::Gauge | Kind::Set => Shape::Gauge,
            Kind::Histogram | Kind::Distribution | Kind::Timer => Shape::Histogram,
        }
    }

    /// Where a metric holds data of this shape.
    fn field(self) -> Field {
        match self {
            Shape::Gauge => Field(5),
            Shape::Sum => Field(7),
            Shape::Histogram => Field(9),
        }
    }

    /// Where its points hold their attributes.
    pub(super) fn attributes(self) -> Field {
        match self {
            Shape::Gauge | Shape::Sum => NUMBER_ATTRIBUTES,
            Shape::Histogram => HISTOGRAM_ATTRIBUTES,
        }
    }
}

#[derive(Debug)]
pub(super) struct Metric {
    family: Arc<Family>,
    pub(super) shape: Shape,
    /// One after the other, each with its frame.
    pub(super) encoded: Vec<u8>,
    points: Vec<Point>,
}

/// Where a point ends, and whose cursor waits for it.
#[derive(Debug, Clone, Copy)]
struct Point {
    end: usize,
    series: Option<usize>,
}

impl Metric {
    pub(super) fn new(family: Arc<Family>) -> Self {
        let shape = Shape::of(family.kind);
        Metric { family, shape, encoded: Vec::new(), points: Vec::new() }
    }

    /// Forgets the points, not their room.
    pub(super) fn clear(&mut self) {
        self.encoded.clear();
        self.points.clear();
    }

    /// Takes note of a point that was just encoded; `series` if its cursor waits for it.
    pub(super) fn note_point(&mut self, series: Option<usize>) {
        self.points.push(Point { end: self.encoded.len(), series });
    }

    pub(super) fn len(&self) -> usize {
        self.points.len()
    }

    /// How many of the points from this one on fit into so many bytes.
    pub(super) fn fitting(&self, from: usize, room: usize) -> usize {
        let room_ends = self.start(from).saturating_add(room);
        self.points.get(from..).unwrap_or_default().partition_point(|point| point.end <= room_ends)
    }

    /// The series of some points whose cursors wait.
    pub(super) fn waiting(&self, points: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        self.points.get(points).unwrap_or_default().iter().filter_map(|point| point.series)
    }

    fn start(&self, point: usize) -> usize {
        let before = point.checked_sub(1).and_then(|before| self.points.get(before));
        before.map_or(0, |point| point.end)
    }

    /// What stands around the points of a metric, in however many requests; as it stands now, for
    /// a description may come late.
    pub(super) fn shell(&self, temporality: Temporality) -> Shell {
        let description = self.family.description();
        let help = description.help.as_deref().unwrap_or_default();
        let (mut head, mut tail) = (Vec::new(), Vec::new());
        let named = proto::Metric {
            name: self.family.name.to_string(),
            description: help.chars().take(MAX_DESCRIPTION_CHARS).collect(),
            unit: description.unit.map(ucum).unwrap_or_default().to_owned(),
            ..proto::Metric::default()
        };
        frame::fields(&mut head, &named);
        let aggregation_temporality = match temporality {
            Temporality::Cumulative => AggregationTemporality::Cumulative,
            Temporality::Delta => AggregationTemporality::Delta,
        } as i32;
        let data_points = Vec::new();
        match self.shape {
            Shape::Gauge => {}
            Shape::Sum => {
                let sum = proto::Sum {
                    aggregation_temporality,
                    is_monotonic: true,
                    ..Default::default()
                };
                frame::fields(&mut tail, &sum);
            }
            Shape::Histogram => {
                let histogram = proto::Histogram { data_points, aggregation_temporality };
                frame::fields(&mut tail, &histogram);
            }
        }
        Shell { head, tail }
    }

    /// Puts the metric down with some of its points.
    pub(super) fn write(&self, into: &mut Vec<u8>, shell: &Shell, points: Range<usize>) {
        let bytes = self.start(points.start)..self.start(points.end);
        let encoded = self.encoded.get(bytes).unwrap_or_default();
        let data = encoded.len() + shell.tail.len();
        frame::open(into, METRICS, shell.head.len() + framed_len(data));
        into.extend_from_slice(&shell.head);
        frame::open(into, self.shape.field(), data);
        into.extend_from_slice(encoded);
        into.extend_from_slice(&shell.tail);
    }
}

/// A metric but for its points.
#[derive(Debug)]
pub(super) struct Shell {
    /// Name, description, unit.
    head: Vec<u8>,
    /// What comes with the points: the temporality.
    tail: Vec<u8>,
}

impl Shell {
    /// How much it adds to the points it stands around, at most.
    pub(super) fn overhead(&self) -> usize {
        const FRAMES: usize = 16;
        self.head.len() + self.tail.len() + FRAMES
    }
}
