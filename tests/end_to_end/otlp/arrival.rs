//! Every field of a span arrives, whoever takes it and on whatever way.

use super::scenario::{SPANS, check, play};
use super::{PATIENCE, builder, flush, status, to, told};
use crate::support::backends::{Collector, DdapmAgent, Rotel, SESSION_HEADER};
use crate::support::otlp::{FakeCollector, Received, Span};
use lightship::Otlp;

/// Plays the scenario once, sends it and ends.
fn send(otlp: Otlp, service: &str) {
    let telemetry = builder(service, otlp).tag("team", "storage").build().unwrap();
    telemetry.scope(play);
    let report = flush(&telemetry);
    assert_eq!(told(&report), (SPANS as u64, 0, 0, 0), "{report}");
    assert_eq!(status(&telemetry).state.name(), "up");
    assert!(telemetry.shutdown(PATIENCE).is_complete());
}

fn all(spans: &[Span]) -> bool {
    spans.len() >= SPANS
}

fn to_ddapm(agent: &DdapmAgent, otlp: Otlp) {
    agent.start_session("arrival");
    send(otlp.header(SESSION_HEADER.to_lowercase(), "arrival"), "harbour");
    check(&agent.traces_until("arrival", PATIENCE, all).unwrap(), "harbour");
}

#[test]
fn ddapm_has_every_field_over_http() {
    let Some(agent) = DdapmAgent::start() else { return };
    to_ddapm(&agent, to(agent.otlp_http()).header("x-pier", "north"));
    let requests = agent.requests("arrival");
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(request.path, "/v1/traces");
    assert_eq!(request.header("x-pier"), Some("north"));
    assert_eq!(request.header("content-encoding"), Some("gzip"));
    assert_eq!(request.header("content-type"), Some("application/x-protobuf"));
}

#[test]
fn rotel_decodes_every_field() {
    let Some(rotel) = Rotel::start() else { return };
    send(to(rotel.http()), "harbour");
    check_printed(&rotel);
}

fn check_printed(rotel: &Rotel) {
    // The span that ends last is printed last.
    let printed = rotel.wait_for("Name           : enqueue", PATIENCE).unwrap();
    for line in [
        "service.name: Str(harbour)",
        "deployment.environment.name: Str(test)",
        "deployment.environment: Str(test)",
        "Name           : POST /berths",
        "Kind           : SPAN_KIND_SERVER",
        "pier: Str(nördlich \"2\")",
        "length: Int(-9007199254740993)",
        "depth: Double(2.5)",
        "free: Bool(true)",
        "http.request.body.size: Int(4096)",
        "http.response.status_code: Int(503)",
        "Name: berths found",
        "attempt: Int(2)",
        "Status message : the disk is full",
        "SpanLink #0",
    ] {
        assert!(printed.contains(line), "no {line:?} in {printed}");
    }
    assert!(!printed.contains("hunter2"), "{printed}");
}

#[test]
fn the_collector_has_every_field_over_http_compressed_or_not() {
    let Some(collector) = Collector::start() else { return };
    for (round, gzip) in [true, false].into_iter().enumerate() {
        send(to(collector.http()).compression(gzip).header("x-pier", "north"), "harbour");
        check_taken(&collector, round);
    }
}

/// The spans and the headers of this round's request.
fn check_taken(collector: &Collector, round: usize) {
    let wanted = (round + 1) * SPANS;
    let spans = collector.spans_until(PATIENCE, |spans| spans.len() >= wanted).unwrap();
    check(&spans[round * SPANS..], "harbour");
    let taken = collector.received();
    assert_eq!(taken.len(), round + 1, "{taken:?}");
    assert_eq!(taken[round].header("x-pier"), Some("north"), "{taken:?}");
    let agent = taken[round].header("user-agent").unwrap_or_default();
    assert!(agent.contains("lightship/"), "{agent}");
}

#[test]
fn a_unix_socket_takes_them_as_well() {
    let directory = crate::support::backends::TempDir::new("otlp-socket");
    let collector = FakeCollector::unix(&directory.path().join("otlp.sock"));
    send(Otlp::default().endpoint(collector.endpoint()).header("x-pier", "north"), "harbour");
    check(&collector.wait_for_spans(SPANS), "harbour");
    let requests = collector.requests();
    assert!(requests.iter().all(Received::is_gzipped), "{requests:?}");
    assert!(requests.iter().all(|request| request.header("x-pier") == Some("north")));
    assert_eq!((requests[0].path.as_str(), collector.connections()), ("/v1/traces", 1));
}

#[test]
fn a_process_that_ends_at_once_has_sent_everything() {
    let collector = FakeCollector::start();
    let telemetry =
        builder("harbour", to(collector.address())).tag("team", "storage").build().unwrap();
    telemetry.scope(play);
    drop(telemetry);
    // Not waited for: they are there, or they never will be.
    check(&collector.spans(), "harbour");
}

#[cfg(feature = "grpc")]
mod over_grpc {
    use super::*;
    use lightship::Protocol;

    fn grpc(address: std::net::SocketAddr) -> Otlp {
        to(address).protocol(Protocol::Grpc)
    }

    #[test]
    fn ddapm_has_every_field_over_grpc() {
        let Some(agent) = DdapmAgent::start() else { return };
        to_ddapm(&agent, grpc(agent.otlp_grpc()));
    }

    #[test]
    fn rotel_decodes_every_field_over_grpc() {
        let Some(rotel) = Rotel::start() else { return };
        send(grpc(rotel.grpc()), "harbour");
        check_printed(&rotel);
    }

    #[test]
    fn the_collector_has_every_field_over_grpc_compressed_or_not() {
        let Some(collector) = Collector::start() else { return };
        for (round, gzip) in [true, false].into_iter().enumerate() {
            send(grpc(collector.grpc()).compression(gzip).header("x-pier", "north"), "harbour");
            check_taken(&collector, round);
        }
    }
}
