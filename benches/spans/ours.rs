//! Our side, as it is set up by its documentation, without the backends that have no part in it.

use crate::side::Installed;
use lightship::{DogStatsd, Logs, Otlp, Prometheus, Sampler};
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

pub(crate) fn install(kind: &str, collector: &str) -> Installed {
    let has = |word| kind.split(' ').any(|other| other == word);
    let share = match () {
        () if has("unsampled") => 0.0,
        () if has("percent") => 0.01,
        () => 1.0,
    };
    let mut otlp = Otlp::default().endpoint(format!("http://{collector}"));
    if has("gzip") {
        otlp = otlp.compression(false);
    }
    let telemetry = lightship::builder("bench")
        .without_environment()
        .otlp(otlp)
        .sampler(Sampler::ratio(share))
        .logs(if has("logs") { Logs::default().json() } else { Logs::disabled() })
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::disabled())
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
