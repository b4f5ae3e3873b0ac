//! The collector dies and comes back: the spans of the outage arrive, each of them once.

use super::{PATIENCE, Told, builder, error, flush, status, to, told, wait_until};
use crate::support::backends::Collector;
use crate::support::otlp::{Span, Value};
use lightship::{DropReason, Otlp, Spans, Telemetry};
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};
use tracing::info_span;

const DELAY: Duration = Duration::from_millis(50);

fn build(otlp: Otlp, notices: &Told) -> Telemetry {
    let spans = Spans::default().queue(20_000).delay(DELAY);
    builder("outage", otlp).spans(spans).notices(notices.sink()).build().unwrap()
}

/// A span for each number, on several threads.
fn emit(telemetry: &Telemetry, numbers: Range<i64>) {
    let half = (numbers.start + numbers.end) / 2;
    let handle = &telemetry.handle();
    std::thread::scope(|threads| {
        for numbers in [numbers.start..half, half..numbers.end] {
            threads.spawn(|| {
                handle.scope(|| numbers.for_each(|number| drop(info_span!("work", number))));
            });
        }
    });
}

/// How often each number arrived.
fn arrivals(spans: &[Span]) -> BTreeMap<i64, usize> {
    let mut arrivals = BTreeMap::new();
    for span in spans {
        let Some(Value::Int(number)) = span.attribute("number") else { panic!("{span:?}") };
        *arrivals.entry(*number).or_default() += 1;
    }
    arrivals
}

fn survive(collector: &mut Collector, otlp: Otlp) {
    let notices = Told::default();
    let telemetry = build(otlp, &notices);
    emit(&telemetry, 0..500);
    assert_eq!(told(&flush(&telemetry)), (500, 0, 0, 0));
    collector.kill();
    let start = Instant::now();
    emit(&telemetry, 500..3_500);
    assert!(start.elapsed() < PATIENCE, "call sites waited: {:?}", start.elapsed());
    wait_until("the outage is seen", &telemetry, || error(&telemetry).contains("nobody listens"));
    let report = telemetry.flush(PATIENCE);
    assert!(!report.is_complete(), "{report}");
    assert_eq!(told(&report), (500, 3_000, 0, 0), "{report}");
    assert!(status(&telemetry).spooled_bytes > 0);
    assert_eq!(status(&telemetry).state.name(), "degraded");

    collector.restart();
    emit(&telemetry, 3_500..4_000);
    // Nobody asks: it finds out by itself.
    wait_until("all is sent", &telemetry, || status(&telemetry).sent == 4_000);
    let arrivals = arrivals(&collector.spans());
    assert!(arrivals.keys().copied().eq(0..4_000), "{arrivals:?}");
    let twice: Vec<_> = arrivals.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert_eq!((status(&telemetry).spooled_bytes, status(&telemetry).dropped), (0, vec![]));
    let lines = notices.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("otlp is degraded: nobody listens on 127.0.0.1:"), "{lines:?}");
    let report = telemetry.shutdown(PATIENCE);
    assert!(report.is_complete(), "{report}");
    assert_eq!(told(&report), (4_000, 0, 0, 0), "{report}");
}

#[test]
fn the_spans_of_an_outage_arrive_once_over_http() {
    let Some(mut collector) = Collector::start() else { return };
    let otlp = to(collector.http());
    survive(&mut collector, otlp);
}

#[cfg(feature = "grpc")]
#[test]
fn the_spans_of_an_outage_arrive_once_over_grpc() {
    let Some(mut collector) = Collector::start() else { return };
    let otlp = to(collector.grpc()).protocol(lightship::Protocol::Grpc);
    survive(&mut collector, otlp);
}

#[test]
fn a_collector_that_dies_under_load_costs_no_span() {
    let Some(mut collector) = Collector::start() else { return };
    let telemetry = build(to(collector.http()), &Told::default());
    std::thread::scope(|threads| {
        threads.spawn(|| {
            for part in 0..20 {
                emit(&telemetry, part * 500..(part + 1) * 500);
                std::thread::sleep(DELAY / 2);
            }
        });
        for _ in 0..2 {
            std::thread::sleep(DELAY * 3);
            collector.kill();
            collector.restart();
        }
    });
    let report = flush(&telemetry);
    assert_eq!(told(&report), (10_000, 0, 0, 0), "{report}");
    // What was in the air when it died may come twice, but for that each comes once.
    let arrivals = arrivals(&collector.spans());
    assert!(arrivals.keys().copied().eq(0..10_000), "{} arrived", arrivals.len());
    let twice = arrivals.values().filter(|times| **times > 1).count();
    assert!(twice <= 2 * 512, "{twice} came more than once");
}

#[test]
fn what_a_collector_that_stays_away_would_have_got_is_counted() {
    let Some(mut collector) = Collector::start() else { return };
    let telemetry = build(to(collector.http()), &Told::default());
    emit(&telemetry, 0..100);
    flush(&telemetry);
    collector.kill();
    emit(&telemetry, 100..1_000);
    let handle = telemetry.handle();
    let start = Instant::now();
    let report = telemetry.shutdown(PATIENCE);
    assert!(start.elapsed() < PATIENCE / 2, "nobody waits for those who are not there");
    assert!(!report.is_complete(), "{report}");
    assert_eq!(told(&report), (100, 0, 900, 0), "{report}");
    let otlp = handle.status().pipeline("otlp").unwrap().clone();
    assert_eq!(otlp.dropped, [(DropReason::Shutdown, 900)]);
}
