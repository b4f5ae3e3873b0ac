//! The life of a `Telemetry`: installed once, never half, gone within its deadline; and installed
//! again.
//!
//! What is installed is the process's, so these tests take turns, or have a process of their own.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[cfg(feature = "otlp")]
mod again;
#[cfg(feature = "otlp")]
#[path = "../support/child.rs"]
mod child;
#[cfg(feature = "otlp")]
mod environment;
#[cfg(feature = "otlp")]
mod foreign;
#[cfg(feature = "grpc")]
mod grpc;
mod life;
#[cfg(feature = "otlp")]
#[path = "../support/otlp.rs"]
mod otlp;
#[cfg(feature = "otlp")]
mod panics;
#[cfg(feature = "otlp")]
mod runtimes;

use lightship::{Builder, DogStatsd, Logs, Otlp, Prometheus};
use std::sync::{Mutex, MutexGuard, PoisonError};

fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where nobody listens.
#[cfg(feature = "otlp")]
const NOBODY: &str = "http://127.0.0.1:9";

/// A configuration that reads no variables, writes no notices and no lines, and sends nothing.
fn silent() -> Builder {
    lightship::builder("lifecycle")
        .without_environment()
        .otlp(Otlp::disabled())
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .notices(|_| {})
}

/// The same with spans for this collector.
#[cfg(feature = "otlp")]
fn tracing_to(endpoint: &str) -> Builder {
    silent().otlp(Otlp::default().endpoint(endpoint))
}
