//! Spans, events and lines of instances that touch no global: beside a host's own layers, on their
//! way to a collector, and in captures.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[cfg(feature = "otlp")]
mod captures;
#[cfg(feature = "otlp")]
mod embedding;
#[cfg(feature = "otlp")]
mod export;
#[cfg(feature = "otlp")]
mod losses;
#[cfg(feature = "otlp")]
#[path = "../support/otlp.rs"]
mod otlp;

#[cfg(feature = "otlp")]
use std::time::Duration;

/// For what should be done at once: a loaded machine is slow.
#[cfg(feature = "otlp")]
const TIMEOUT: Duration = Duration::from_secs(10);

/// Spans for this collector, and nothing else.
#[cfg(feature = "otlp")]
fn builder(endpoint: &str) -> lightship::Builder {
    lightship::builder("tracing")
        .without_environment()
        .otlp(lightship::Otlp::default().endpoint(endpoint))
        .dogstatsd(lightship::DogStatsd::disabled())
        .prometheus(lightship::Prometheus::default().no_listener())
        .logs(lightship::Logs::disabled())
        .notices(|_| {})
}
