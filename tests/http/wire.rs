//! Traces over the wire: whose child a request is, and who decides.

use super::server::{Server, TIMEOUT, with_server};
use super::{only, raw};
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use lightship::http::ServerLayer;
use lightship::http::reqwest::ObservedRequest;
use lightship::span_tree;
use lightship::testing::capture_async;
use lightship::{DogStatsd, Logs, Otlp, Prometheus, Sampler, Telemetry};
use std::collections::HashMap;
use tracing::info_span;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

fn asking(flags: &str) -> String {
    format!("GET / HTTP/1.1\r\ntraceparent: 00-{TRACE}-{PARENT}-{flags}")
}

/// What a request carries on that this service makes.
async fn passed_on() -> String {
    let mut headers = HashMap::new();
    info_span!("call").in_scope(|| lightship::propagation::inject(&mut headers));
    headers.remove("traceparent").unwrap_or_default()
}

#[tokio::test]
async fn two_hops_are_one_trace() {
    let put =
        |headers: HeaderMap| async move { headers["traceparent"].to_str().unwrap().to_owned() };
    let (answer, seen) = capture_async(async {
        let storage = Server::start(Router::new().route("/put", get(put))).await;
        let upload = |State(url): State<String>| async move {
            let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
            let put = client.get(url).observed().name("put").send().await.unwrap();
            put.text().await.unwrap()
        };
        let router = Router::new().route("/upload", get(upload)).with_state(storage.url("/put"));
        let front = Server::start(router).await;
        let answer = raw::exchange(&front.url(""), "GET /upload HTTP/1.1").await;
        front.stop().await;
        storage.stop().await;
        answer
    })
    .await;
    // A parent in another service is none in a capture's trees.
    let trees = [span_tree! { "GET /upload" { "put" } }, span_tree! { "GET /put" }];
    assert_eq!(seen.span_trees(), trees);
    let trace = &only(&seen, "GET /upload").trace_id;
    assert!(seen.spans().iter().all(|span| span.trace_id == *trace));
    let parent = format!("00-{trace}-{}-01", only(&seen, "put").span_id);
    assert!(answer.ends_with(&parent), "{answer}: {parent}");
}

#[tokio::test]
async fn nonsense_begins_a_new_trace() {
    let router = Router::new().route("/", get(passed_on));
    let ((), seen) = with_server(router, |url| async move {
        raw::exchange(&url, "GET / HTTP/1.1\r\ntraceparent: 00-nonsense-01").await;
        raw::exchange(&url, &asking("01")).await;
    })
    .await;
    let servers: Vec<_> = seen.spans().iter().filter(|span| span.kind == "server").collect();
    assert_ne!(servers[0].trace_id, TRACE);
    assert_eq!(servers[1].trace_id, TRACE);
    assert!(only_calls(&seen).all(|call| servers.iter().any(|s| s.trace_id == call.trace_id)));
}

fn only_calls(
    seen: &lightship::testing::Captured,
) -> impl Iterator<Item = &lightship::testing::CapturedSpan> {
    seen.spans().iter().filter(|span| span.name == "call")
}

fn telemetry(ratio: f64) -> Telemetry {
    lightship::builder("wire")
        .without_environment()
        .sampler(Sampler::ratio(ratio))
        .otlp(Otlp::default().endpoint("http://127.0.0.1:9"))
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .notices(|_| {})
        .build()
        .unwrap()
}

/// What comes back of `passed_on`, with a share of traces kept.
async fn answered(telemetry: &Telemetry, head: &str) -> String {
    let layer = telemetry.scope(ServerLayer::new);
    let server = Server::bare(Router::new().route("/", get(passed_on)).layer(layer)).await;
    let url = server.url("");
    let answer = raw::exchange(&url, head);
    let answer = tokio::time::timeout(TIMEOUT, answer).await.unwrap();
    server.stop().await;
    answer.split("\r\n\r\n").nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn a_remote_decision_is_honoured_whatever_the_ratio() {
    for ratio in [0.0, 1.0] {
        let telemetry = telemetry(ratio);
        for flags in ["00", "01"] {
            let out = answered(&telemetry, &asking(flags)).await;
            assert_eq!(&out[3..35], TRACE, "{ratio} {flags}: {out}");
            assert_ne!(&out[36..52], PARENT);
            assert_eq!(&out[53..], flags, "{ratio}: {out}");
        }
        let out = answered(&telemetry, "GET / HTTP/1.1").await;
        assert_eq!(&out[53..], if ratio > 0.5 { "01" } else { "00" });
        let page = telemetry.prometheus_text();
        let count = "http_server_request_duration_seconds_count";
        assert!(page.lines().any(|line| line.starts_with(count) && line.ends_with(" 3")), "{page}");
        let bytes = "http_server_response_body_size_bytes_bucket";
        assert!(page.contains(bytes) && page.contains("le=\"1024.0\""), "{page}");
    }
}

#[tokio::test]
async fn spans_of_the_handler_are_below_the_request() {
    let router = Router::new().route("/", get(passed_on));
    let ((), seen) = with_server(router, |url| async move {
        raw::exchange(&url, "GET / HTTP/1.1").await;
    })
    .await;
    assert_eq!(seen.span_trees(), [span_tree! { "GET /" { "call" } }]);
    only(&seen, "GET /");
}
