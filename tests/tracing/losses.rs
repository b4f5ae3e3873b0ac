//! What can't be delivered is told, and never by an `Ok`.

use crate::otlp::{Answer, FakeCollector};
use crate::{TIMEOUT, builder};
use lightship::{DropReason, PipelineReport, Telemetry};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tracing::info_span;

fn spans(telemetry: &Telemetry, count: usize) {
    telemetry.scope(|| (0..count).for_each(|_| info_span!("request").in_scope(|| {})));
}

/// What a shutdown tells of five spans.
fn ending(endpoint: &str, timeout: Duration) -> PipelineReport {
    let telemetry = builder(endpoint).build().unwrap();
    spans(&telemetry, 5);
    let start = Instant::now();
    let report = telemetry.shutdown(timeout);
    assert!(start.elapsed() < timeout + TIMEOUT, "{:?}", start.elapsed());
    let otlp = report.pipeline("otlp").unwrap().clone();
    assert_eq!(report.is_complete(), otlp.complete, "{report}");
    otlp
}

#[test]
fn a_last_export_that_fails_is_a_loss() {
    let short = Duration::from_secs(1);
    let otlp = ending("http://127.0.0.1:9", short);
    assert!(!otlp.complete && otlp.lost == 5 && otlp.sent == 0, "{otlp:?}");
    for (answer, timeout) in [
        (Answer::status(400), TIMEOUT),
        (Answer::status(401), TIMEOUT),
        (Answer::status(413), TIMEOUT),
        (Answer::html(404), TIMEOUT),
        (Answer::status(503).header("Retry-After", "60"), short),
    ] {
        let collector = FakeCollector::start();
        collector.answer_with(answer.clone());
        let otlp = ending(&collector.endpoint(), timeout);
        assert!(!otlp.complete && otlp.lost == 5 && otlp.sent == 0, "{answer:?}: {otlp:?}");
    }
}

#[test]
fn what_was_never_answered_is_unknown_or_lost_and_never_sent() {
    for answer in [Answer::never(), Answer::hang_up()] {
        let collector = FakeCollector::start();
        collector.answer_with(answer.clone());
        let otlp = ending(&collector.endpoint(), Duration::from_secs(1));
        assert!(!otlp.complete && otlp.sent == 0, "{answer:?}: {otlp:?}");
        assert_eq!(otlp.lost.max(otlp.unknown), 5, "{answer:?}: {otlp:?}");
    }
}

#[test]
fn what_a_collector_rejects_is_lost() {
    let collector = FakeCollector::start();
    collector.answer_with(Answer::partial(2, "too old"));
    let otlp = ending(&collector.endpoint(), TIMEOUT);
    assert_eq!((otlp.sent, otlp.lost, otlp.complete), (3, 2, false), "{otlp:?}");
}

#[test]
fn a_flush_keeps_what_the_collector_may_take_later() {
    let mut collector = FakeCollector::start();
    let telemetry = builder(&collector.endpoint()).build().unwrap();
    collector.stop();
    spans(&telemetry, 3);
    let report = telemetry.flush(Duration::from_secs(1));
    let otlp = report.pipeline("otlp").unwrap();
    assert!(!otlp.complete && otlp.kept == 3 && otlp.lost == 0, "{report}");
    collector.restart();
    let report = telemetry.shutdown(TIMEOUT);
    assert!(report.is_complete(), "{report}");
    assert_eq!(collector.spans().len(), 3);
}

#[test]
fn a_queue_that_is_full_loses_and_counts_and_holds_up_nobody() {
    const SPANS: usize = 20_000;
    let collector = FakeCollector::start();
    collector.answer_with(Answer::never());
    let telemetry = builder(&collector.endpoint()).build().unwrap();
    spans(&telemetry, SPANS);
    collector.answer_with(Answer::accepted());
    let report = telemetry.shutdown(Duration::from_secs(2));
    let otlp = report.pipeline("otlp").unwrap();
    // What hangs unanswered may be counted as unknown and arrive when it is tried again.
    assert!(otlp.sent + otlp.lost <= SPANS as u64, "{report}");
    assert!(otlp.sent + otlp.lost + otlp.unknown >= SPANS as u64, "{report}");
    assert!(otlp.sent <= collector.spans().len() as u64, "{report}");
}

#[test]
fn spans_after_the_end_are_no_harm() {
    let collector = FakeCollector::start();
    let telemetry = builder(&collector.endpoint()).build().unwrap();
    let handle = telemetry.handle();
    let open = handle.scope(|| info_span!("open"));
    assert!(telemetry.shutdown(TIMEOUT).is_complete());
    open.in_scope(|| tracing::error!("late"));
    drop(open);
    handle.scope(|| info_span!("after").in_scope(|| {}));
    handle.flush(TIMEOUT);
    assert_eq!(collector.connections(), 0);
}

#[test]
fn what_keeps_failing_is_told_once() {
    let notices = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&notices);
    let collector = FakeCollector::start();
    collector.answer_with(Answer::status(400).body("no such tenant"));
    let builder = builder(&collector.endpoint());
    let builder = builder.notices(move |line| told.lock().unwrap().push(line.to_owned()));
    let telemetry = builder.build().unwrap();
    for _ in 0..100 {
        spans(&telemetry, 1);
        assert!(!telemetry.flush(TIMEOUT).is_complete());
    }
    let status = telemetry.status();
    let otlp = status.pipeline("otlp").unwrap();
    assert_eq!(otlp.dropped_for(DropReason::Rejected), 100, "{status}");
    assert_eq!(collector.count(), 100);
    let notices = notices.lock().unwrap();
    let [notice] = notices.as_slice() else { panic!("{notices:#?}") };
    assert!(notice.contains("400"), "{notice}");
}
