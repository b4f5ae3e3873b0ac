//! Requests back to points; whatever must be true of every one is asserted on the way.

use crate::otlp::request::{Request, Signal};
use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{HistogramDataPoint, Metric, NumberDataPoint};
use prost::Message;
use std::collections::{BTreeMap, HashSet};
use std::io::Read;

pub(super) type Tags = BTreeMap<String, String>;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) description: String,
    pub(super) tags: Tags,
    pub(super) start: u64,
    pub(super) end: u64,
    /// 0 for a gauge, 1 for deltas, 2 for what is cumulative.
    pub(super) temporality: i32,
    pub(super) value: Decoded,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Decoded {
    Gauge(Value),
    Sum(Value),
    Histogram { sum: Option<f64>, bounds: Vec<f64>, counts: Vec<u64> },
}

impl Point {
    /// The name with the tags, to tell points apart.
    pub(super) fn series(&self) -> (String, Tags) {
        (self.name.clone(), self.tags.clone())
    }

    /// A counter's value, or a histogram's counts.
    pub(super) fn counts(&self) -> Vec<u64> {
        match &self.value {
            Decoded::Sum(Value::AsInt(value)) => vec![u64::try_from(*value).unwrap()],
            Decoded::Histogram { counts, .. } => counts.clone(),
            other => panic!("{other:?} has no counts"),
        }
    }

    pub(super) fn sum(&self) -> Option<f64> {
        match self.value {
            Decoded::Histogram { sum, .. } => sum,
            _ => None,
        }
    }
}

/// The requests of one collect.
pub(super) fn decode(requests: &[Request]) -> Vec<Point> {
    let points: Vec<Point> = requests.iter().flat_map(decode_one).collect();
    let distinct: HashSet<_> = points.iter().map(Point::series).collect();
    assert_eq!(distinct.len(), points.len(), "a series has one point");
    points
}

pub(super) fn body(request: &Request) -> Vec<u8> {
    if !request.gzipped {
        return request.body.to_vec();
    }
    let mut body = Vec::new();
    GzDecoder::new(&request.body[..]).read_to_end(&mut body).unwrap();
    body
}

pub(super) fn decode_one(request: &Request) -> Vec<Point> {
    assert_eq!(request.signal, Signal::Metrics);
    let message = ExportMetricsServiceRequest::decode(&body(request)[..]).unwrap();
    let [resource_metrics] = message.resource_metrics.as_slice() else { panic!("one resource") };
    let resource = pairs(&resource_metrics.resource.as_ref().unwrap().attributes);
    assert_eq!(resource["service.name"], "upload");
    assert_eq!(resource["deployment.environment.name"], "production");
    assert_eq!(resource["deployment.environment"], "production");
    assert_eq!(resource["telemetry.sdk.language"], "rust");
    assert_eq!(resource["team"], "storage");
    let [scope_metrics] = resource_metrics.scope_metrics.as_slice() else { panic!("one scope") };
    let scope = scope_metrics.scope.as_ref().unwrap();
    assert_eq!((&*scope.name, &*scope.version), ("lightship", env!("CARGO_PKG_VERSION")));
    let metrics = &scope_metrics.metrics;
    let names: HashSet<_> = metrics.iter().map(|metric| &metric.name).collect();
    assert_eq!(names.len(), metrics.len(), "a metric stands in a request once");
    let points: Vec<Point> = metrics.iter().flat_map(points_of).collect();
    assert_eq!(points.len() as u64, request.items);
    assert!(!points.is_empty(), "no request is made for nothing");
    points
}

fn points_of(metric: &Metric) -> Vec<Point> {
    let point = |tags: &[KeyValue], start: u64, end: u64, temporality: i32, value: Decoded| {
        assert!(end > start, "{} ends before it starts", metric.name);
        Point {
            name: metric.name.clone(),
            unit: metric.unit.clone(),
            description: metric.description.clone(),
            tags: pairs(tags),
            start,
            end,
            temporality,
            value,
        }
    };
    let number = |data: &NumberDataPoint, temporality, of: fn(Value) -> Decoded| {
        let value = of(data.value.expect("a value"));
        point(&data.attributes, data.start_time_unix_nano, data.time_unix_nano, temporality, value)
    };
    match metric.data.as_ref().expect("data") {
        Data::Gauge(gauge) => {
            gauge.data_points.iter().map(|data| number(data, 0, Decoded::Gauge)).collect()
        }
        Data::Sum(sum) => {
            assert!(sum.is_monotonic);
            let temporality = sum.aggregation_temporality;
            sum.data_points.iter().map(|data| number(data, temporality, Decoded::Sum)).collect()
        }
        Data::Histogram(histogram) => {
            let temporality = histogram.aggregation_temporality;
            let points = histogram.data_points.iter().map(|data| {
                let (start, end) = (data.start_time_unix_nano, data.time_unix_nano);
                point(&data.attributes, start, end, temporality, checked(data))
            });
            points.collect()
        }
        other => panic!("{other:?} is none of ours"),
    }
}

fn checked(data: &HistogramDataPoint) -> Decoded {
    let (bounds, counts) = (data.explicit_bounds.clone(), data.bucket_counts.clone());
    assert_eq!(counts.len(), bounds.len() + 1);
    assert_eq!(counts.iter().sum::<u64>(), data.count, "counts add up: {counts:?}");
    assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]), "{bounds:?} rise");
    assert!(data.count > 0 || data.sum.is_none_or(|sum| sum == 0.0), "a sum of nothing");
    Decoded::Histogram { sum: data.sum, bounds, counts }
}

fn pairs(attributes: &[KeyValue]) -> Tags {
    let tags: Tags = attributes
        .iter()
        .map(|attribute| match attribute.value.as_ref().and_then(|value| value.value.clone()) {
            Some(any_value::Value::StringValue(text)) => (attribute.key.clone(), text),
            other => panic!("{}: {other:?} is no text", attribute.key),
        })
        .collect();
    assert_eq!(tags.len(), attributes.len(), "a key stands once");
    tags
}
