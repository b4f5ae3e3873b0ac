//! What a collector decodes.

use super::super::clean::weight;
use super::*;
use crate::otlp::traces::exporter::Fate;
use opentelemetry::trace::{Event, Link, SpanKind, Status, TraceContextExt};
use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_proto::tonic::common::v1::any_value::Value as ProtoValue;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use std::time::UNIX_EPOCH;

#[test]
fn a_span_arrives_whole_under_our_resource() {
    for gzip in [false, true] {
        let bed = Bed::encoding(&settings(64, 16), gzip, Sampler::AlwaysOn);
        let tracer = bed.traces.tracer();
        let remote = SpanContext::new(
            0xabc_u128.into(),
            0xdef_u64.into(),
            TraceFlags::SAMPLED,
            true,
            "vendor=1".parse().unwrap(),
        );
        let parent = Context::new().with_remote_span_context(remote.clone());
        let builder = tracer.span_builder("GET /users").with_kind(SpanKind::Server);
        let builder = builder
            .with_start_time(UNIX_EPOCH + Duration::from_secs(5))
            .with_links(vec![Link::new(remote, vec![KeyValue::new("why", "retry")], 0)]);
        let mut span = builder.start_with_context(&tracer, &parent);
        span.set_attribute(KeyValue::new("http.route", "/users"));
        span.set_attribute(KeyValue::new("list", Value::Array(vec![1_i64, 2].into())));
        let at = UNIX_EPOCH + Duration::from_secs(6);
        span.add_event_with_timestamp("slow", at, vec![KeyValue::new("share", 0.5)]);
        span.set_status(Status::error("it broke"));
        let context = span.span_context().clone();
        span.end_with_timestamp(UNIX_EPOCH + Duration::from_secs(7));
        assert!(bed.traces.shutdown(PATIENCE));

        let [request] = &bed.tray.requests()[..] else { panic!("not one request") };
        assert_eq!((request.gzipped, request.items), (gzip, 1));
        let body = decode(request);
        let resource = body.resource_spans[0].resource.as_ref().unwrap();
        let said = |key: &str| {
            let found = resource.attributes.iter().find(|one| one.key == key).unwrap();
            found.value.as_ref().unwrap().value.clone().unwrap()
        };
        for (key, value) in [
            ("service.name", "upload"),
            ("service.version", "1.4.2"),
            ("deployment.environment.name", "production"),
            ("deployment.environment", "production"),
            ("team", "storage"),
            ("telemetry.sdk.language", "rust"),
        ] {
            assert_eq!(said(key), ProtoValue::StringValue(value.into()));
        }
        let scope = &body.resource_spans[0].scope_spans[0];
        let said = scope.scope.as_ref().unwrap();
        assert_eq!((&*said.name, &*said.version), ("lightship", env!("CARGO_PKG_VERSION")));
        assert_whole(&scope.spans[0], &context);
    }
}

fn assert_whole(span: &ProtoSpan, context: &SpanContext) {
    assert_eq!(span.trace_id, context.trace_id().to_bytes());
    assert_eq!(span.trace_id[14..], [0x0a, 0xbc]);
    assert_eq!(span.span_id, context.span_id().to_bytes());
    assert_eq!(span.parent_span_id, 0xdef_u64.to_be_bytes());
    assert_eq!((&*span.name, span.kind, &*span.trace_state), ("GET /users", 2, "vendor=1"));
    let seconds = |nanos: u64| nanos / 1_000_000_000;
    assert_eq!((seconds(span.start_time_unix_nano), seconds(span.end_time_unix_nano)), (5, 7));
    assert_eq!(span.attributes.len(), 2);
    let status = span.status.as_ref().unwrap();
    assert_eq!((status.code(), &*status.message), (StatusCode::Error, "it broke"));
    let event = &span.events[0];
    assert_eq!((&*event.name, seconds(event.time_unix_nano)), ("slow", 6));
    let share = event.attributes[0].value.as_ref().unwrap().value.clone().unwrap();
    assert_eq!(share, ProtoValue::DoubleValue(0.5));
    let link = &span.links[0];
    assert_eq!((&link.span_id[..], &*link.attributes[0].key), (&span.parent_span_id[..], "why"));
}

#[test]
fn the_sdk_keeps_our_limits() {
    let mut settings = settings(64, 16);
    settings.limits = SpanLimits { attributes: 2, events: 1, links: 1, ..LIMITS };
    settings.limits.attributes_per_event = 1;
    let Bed { traces, tray, .. } = Bed::encoding(&settings, true, Sampler::AlwaysOn);
    let mut span = traces.tracer().start("a");
    for n in 0..5_i64 {
        span.set_attribute(KeyValue::new(format!("key{n}"), n));
        let attributes = vec![KeyValue::new("a", n), KeyValue::new("b", n)];
        span.add_event("event", attributes);
        span.add_link(SpanContext::NONE, Vec::new());
    }
    span.end();
    traces.shutdown(PATIENCE);
    let span = &tray.spans()[0];
    assert_eq!((span.attributes.len(), span.dropped_attributes_count), (2, 3));
    assert_eq!((span.events.len(), span.dropped_events_count), (1, 4));
    assert_eq!((span.links.len(), span.dropped_links_count), (1, 4));
    assert_eq!(span.events[0].attributes.len(), 1);
}

/// As large and odd as spans get.
fn odd_span(n: usize) -> SpanData {
    let mut span = span_data("odd");
    let text = "é".repeat(n * 7 % 400);
    span.span_context = SpanContext::new(
        u128::MAX.into(),
        u64::MAX.into(),
        TraceFlags::SAMPLED,
        true,
        TraceState::from_key_value([("a", "b".repeat(n % 200)), ("vendor", "1".into())]).unwrap(),
    );
    span.status = Status::error(text.clone());
    for at in 0..n % 9 {
        let key = format!("key{at}");
        span.attributes.push(KeyValue::new(key.clone(), text.clone()));
        let texts = vec![StringValue::from("é".repeat(n % 3)); at * 30];
        span.attributes.push(KeyValue::new(key + "s", Value::Array(Array::String(texts))));
        span.attributes.push(KeyValue::new("i", Value::Array(Array::I64(vec![i64::MIN; at * 30]))));
        span.attributes.push(KeyValue::new("f", Value::Array(Array::F64(vec![0.1; at * 30]))));
        span.attributes.push(KeyValue::new("b", Value::Array(Array::Bool(vec![true; at * 30]))));
        span.attributes.push(KeyValue::new("", i64::MIN));
        span.attributes.push(KeyValue::new("x", f64::MAX));
        let mut event = Event::new(text.clone(), span.end_time, span.attributes.clone(), u32::MAX);
        event.attributes.truncate(at);
        span.events.events.push(event);
        let link = Link::new(span.span_context.clone(), vec![KeyValue::new("k", true)], u32::MAX);
        span.links.links.push(link);
    }
    span.dropped_attributes_count = u32::MAX;
    span.events.dropped_count = u32::MAX;
    span.links.dropped_count = u32::MAX;
    span
}

#[test]
fn a_weight_is_never_less_than_what_a_span_takes() {
    let (exporter, outbox) = client::encoder(&SdkResource::builder_empty().build(), false).unwrap();
    let one_list = |list: Array| {
        let mut span = span_data("");
        span.attributes = vec![KeyValue::new("", Value::Array(list))];
        span
    };
    let mut spans: Vec<_> = (0..500).map(odd_span).collect();
    spans.push(span_data(""));
    spans.push(one_list(vec![i64::MIN; 1_000].into()));
    spans.push(one_list(vec![f64::MAX; 1_000].into()));
    spans.push(one_list(vec![true; 1_000].into()));
    spans.push(one_list(vec![StringValue::from("a".repeat(3_000)); 10].into()));
    for (n, span) in spans.into_iter().enumerate() {
        let weight = weight(&span);
        client::poll_once(exporter.export(vec![span]));
        let encoded = outbox.take().unwrap().unwrap().bytes.len();
        assert!(encoded <= weight, "{n}: {encoded} > {weight}");
        assert!(weight <= encoded * 5 + 1_000, "{n}: {weight} is far from {encoded}");
    }
}

#[test]
fn large_batches_become_several_bodies() {
    let (max_body, pipeline) = (200_000, pipeline());
    let exporter = guarded(&pipeline, Fault::None, max_body);
    let queue_of_spans = |count: usize| {
        (0..count).map(|n| {
            let mut span = odd_span(n);
            span.name = format!("span{n}").into();
            span
        })
    };
    let thread = std::thread::spawn(move || {
        quiet::this_thread();
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        let mut requests = Vec::new();
        exporter.export(queue_of_spans(200).collect(), &mut |fate| match fate {
            Fate::Encoded(request) => requests.push(request),
            Fate::Lost(items) => panic!("lost {items}"),
        });
        requests
    });
    let requests = thread.join().unwrap();
    assert!((5..150).contains(&requests.len()), "{}", requests.len());
    let mut names = Vec::new();
    for request in &requests {
        let spans = spans(request);
        assert_eq!(request.items, spans.len() as u64);
        assert!(request.body.len() <= max_body || spans.len() == 1, "{}", request.body.len());
        names.extend(spans.into_iter().map(|span| span.name));
    }
    assert_eq!(names, (0..200).map(|n| format!("span{n}")).collect::<Vec<_>>());
}
