//! The real OTLP backends start, take a request made by hand, and show what was in it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message;

use super::support::backends::{
    Collector, DdapmAgent, Jaeger, Refusal, Rotel, SESSION_HEADER, get, post,
};
use super::support::otlp::sample::{metrics_request, trace_request};
use super::support::otlp::{Point, Span, Value, tree};
use super::{PATIENCE, is_alive};

const PROTOBUF: (&str, &str) = ("Content-Type", "application/x-protobuf");
const TREE: &str = "POST /berths length=-9007199254740993 depth=2.5 free=true\n  \
                    check\n  \
                    insert [error: the disk is full]\n";

fn send_trace(address: SocketAddr, trace: u8, headers: &[(&str, &str)]) -> u16 {
    let body = trace_request("harbour", [trace; 16]).encode_to_vec();
    post(address, "/v1/traces", &[&[PROTOBUF], headers].concat(), &body).unwrap().status
}

fn send_metrics(address: SocketAddr, headers: &[(&str, &str)]) -> u16 {
    let body = metrics_request("harbour").encode_to_vec();
    post(address, "/v1/metrics", &[&[PROTOBUF], headers].concat(), &body).unwrap().status
}

/// What every backend must have understood of `trace_request`.
fn check_spans(spans: &[Span], trace: u8) {
    assert_eq!(tree(spans, &["length", "depth", "free"]), TREE);
    let root = spans.iter().find(|span| span.parent.is_none()).unwrap();
    assert_eq!(root.trace_id, format!("{trace:02x}").repeat(16));
    assert_eq!((root.id.as_str(), root.kind.as_str()), ("0101010101010101", "server"));
    assert_eq!(root.text("pier"), Some("nördlich \"2\""));
    assert_eq!(root.attribute("length"), Some(&Value::Int(-9_007_199_254_740_993)));
    assert_eq!(root.resource("service.name").unwrap(), "harbour");
    assert_eq!((root.end - root.start, root.scope.as_str()), (98_000, "by hand"));
    let insert = spans.iter().find(|span| span.name == "insert").unwrap();
    let retry = insert.event("retry").unwrap();
    assert_eq!(retry.attributes, [("attempt".to_owned(), Value::Int(2))]);
    assert!(insert.start < retry.time && retry.time < insert.end, "{insert:?}");
}

fn check_points(points: &[Point]) {
    let [sum, wait] = points else { panic!("{points:?}") };
    assert_eq!(
        (sum.name.as_str(), sum.unit.as_str(), sum.number()),
        ("berths", "{berth}", Some(3.0))
    );
    assert_eq!((sum.kind.as_str(), sum.temporality.as_str()), ("sum", "delta"));
    assert!(sum.monotonic && sum.start > 0 && sum.start < sum.time, "{sum:?}");
    assert_eq!(sum.attribute("pier").unwrap(), "north");
    assert_eq!(sum.resource("service.name").unwrap(), "harbour");
    let histogram = wait.histogram().unwrap();
    assert_eq!((histogram.count, histogram.sum, histogram.max), (3, Some(23.0), Some(20.0)));
    assert_eq!(
        (&*histogram.counts, &*histogram.bounds),
        ([2, 0, 1].as_slice(), [2.5, 10.0].as_slice())
    );
    assert_eq!(wait.temporality, "cumulative");
}

#[test]
fn ddapm_tells_by_session_what_it_took() {
    let Some(agent) = DdapmAgent::start() else { return };
    agent.start_session("one");
    agent.start_session("two");
    let one = [(SESSION_HEADER, "one"), ("X-Pier", "north")];
    assert_eq!(send_trace(agent.otlp_http(), 0xab, &one), 200);
    assert_eq!(send_metrics(agent.otlp_http(), &[(SESSION_HEADER, "two")]), 200);
    let spans = agent.traces_until("one", PATIENCE, |spans| spans.len() == 3).unwrap();
    check_spans(&spans, 0xab);
    check_points(&agent.metrics("two"));
    assert!(agent.traces("two").is_empty() && agent.metrics("one").is_empty());

    let requests = agent.requests("one");
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/traces"));
    assert_eq!(request.header("x-pier"), Some("north"));
    agent.clear_session("one");
    assert!(agent.traces("one").is_empty());

    let refused = post(agent.otlp_http(), "/v1/traces", &[PROTOBUF], b"\xff").unwrap();
    assert_eq!(refused.status, 400);
    assert!(get(agent.apm(), "/info", &[]).unwrap().body.contains("endpoints"));
    let process_id = agent.process_id();
    drop(agent);
    assert!(!is_alive(process_id));
}

#[test]
fn rotel_prints_every_field() {
    let Some(rotel) = Rotel::start() else { return };
    assert_eq!(send_trace(rotel.http(), 0xab, &[]), 200);
    let printed = rotel.wait_for("the disk is full", PATIENCE).unwrap();
    for field in ["harbour", "POST /berths", "retry", "-9007199254740993", "by hand", "insert"] {
        assert!(printed.contains(field), "no {field} in {printed}");
    }
    assert_eq!(send_metrics(rotel.http(), &[]), 200);
    let printed = rotel.wait_for("{berth}", PATIENCE).unwrap();
    assert!(printed.contains("wait"), "{printed}");
    assert_ne!(post(rotel.http(), "/v1/traces", &[PROTOBUF], b"\xff").unwrap().status, 200);
    assert!(rotel.wait_for("no such text", Duration::from_millis(50)).is_err());
    let process_id = rotel.process_id();
    drop(rotel);
    assert!(!is_alive(process_id));
}

#[test]
fn jaeger_shows_the_trace() {
    let Some(jaeger) = Jaeger::start() else { return };
    assert_eq!(send_trace(jaeger.otlp_http(), 0xab, &[]), 200);
    let spans = jaeger.traces_until("harbour", PATIENCE, |spans| spans.len() == 3).unwrap();
    check_spans(&spans, 0xab);
    assert!(jaeger.traces("nobody").unwrap().is_empty());
    assert_eq!(jaeger.api("services").unwrap(), serde_json::json!(["harbour"]));
    let process_id = jaeger.process_id();
    drop(jaeger);
    assert!(!is_alive(process_id));
}

#[test]
fn the_collector_writes_down_what_it_took() {
    let Some(collector) = Collector::start() else { return };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&trace_request("harbour", [0xab; 16]).encode_to_vec()).unwrap();
    let headers = [PROTOBUF, ("Content-Encoding", "gzip"), ("X-Pier", "north")];
    let body = encoder.finish().unwrap();
    assert_eq!(post(collector.http(), "/v1/traces", &headers, &body).unwrap().status, 200);
    check_spans(&collector.spans_until(PATIENCE, |spans| spans.len() == 3).unwrap(), 0xab);
    assert_eq!(send_metrics(collector.http(), &[]), 200);
    check_points(&collector.points());
    let received = collector.received();
    let signals: Vec<_> = received.iter().map(|taken| taken.signal.as_str()).collect();
    assert_eq!(signals, ["traces", "metrics"]);
    assert_eq!(received[0].header("x-pier"), Some("north"));
    assert_eq!(post(collector.http(), "/v1/traces", &[PROTOBUF], b"\xff").unwrap().status, 400);
}

#[test]
fn the_collector_refuses_dies_and_comes_back() {
    let Some(mut collector) = Collector::start() else { return };
    collector.refuse(Refusal::ForNow);
    assert_eq!(send_trace(collector.http(), 1, &[]), 503);
    collector.refuse(Refusal::Permanent);
    assert_eq!(send_trace(collector.http(), 1, &[]), 500);
    collector.accept();
    assert!(collector.received().is_empty());
    assert_eq!(send_trace(collector.http(), 1, &[]), 200);

    let (address, process_id) = (collector.http(), collector.process_id());
    collector.kill();
    assert!(!is_alive(process_id));
    assert!(post(address, "/v1/traces", &[PROTOBUF], b"").is_err());
    collector.restart();
    assert_eq!(collector.http(), address);
    assert_eq!(send_trace(address, 2, &[]), 200);
    let spans = collector.spans();
    assert_eq!(spans.len(), 6, "{spans:?}");
    check_spans(&spans[3..], 2);

    let process_id = collector.process_id();
    drop(collector);
    assert!(!is_alive(process_id));
}
