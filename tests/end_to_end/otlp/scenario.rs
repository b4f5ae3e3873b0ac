//! One of everything that a span can hold, and what a collector should have of it.

use crate::support::otlp::{Span, Value, tree};
use tracing::{error, field, info, info_span};

/// How many spans there are.
pub(super) const SPANS: usize = 6;
const TREE: &str = "\
enqueue
POST /berths pier=nördlich \"2\" length=-9007199254740993 depth=2.5 free=true
  INSERT berths [error: the disk is full]
  notify [error]
    retry
  settle
";

pub(super) fn play() {
    let enqueue = info_span!(parent: None, "enqueue", otel.kind = "producer");
    let request = info_span!(
        parent: None,
        "request",
        otel.name = "POST /berths",
        otel.kind = "server",
        pier = "nördlich \"2\"",
        length = -9_007_199_254_740_993_i64,
        depth = 2.5,
        free = true,
        password = "hunter2",
        http.request.body.size = 4_096_u64,
        http.response.status_code = field::Empty,
    );
    request.follows_from(&enqueue);
    // Of what is recorded twice the last counts.
    request.record("http.response.status_code", 200_u64);
    request.record("http.response.status_code", 503_u64);
    let _entered = request.enter();
    info!(berths = 3_i64, quay = "west", "berths found");
    let insert = info_span!(
        "INSERT berths",
        otel.kind = "client",
        otel.status_code = "ERROR",
        otel.status_description = "the disk is full",
    );
    insert.in_scope(|| {});
    info_span!("notify").in_scope(|| {
        error!(attempt = 2_u64, "nobody answered");
        info_span!("retry", otel.kind = "consumer").in_scope(|| {});
    });
    info_span!("settle", otel.status_code = "ok").in_scope(|| {});
}

/// `service` is what the builder was given.
pub(super) fn check(spans: &[Span], service: &str) {
    assert_eq!(spans.len(), SPANS, "{spans:#?}");
    assert_eq!(tree(spans, &["pier", "length", "depth", "free"]), TREE);
    let of = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let kinds = ["enqueue", "POST /berths", "INSERT berths", "retry", "settle"];
    let kinds = kinds.map(|name| of(name).kind.as_str());
    assert_eq!(kinds, ["producer", "server", "client", "consumer", "internal"]);
    let statuses = ["enqueue", "POST /berths", "INSERT berths", "notify", "settle"];
    let statuses = statuses.map(|name| of(name).status.as_str());
    assert_eq!(statuses, ["unset", "unset", "error", "error", "ok"]);
    for span in spans {
        check_resource(span, service);
        assert!(span.start > 0 && span.end >= span.start, "{span:?}");
        assert_eq!(span.scope, "lightship");
    }
    check_request(of("POST /berths"), of("enqueue"));
    let event = of("notify").event("nobody answered").unwrap();
    assert_eq!(attribute(&event.attributes, "attempt"), Some(&Value::Int(2)));
}

fn check_request(request: &Span, enqueue: &Span) {
    assert_ne!(request.trace_id, enqueue.trace_id);
    let [link] = request.links.as_slice() else { panic!("{request:?}") };
    assert_eq!((&link.trace_id, &link.span_id), (&enqueue.trace_id, &enqueue.id));
    for (key, value) in [
        ("pier", Value::from("nördlich \"2\"")),
        ("length", Value::from(-9_007_199_254_740_993_i64)),
        ("depth", Value::from(2.5)),
        ("free", Value::from(true)),
        ("http.request.body.size", Value::from(4_096_i64)),
        ("http.response.status_code", Value::from(503_i64)),
    ] {
        let found: Vec<_> = request.attributes.iter().filter(|(known, _)| known == key).collect();
        assert_eq!(found, [&(key.to_owned(), value)], "{request:#?}");
    }
    assert_eq!(request.attribute("password"), Some(&Value::from("[REDACTED]")), "{request:?}");
    assert!(request.attributes.iter().all(|(key, _)| !key.starts_with("otel.")), "{request:?}");
    let event = request.event("berths found").unwrap();
    assert!((request.start..=request.end).contains(&event.time));
    assert_eq!(attribute(&event.attributes, "berths"), Some(&Value::Int(3)));
    assert_eq!(attribute(&event.attributes, "quay"), Some(&Value::from("west")));
}

fn check_resource(span: &Span, service: &str) {
    for (key, value) in [
        ("service.name", service),
        ("service.version", "1.4.2"),
        ("deployment.environment.name", "test"),
        ("deployment.environment", "test"),
        ("telemetry.sdk.language", "rust"),
        ("telemetry.sdk.name", "lightship"),
        ("team", "storage"),
    ] {
        assert_eq!(span.resource(key), Some(&Value::from(value)), "{key} of {:#?}", span.resource);
    }
    let is_text =
        |key| span.resource(key).and_then(Value::as_text).is_some_and(|it| !it.is_empty());
    assert!(is_text("telemetry.sdk.version"), "{:?}", span.resource);
    assert!(is_text("service.instance.id"), "{:?}", span.resource);
}

fn attribute<'a>(attributes: &'a [(String, Value)], key: &str) -> Option<&'a Value> {
    attributes.iter().find(|(known, _)| known == key).map(|(_, value)| value)
}
