//! Requests made by hand, for tests of what takes them.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, InstrumentationScope, KeyValue, any_value::Value,
};
use opentelemetry_proto::tonic::metrics::v1::{
    Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
    metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span};
use std::time::{SystemTime, UNIX_EPOCH};

const MICROSECOND: u64 = 1_000;

/// A trace of a service: `POST /berths` with a `check` and a failed `insert` below it, which has an
/// event. Its start is now, since stores look for what is recent.
pub fn trace_request(service: &str, trace_id: [u8; 16]) -> ExportTraceServiceRequest {
    let start = now();
    let span = |number: u8, parent: u8, name: &str| Span {
        trace_id: trace_id.to_vec(),
        span_id: vec![number; 8],
        parent_span_id: if parent == 0 { Vec::new() } else { vec![parent; 8] },
        name: name.to_owned(),
        kind: span::SpanKind::Internal as i32,
        start_time_unix_nano: start + u64::from(number) * MICROSECOND,
        end_time_unix_nano: start + (100 - u64::from(number)) * MICROSECOND,
        // Sampled.
        flags: 1,
        ..Span::default()
    };
    let root = Span {
        kind: span::SpanKind::Server as i32,
        attributes: vec![
            attribute("pier", Value::StringValue("nördlich \"2\"".to_owned())),
            attribute("length", Value::IntValue(-9_007_199_254_740_993)),
            attribute("depth", Value::DoubleValue(2.5)),
            attribute("free", Value::BoolValue(true)),
        ],
        ..span(1, 0, "POST /berths")
    };
    let insert = Span {
        events: vec![span::Event {
            time_unix_nano: start + 5 * MICROSECOND,
            name: "retry".to_owned(),
            attributes: vec![attribute("attempt", Value::IntValue(2))],
            ..span::Event::default()
        }],
        status: Some(Status { code: 2, message: "the disk is full".to_owned() }),
        ..span(3, 1, "insert")
    };
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource(service)),
            scope_spans: vec![ScopeSpans {
                scope: Some(scope()),
                spans: vec![insert, span(2, 1, "check"), root],
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
}

/// A monotonic delta sum `berths` of 3 and a cumulative histogram `wait` of 1, 2 and 20 s.
pub fn metrics_request(service: &str) -> ExportMetricsServiceRequest {
    let time = now();
    let start = time - 1_000 * MICROSECOND;
    let attributes = vec![attribute("pier", Value::StringValue("north".to_owned()))];
    let sum = Sum {
        data_points: vec![NumberDataPoint {
            attributes: attributes.clone(),
            start_time_unix_nano: start,
            time_unix_nano: time,
            value: Some(number_data_point::Value::AsInt(3)),
            ..NumberDataPoint::default()
        }],
        aggregation_temporality: 1,
        is_monotonic: true,
    };
    let histogram = Histogram {
        data_points: vec![HistogramDataPoint {
            attributes,
            start_time_unix_nano: start,
            time_unix_nano: time,
            count: 3,
            sum: Some(23.0),
            bucket_counts: vec![2, 0, 1],
            explicit_bounds: vec![2.5, 10.0],
            min: Some(1.0),
            max: Some(20.0),
            ..HistogramDataPoint::default()
        }],
        aggregation_temporality: 2,
    };
    let metric = |name: &str, unit: &str, data| Metric {
        name: name.to_owned(),
        unit: unit.to_owned(),
        data: Some(data),
        ..Metric::default()
    };
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(resource(service)),
            scope_metrics: vec![ScopeMetrics {
                scope: Some(scope()),
                metrics: vec![
                    metric("berths", "{berth}", metric::Data::Sum(sum)),
                    metric("wait", "s", metric::Data::Histogram(histogram)),
                ],
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    }
}

fn resource(service: &str) -> Resource {
    let name = attribute("service.name", Value::StringValue(service.to_owned()));
    Resource { attributes: vec![name], ..Resource::default() }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope { name: "by hand".to_owned(), ..InstrumentationScope::default() }
}

fn attribute(key: &str, value: Value) -> KeyValue {
    let value = Some(AnyValue { value: Some(value) });
    KeyValue { key: key.to_owned(), value, ..KeyValue::default() }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    u64::try_from(since.as_nanos()).expect("a clock before 2554")
}
