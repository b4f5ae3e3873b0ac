//! OTLP, from the call site to collectors that nobody here wrote, and to one of ours that is told
//! what to answer.

mod answers;
mod arrival;
mod jaeger;
mod metrics_outage;
mod outage;
mod ports;
mod sampling;
mod scenario;
mod totals;
mod work;

use lightship::{
    Builder, DogStatsd, DropReason, Logs, Otlp, PipelineStatus, Prometheus, Report, Telemetry,
};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// For what takes milliseconds on a quiet machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// An instance that talks to nobody else, with Prometheus's page for whoever asks.
fn builder(service: &str, otlp: Otlp) -> Builder {
    lightship::builder(service)
        .without_environment()
        .version("1.4.2")
        .environment("test")
        .otlp(otlp)
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .process_metrics(false)
        .notices(|_| {})
}

fn to(address: impl std::fmt::Display) -> Otlp {
    Otlp::default().endpoint(format!("http://{address}"))
}

/// The lines that a person would see.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn sink(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let lines = Arc::clone(&self.0);
        move |line| lines.lock().unwrap().push(line.to_owned())
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

fn status(telemetry: &Telemetry) -> PipelineStatus {
    telemetry.status().pipeline("otlp").unwrap().clone()
}

fn error(telemetry: &Telemetry) -> String {
    status(telemetry).last_error.unwrap_or_default()
}

fn dropped(telemetry: &Telemetry, reason: DropReason) -> u64 {
    status(telemetry).dropped_for(reason)
}

/// What became of everything, as `(sent, kept, lost, unknown)`.
fn told(report: &Report) -> (u64, u64, u64, u64) {
    let otlp = report.pipeline("otlp").unwrap();
    (otlp.sent, otlp.kept, otlp.lost, otlp.unknown)
}

/// Flushes until everything was accepted.
fn flush(telemetry: &Telemetry) -> Report {
    let start = Instant::now();
    loop {
        let report = telemetry.flush(Duration::from_secs(10));
        if report.is_complete() {
            return report;
        }
        assert!(start.elapsed() < PATIENCE, "{report}{}", telemetry.status());
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn wait_until(what: &str, telemetry: &Telemetry, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "{what}: {}", telemetry.status());
        std::thread::sleep(Duration::from_millis(5));
    }
}
