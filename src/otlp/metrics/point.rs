//! Data points: one series' values at one moment, encoded.

use super::frame::{self, Field};
use super::totals::Totals;
use crate::scrub::ScrubbedTags;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{HistogramDataPoint, NumberDataPoint};
use prost::Message;

/// `data_points` of a gauge, a sum, a histogram.
const POINTS: Field = Field(1);
pub(super) const NUMBER_ATTRIBUTES: Field = Field(7);
pub(super) const HISTOGRAM_ATTRIBUTES: Field = Field(9);

/// The time that a point is about, in nanoseconds since the Unix epoch; a gauge's has no start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interval {
    pub(super) start: u64,
    pub(super) end: u64,
}

/// Encodes points; keeps its buffers, so that a point costs no allocation.
#[derive(Debug, Default)]
pub(super) struct PointWriter {
    histogram: HistogramDataPoint,
}

impl PointWriter {
    /// A float where an integer of OTLP, which has a sign, would be too small.
    pub(super) fn integer(into: &mut Vec<u8>, attributes: &[u8], time: Interval, value: u64) {
        let value = i64::try_from(value).map_or(Value::AsDouble(value as f64), Value::AsInt);
        Self::number(into, attributes, time, value);
    }

    pub(super) fn float(into: &mut Vec<u8>, attributes: &[u8], time: Interval, value: f64) {
        Self::number(into, attributes, time, Value::AsDouble(value));
    }

    fn number(into: &mut Vec<u8>, attributes: &[u8], time: Interval, value: Value) {
        let point = NumberDataPoint {
            start_time_unix_nano: time.start,
            time_unix_nano: time.end,
            value: Some(value),
            ..NumberDataPoint::default()
        };
        put(into, attributes, &point);
    }

    /// `bounds` are one fewer than the counts of `totals`.
    pub(super) fn histogram(
        &mut self,
        into: &mut Vec<u8>,
        attributes: &[u8],
        time: Interval,
        bounds: impl Iterator<Item = f64>,
        totals: &Totals,
        with_sum: bool,
    ) {
        let point = &mut self.histogram;
        point.start_time_unix_nano = time.start;
        point.time_unix_nano = time.end;
        point.count = totals.count();
        // A sum of very large numbers may be infinite, and a difference of two such is no number.
        point.sum = Some(totals.sum).filter(|sum| with_sum && sum.is_finite());
        point.bucket_counts.clone_from(&totals.counts);
        point.explicit_bounds.clear();
        point.explicit_bounds.extend(bounds);
        put(into, attributes, point);
    }
}

fn put(into: &mut Vec<u8>, attributes: &[u8], point: &impl Message) {
    frame::open(into, POINTS, attributes.len() + point.encoded_len());
    into.extend_from_slice(attributes);
    frame::fields(into, point);
}

/// A series' tags as a point's attributes, encoded once and put into every point.
pub(super) fn attributes(tags: &ScrubbedTags, field: Field) -> Box<[u8]> {
    let mut encoded = Vec::new();
    for (key, value) in tags.iter() {
        frame::message(&mut encoded, field, &attribute(key, value));
    }
    encoded.into_boxed_slice()
}

pub(super) fn attribute(key: &str, value: &str) -> KeyValue {
    let value = any_value::Value::StringValue(value.to_owned());
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}
