//! In a process whose globals are the host's: an error that says what to do, and that it works.

use crate::child::{self, this_test};
use crate::otlp::FakeCollector;
use crate::{silent, tracing_to};
use lightship::counter;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tracing_subscriber::layer::SubscriberExt;

const TIMEOUT: Duration = Duration::from_secs(10);

/// A recorder of the host's, which passes on what it is told to.
#[derive(Default)]
struct Host(Arc<OnceLock<Box<dyn Recorder + Send + Sync>>>);

impl Recorder for Host {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        self.0.get().map_or_else(Counter::noop, |to| to.register_counter(key, metadata))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn a_subscriber_that_is_taken_is_an_error_with_a_way_out() {
    if let Some(endpoint) = child::argument() {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
        let error = tracing_to(&endpoint).install().unwrap_err();
        assert!(error.is_global_taken(), "{error}");
        for word in ["subscriber", "without_subscriber()", "telemetry.layer()"] {
            assert!(error.to_string().contains(word), "{error}");
        }
        // Nothing is half installed: what is left is still to be had, by anybody.
        metrics::set_global_recorder(Host::default()).unwrap_or_else(|_| panic!("it is claimed"));
        log::set_boxed_logger(Box::new(Lines::default())).unwrap();
        let telemetry = tracing_to(&endpoint).without_subscriber().without_recorder();
        let telemetry = telemetry.install().unwrap();
        counter!("after.error").increment(1);
        assert!(telemetry.prometheus_text().contains("after_error_total 1"));
        return;
    }
    let collector = FakeCollector::start();
    child::run(child::command(this_test!(), &collector.endpoint())).succeeded();
    assert!(collector.spans().is_empty());
}

#[test]
fn spans_arrive_through_a_subscriber_of_the_host() {
    if let Some(endpoint) = child::argument() {
        let telemetry = tracing_to(&endpoint).without_subscriber().install().unwrap();
        let host = tracing_subscriber::registry().with(telemetry.layer());
        tracing::subscriber::set_global_default(host).unwrap();
        std::thread::spawn(|| {
            let _request = tracing::info_span!("request").entered();
            tracing::info_span!("query").in_scope(|| tracing::warn!("slow"));
        })
        .join()
        .unwrap();
        assert!(telemetry.shutdown(TIMEOUT).is_complete());
        tracing::info_span!("late").in_scope(|| {});
        return;
    }
    let collector = FakeCollector::start();
    child::run(child::command(this_test!(), &collector.endpoint())).succeeded();
    let spans = collector.spans();
    assert_eq!(crate::otlp::tree(&spans, &[]), "request\n  query\n");
    assert!(spans.iter().any(|span| span.event("slow").is_some()), "{spans:?}");
}

#[test]
fn a_recorder_that_is_taken_is_an_error_with_a_way_out() {
    if let Some(endpoint) = child::argument() {
        let host = Host::default();
        let forward = Arc::clone(&host.0);
        metrics::set_global_recorder(host).unwrap_or_else(|_| panic!("it is claimed"));
        let error = tracing_to(&endpoint).install().unwrap_err();
        assert!(error.is_global_taken(), "{error}");
        for word in ["recorder", "without_recorder()", "telemetry.recorder()"] {
            assert!(error.to_string().contains(word), "{error}");
        }
        assert!(
            tracing::dispatcher::get_default(|it| it.is::<tracing::subscriber::NoSubscriber>())
        );

        let telemetry = tracing_to(&endpoint).without_recorder().install().unwrap();
        assert!(forward.set(Box::new(telemetry.recorder())).is_ok());
        metrics::counter!("library.calls").increment(2);
        counter!("ours").increment(1);
        let page = telemetry.prometheus_text();
        assert!(page.contains("library_calls_total 2\n"), "{page}");
        assert!(page.contains("ours_total 1\n"), "{page}");
        tracing::info_span!("request").in_scope(|| {});
        assert!(telemetry.shutdown(TIMEOUT).is_complete());
        return;
    }
    let collector = FakeCollector::start();
    child::run(child::command(this_test!(), &collector.endpoint())).succeeded();
    assert_eq!(collector.spans().len(), 1);
}

#[derive(Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.0.lock().unwrap().push(record.args().to_string());
    }

    fn flush(&self) {}
}

#[test]
fn a_logger_that_is_taken_is_told_once_and_stays_the_hosts() {
    if child::argument().is_some() {
        let (logged, notices) = (Lines::default(), Arc::new(Mutex::new(Vec::new())));
        let (theirs, told) = (Arc::clone(&logged.0), Arc::clone(&notices));
        log::set_boxed_logger(Box::new(logged)).unwrap();
        log::set_max_level(log::LevelFilter::Debug);
        let builder = silent().notices(move |line| told.lock().unwrap().push(line.to_owned()));
        let builder = builder.logs(lightship::Logs::default().json());
        let telemetry = builder.install().unwrap();
        log::debug!("for the host");
        tracing::info!("for us");
        assert!(telemetry.shutdown(TIMEOUT).is_complete());
        let notices = notices.lock().unwrap();
        assert!(matches!(notices.as_slice(), [one] if one.contains("`log`")), "{notices:?}");
        assert_eq!(*theirs.lock().unwrap(), ["for the host"]);
        return;
    }
    let ended = child::run(child::command(this_test!(), "")).succeeded();
    let lines = ended.log_lines();
    assert_eq!(lines.len(), 1, "{}", ended.stdout);
    assert_eq!(lines[0]["message"], "for us");
}
