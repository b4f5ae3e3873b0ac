//! What the operating system knows of this process: `process_cpu_seconds_total`,
//! `process_resident_memory_bytes`, `process_open_fds` and the like.

use super::bridge::Bridge;
use super::registry::Registry;
use metrics::Recorder;
use metrics_process::Collector;
use std::fmt;
use std::sync::Arc;

/// What is measured. The names are a convention among Prometheus clients. A server that takes
/// DogStatsD and is scraped itself has the same of its own, so they are not sent there.
const NAMES: [&str; 8] = [
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_threads",
    "process_virtual_memory_bytes",
    "process_virtual_memory_max_bytes",
];

/// Has the process measured before every reading of the registry, for Prometheus.
pub(crate) fn watch(registry: &Arc<Registry>) {
    registry.keep_to_scrapes(&NAMES);
    let process = ProcessMetrics::default();
    process.describe(&Bridge::new(Arc::clone(registry)));
    // The registry keeps the callback, so the callback must not keep the registry.
    let registry_again = Arc::downgrade(registry);
    registry.before_reading(move || {
        if let Some(registry) = registry_again.upgrade() {
            process.collect(&Bridge::new(registry));
        }
    });
}

/// Reads the process metrics into a recorder; the names are those of other Prometheus clients.
#[derive(Clone, Default)]
struct ProcessMetrics(Collector);

impl ProcessMetrics {
    /// Tells the recorder units and help texts; once is enough.
    fn describe(&self, recorder: &dyn Recorder) {
        metrics::with_local_recorder(recorder, || self.0.describe());
    }

    /// Reads everything anew: a few files of `/proc`, well under a millisecond. CPU time counts
    /// in whole seconds.
    fn collect(&self, recorder: &dyn Recorder) {
        metrics::with_local_recorder(recorder, || self.0.collect());
    }
}

impl fmt::Debug for ProcessMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProcessMetrics")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics::{
        Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, SharedString, Unit,
    };
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    /// Name to kind, unit and value.
    type Seen = BTreeMap<String, (&'static str, Option<Unit>, f64)>;

    #[derive(Clone, Default)]
    struct Noted(Arc<Mutex<Seen>>);

    struct Cell(Noted, String);

    impl Noted {
        fn described(&self, name: &KeyName, unit: Option<Unit>) {
            self.0.lock().unwrap().entry(name.as_str().into()).or_default().1 = unit;
        }

        fn cell(&self, key: &Key, kind: &'static str) -> Arc<Cell> {
            self.0.lock().unwrap().entry(key.name().into()).or_default().0 = kind;
            Arc::new(Cell(self.clone(), key.name().into()))
        }
    }

    impl Cell {
        fn note(&self, value: f64) {
            self.0.0.lock().unwrap().entry(self.1.clone()).or_default().2 = value;
        }
    }

    impl CounterFn for Cell {
        fn increment(&self, _: u64) {
            unreachable!("what the system counts is set")
        }

        fn absolute(&self, value: u64) {
            self.note(value as f64);
        }
    }

    impl GaugeFn for Cell {
        fn increment(&self, _: f64) {
            unreachable!("what the system measures is set")
        }

        fn decrement(&self, _: f64) {
            unreachable!("what the system measures is set")
        }

        fn set(&self, value: f64) {
            self.note(value);
        }
    }

    impl Recorder for Noted {
        fn describe_counter(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
            self.described(&name, unit);
        }

        fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
            self.described(&name, unit);
        }

        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.cell(key, "counter"))
        }

        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(self.cell(key, "gauge"))
        }

        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn everything_is_described_and_measured() {
        let noted = Noted::default();
        let process = ProcessMetrics::default();
        process.describe(&noted);
        process.collect(&noted);
        let seen = noted.0.lock().unwrap();
        let kinds: Vec<_> =
            seen.iter().map(|(name, (kind, unit, _))| (name.as_str(), *kind, *unit)).collect();
        assert_eq!(
            kinds,
            [
                ("process_cpu_seconds_total", "counter", Some(Unit::Seconds)),
                ("process_max_fds", "gauge", Some(Unit::Count)),
                ("process_open_fds", "gauge", Some(Unit::Count)),
                ("process_resident_memory_bytes", "gauge", Some(Unit::Bytes)),
                ("process_start_time_seconds", "gauge", Some(Unit::Seconds)),
                ("process_threads", "gauge", Some(Unit::Count)),
                ("process_virtual_memory_bytes", "gauge", Some(Unit::Bytes)),
                ("process_virtual_memory_max_bytes", "gauge", Some(Unit::Bytes)),
            ]
        );
        assert!(seen.keys().map(String::as_str).eq(NAMES));
        let value = |name: &str| seen[name].2;
        assert!(value("process_resident_memory_bytes") > 1e6);
        assert!(value("process_threads") >= 1.0 && value("process_open_fds") >= 3.0);
        assert!(value("process_start_time_seconds") > 1.7e9);
    }
}
