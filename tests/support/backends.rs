//! Real backends that nobody here wrote, started on free loopback ports for one test.
//!
//! `scripts/test` installs them and says where they are in `LIGHTSHIP_TEST_*` variables. Where a
//! variable is not set, `start` and `find` say so on stderr and give `None`: the test then returns
//! early and is counted as skipped, never as passed. A backend that is there but does not start is
//! a failure. What was started is killed on drop, by its own process id, and leaves no files.

mod collector;
mod ddapm;
mod http;
mod jaeger;
mod otlp_json;
mod prices;
mod process;
mod prometheus;
mod promtool;
mod python;
mod rotel;
mod statsd_exporter;
mod tracers;

use std::io::Write;
use std::path::PathBuf;

pub use collector::{Collector, Refusal, Taken};
pub use ddapm::{AgentRequest, DatadogSpan, DdapmAgent, SESSION_HEADER};
pub use http::{Answer, get, post};
pub use jaeger::Jaeger;
pub use prices::{PriceAnswers, PriceTables};
pub use process::TempDir;
pub use prometheus::{Prometheus, Series};
pub use promtool::Promtool;
pub use python::{OpenMetrics, python_datadog};
pub use rotel::Rotel;
pub use statsd_exporter::StatsdExporter;
pub use tracers::{TracedService, Tracer};

/// The program that `variable` names, or `None` with a line for `scripts/test` to count.
fn program(variable: &str) -> Option<PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "this is the tests' environment, not the crate's")]
    let path = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
    if path.is_none() {
        let binary = env!("CARGO_CRATE_NAME");
        // libtest names its threads after the tests, if there is more than one thread.
        let thread = std::thread::current();
        let test = thread.name().unwrap_or("unnamed");
        let line = format!("SKIPPED TEST: {binary}::{test}: {variable} is not set\n");
        // Not `eprintln!`, which libtest swallows when a test passes. One write keeps it one line.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    path
}
