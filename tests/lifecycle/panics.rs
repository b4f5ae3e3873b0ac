//! Panics: the host's, that end its process, and those of callbacks on threads of ours.

use crate::child::{self, this_test};
use crate::otlp::FakeCollector;
use crate::{silent, tracing_to};
use lightship::{Builder, Otlp, Spans, counter, gauge};
use std::time::{Duration, Instant};

const TIMEOUT: Duration = Duration::from_secs(5);
const FAR_TOO_LONG: Duration = Duration::from_secs(20);

/// Spans that nobody sends without being told.
fn unhurried(builder: Builder) -> Builder {
    builder.spans(Spans::default().delay(Duration::from_secs(600)))
}

/// What a service does whose worker panics, and which then ends for good.
fn panic_and_abort(endpoint: &str, flush: bool) -> ! {
    let builder = unhurried(tracing_to(endpoint)).flush_on_panic(flush);
    let _telemetry = builder.install().unwrap();
    tracing::info_span!("before").in_scope(|| {});
    let worker = std::thread::spawn(|| {
        let _unfinished = tracing::info_span!("unfinished").entered();
        panic!("of the host");
    });
    assert!(worker.join().is_err());
    std::process::abort();
}

#[test]
fn a_panic_flushes_what_has_ended() {
    if let Some(endpoint) = child::argument() {
        panic_and_abort(&endpoint, true);
    }
    let collector = FakeCollector::start();
    let ended = child::run(child::command(this_test!(), &collector.endpoint()));
    assert_eq!(ended.status.code(), None, "{ended:?}");
    // The hook that was there before has said its part.
    assert!(ended.stderr.contains("of the host"), "{}", ended.stderr);
    let names: Vec<_> = collector.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["before"]);
}

/// That the test above shows what it means to.
#[test]
fn without_being_asked_to_a_panic_flushes_nothing() {
    if let Some(endpoint) = child::argument() {
        panic_and_abort(&endpoint, false);
    }
    let collector = FakeCollector::start();
    child::run(child::command(this_test!(), &collector.endpoint()));
    assert_eq!(collector.count(), 0);
}

#[test]
fn a_callback_that_panics_on_a_thread_of_ours_holds_up_nobody() {
    if let Some(endpoint) = child::argument() {
        let otlp = Otlp::default().endpoint(endpoint).metrics(true);
        let telemetry = unhurried(silent().otlp(otlp)).flush_on_panic(true).install().unwrap();
        gauge!("broken").observe(|| panic!("of a callback"));
        counter!("whole").increment(1);
        tracing::info_span!("request").in_scope(|| {});
        let start = Instant::now();
        // On a thread of ours, and then on this one, while it reads all cells.
        assert!(telemetry.flush(TIMEOUT).is_complete());
        assert!(telemetry.prometheus_text().contains("whole_total 1"));
        assert!(telemetry.shutdown(TIMEOUT).is_complete());
        assert!(start.elapsed() < FAR_TOO_LONG, "{:?}", start.elapsed());
        return;
    }
    let collector = FakeCollector::start();
    child::run(child::command(this_test!(), &collector.endpoint())).succeeded();
    assert_eq!(collector.spans().len(), 1);
    assert!(collector.points().iter().any(|point| point.name == "whole"));
}
