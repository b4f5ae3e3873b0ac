//! The right collector, but the wrong port: the status says what would mend it.

use super::{builder, error, status, to, told};
use crate::support::backends::Collector;
use lightship::Otlp;
use std::time::Duration;
use tracing::info_span;

/// What the status says after a span went that way.
fn complaint(otlp: Otlp) -> String {
    let telemetry = builder("ports", otlp).build().unwrap();
    telemetry.scope(|| info_span!("lost").in_scope(|| {}));
    let report = telemetry.flush(Duration::from_secs(10));
    assert!(!report.is_complete(), "{report}");
    assert_eq!(status(&telemetry).state.name(), "degraded");
    let said = error(&telemetry);
    let report = telemetry.shutdown(Duration::from_secs(1));
    assert!(!report.is_complete(), "{report}");
    let (sent, kept, lost, unknown) = told(&report);
    assert_eq!((sent, kept, lost + unknown), (0, 0, 1), "{report}");
    said
}

#[test]
fn http_on_the_port_for_grpc() {
    let Some(collector) = Collector::start() else { return };
    let said = complaint(to(collector.grpc()));
    for word in [&collector.grpc().to_string(), "gRPC", "OTEL_EXPORTER_OTLP_PROTOCOL"] {
        assert!(said.contains(word), "no {word} in {said}");
    }
    assert!(collector.received().is_empty());
}

#[cfg(feature = "grpc")]
#[test]
fn grpc_on_the_port_for_http() {
    use lightship::Protocol;

    let Some(collector) = Collector::start() else { return };
    let said = complaint(to(collector.http()).protocol(Protocol::Grpc));
    for word in [&collector.http().to_string(), "gRPC", "OTEL_EXPORTER_OTLP_PROTOCOL"] {
        assert!(said.contains(word), "no {word} in {said}");
    }
}
