//! Another crate of the program may turn on what it likes of opentelemetry-otlp: async clients, which
//! need a runtime, another default protocol, logs of its own. We go on as if it had not.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../support/child.rs"]
mod child;
#[path = "../support/otlp.rs"]
mod otlp;

use child::this_test;
use otlp::{FakeCollector, tree};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);
const ROUNDS: usize = 20;

fn service() {
    let telemetry = lightship::init("unified").unwrap();
    for _ in 0..ROUNDS {
        let _request = tracing::info_span!("request").entered();
        tracing::info_span!("query").in_scope(|| tracing::info!("found"));
        lightship::counter!("rounds").increment(1);
        telemetry.flush(TIMEOUT);
    }
    println!("{}", telemetry.shutdown(TIMEOUT));
}

fn run(test: &str, endpoint: &str) -> child::Ended {
    let mut command = child::command(test, "");
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("OTEL_EXPORTER_PROMETHEUS_PORT", "0")
        .env("OTEL_METRICS_EXPORTER", "otlp")
        .env("DD_DOGSTATSD_DISABLE", "true")
        .env("LIGHTSHIP_SPAN_FILTER", "trace")
        .env("RUST_LOG", "trace");
    child::run(command).succeeded()
}

/// The very client that is turned on: where it is not, this test shows nothing.
#[test]
fn the_features_are_on() {
    let by_default = opentelemetry_otlp::Protocol::default();
    assert_ne!(by_default, opentelemetry_otlp::Protocol::HttpBinary);
}

#[test]
fn spans_arrive_without_a_runtime_and_without_noise() {
    if child::argument().is_some() {
        return service();
    }
    let collector = FakeCollector::start();
    let ended = run(this_test!(), &collector.endpoint());
    assert_eq!(tree(&collector.spans(), &[]), "request\n  query\n".repeat(ROUNDS));
    assert!(collector.points().iter().any(|point| point.name == "rounds"));
    assert_eq!(ended.log_lines().len(), ROUNDS, "{}", ended.stdout);
    assert_eq!(ended.stderr, "");
}

#[test]
fn nobody_there_is_one_line() {
    if child::argument().is_some() {
        return service();
    }
    let ended = run(this_test!(), "http://127.0.0.1:9");
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert_eq!(ended.log_lines().len(), ROUNDS, "{}", ended.stdout);
}
