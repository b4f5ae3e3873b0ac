//! Our side, as it is set up by its documentation, without the backends that have no part in it.

use crate::side::Installed;
use lightship::{DogStatsd, Logs, Otlp, Prometheus, Sampler};
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

/// Every trace is kept.
pub(crate) const SAMPLED: &str = "ours";
pub(crate) const ONE_PERCENT: &str = "ours one percent";
pub(crate) const UNSAMPLED: &str = "ours unsampled";
pub(crate) const WITHOUT_GZIP: &str = "ours without gzip";
/// With lines on standard output, as a service has them; every trace is kept, or none.
pub(crate) const LOGS: &str = "ours logs";
pub(crate) const LOGS_UNSAMPLED: &str = "ours logs unsampled";

/// All backends: with metrics, too, which a DogStatsD server and a Prometheus page get.
pub(crate) const ALL: &str = "ours metrics logs";
pub(crate) const ALL_ONE_PERCENT: &str = "ours metrics logs one percent";
pub(crate) const ALL_UNSAMPLED: &str = "ours metrics logs unsampled";
/// With a filter that wants no span at all.
pub(crate) const FILTERED: &str = "ours filtered";
/// A program that never called `init`.
pub(crate) const NOTHING: &str = "ours nothing";

pub(crate) fn install(kind: &str, collector: &str) -> Installed {
    let has = |word| kind.split(' ').any(|other| other == word);
    if has("nothing") {
        return Installed { flush: Box::new(|| ()), dropped: Box::new(|| None) };
    }
    let share = match () {
        () if has("unsampled") => 0.0,
        () if has("percent") => 0.01,
        () => 1.0,
    };
    let mut otlp = Otlp::default().endpoint(format!("http://{collector}"));
    if has("gzip") {
        otlp = otlp.compression(false);
    }
    let metrics = has("metrics");
    let mut builder = lightship::builder("bench");
    if has("filtered") {
        builder = builder.span_filter("off");
    }
    let telemetry = builder
        .without_environment()
        .otlp(otlp)
        .sampler(Sampler::ratio(share))
        .logs(if has("logs") { Logs::default().json() } else { Logs::disabled() })
        .dogstatsd(if metrics { dogstatsd() } else { DogStatsd::disabled() })
        .prometheus(match metrics {
            true => Prometheus::default().listen("127.0.0.1:0"),
            false => Prometheus::disabled(),
        })
        .install()
        .expect("nothing else is installed in this process");
    let telemetry = Arc::new(telemetry);
    let asked = Arc::clone(&telemetry);
    Installed {
        flush: Box::new(move || {
            telemetry.flush(Duration::from_secs(5));
        }),
        dropped: Box::new(move || Some(asked.status().dropped())),
    }
}

/// A DogStatsD server that takes everything and reads nothing of it.
fn dogstatsd() -> DogStatsd {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = socket.local_addr().expect("a bound socket has an address");
    // Open for as long as the process lives.
    std::mem::forget(socket);
    DogStatsd::default().address(format!("udp://{address}"))
}
