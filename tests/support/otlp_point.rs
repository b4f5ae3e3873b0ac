//! Data points as tests want to see them: flat, each with its metric.

use super::Value;
use super::value::{attributes, find};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, HistogramDataPoint, Metric, NumberDataPoint, metric,
    number_data_point::Value as Number,
};

/// A data point with what surrounds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The metric's.
    pub name: String,
    pub description: String,
    pub unit: String,
    /// `sum`, `gauge`, `histogram`, or `other` for a kind that is not read here.
    pub kind: String,
    pub monotonic: bool,
    /// `delta`, `cumulative` or `unspecified`, which a gauge has.
    pub temporality: String,
    /// Nanoseconds since 1970; 0 if there is none.
    pub start: u64,
    /// Nanoseconds since 1970.
    pub time: u64,
    pub attributes: Vec<(String, Value)>,
    pub reading: Reading,
    pub resource: Vec<(String, Value)>,
    pub scope: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    Int(i64),
    Float(f64),
    Histogram(Histogram),
    Nothing,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    pub count: u64,
    pub sum: Option<f64>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub bounds: Vec<f64>,
    /// One more than there are bounds.
    pub counts: Vec<u64>,
}

impl Point {
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        find(&self.attributes, key)
    }

    pub fn resource(&self, key: &str) -> Option<&Value> {
        find(&self.resource, key)
    }

    /// The value of a sum or a gauge.
    pub fn number(&self) -> Option<f64> {
        match self.reading {
            Reading::Int(number) => Some(number as f64),
            Reading::Float(number) => Some(number),
            Reading::Histogram(_) | Reading::Nothing => None,
        }
    }

    pub fn histogram(&self) -> Option<&Histogram> {
        if let Reading::Histogram(histogram) = &self.reading { Some(histogram) } else { None }
    }

    pub(super) fn flatten(request: &ExportMetricsServiceRequest) -> Vec<Point> {
        let mut points = Vec::new();
        for part in &request.resource_metrics {
            let resource = part.resource.as_ref().map(|it| attributes(&it.attributes));
            let resource = resource.unwrap_or_default();
            for scoped in &part.scope_metrics {
                let scope = scoped.scope.as_ref().map(|it| it.name.clone()).unwrap_or_default();
                for point in scoped.metrics.iter().flat_map(of_metric) {
                    let (resource, scope) = (resource.clone(), scope.clone());
                    points.push(Point { resource, scope, ..point });
                }
            }
        }
        points
    }
}

fn of_metric(metric: &Metric) -> Vec<Point> {
    let with = |kind: &str, temporality: i32, monotonic: bool| Point {
        name: metric.name.clone(),
        description: metric.description.clone(),
        unit: metric.unit.clone(),
        kind: kind.to_owned(),
        monotonic,
        temporality: temporality_name(temporality),
        start: 0,
        time: 0,
        attributes: Vec::new(),
        reading: Reading::Nothing,
        resource: Vec::new(),
        scope: String::new(),
    };
    match &metric.data {
        Some(metric::Data::Sum(sum)) => {
            let point = with("sum", sum.aggregation_temporality, sum.is_monotonic);
            sum.data_points.iter().map(|number| of_number(point.clone(), number)).collect()
        }
        Some(metric::Data::Gauge(gauge)) => {
            let point = with("gauge", 0, false);
            gauge.data_points.iter().map(|number| of_number(point.clone(), number)).collect()
        }
        Some(metric::Data::Histogram(all)) => {
            let point = with("histogram", all.aggregation_temporality, false);
            all.data_points.iter().map(|one| of_histogram(point.clone(), one)).collect()
        }
        _ => vec![with("other", 0, false)],
    }
}

fn of_number(point: Point, number: &NumberDataPoint) -> Point {
    Point {
        start: number.start_time_unix_nano,
        time: number.time_unix_nano,
        attributes: attributes(&number.attributes),
        reading: match number.value {
            Some(Number::AsInt(value)) => Reading::Int(value),
            Some(Number::AsDouble(value)) => Reading::Float(value),
            None => Reading::Nothing,
        },
        ..point
    }
}

fn of_histogram(point: Point, one: &HistogramDataPoint) -> Point {
    Point {
        start: one.start_time_unix_nano,
        time: one.time_unix_nano,
        attributes: attributes(&one.attributes),
        reading: Reading::Histogram(Histogram {
            count: one.count,
            sum: one.sum,
            min: one.min,
            max: one.max,
            bounds: one.explicit_bounds.clone(),
            counts: one.bucket_counts.clone(),
        }),
        ..point
    }
}

fn temporality_name(temporality: i32) -> String {
    let temporality = AggregationTemporality::try_from(temporality).unwrap_or_default();
    let name = temporality.as_str_name();
    name.trim_start_matches("AGGREGATION_TEMPORALITY_").to_ascii_lowercase()
}
