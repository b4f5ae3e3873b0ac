//! One load with all three backends on, the collector killed in the middle: the same numbers
//! everywhere.

use super::work::{Totals, metrics, run};
use super::{PATIENCE, error, flush, wait_until};
use crate::load::{check_dogstatsd, check_prometheus};
use crate::reference::Reference;
use crate::support::backends::{Collector, TempDir};
use crate::support::dogstatsd::{FakeAgent, Kind, Line, understand};
use crate::support::otlp::Point;
use lightship::{
    DogStatsd, DropReason, Telemetry, Temporality, Unit, counter, describe_counter,
    describe_histogram, gauge, histogram, set,
};
use std::time::Duration;

/// Short, so that many of them fall into the load and the outage.
const INTERVAL: Duration = Duration::from_millis(100);

#[test]
fn totals_are_equal_everywhere_with_cumulative_otlp() {
    with(Temporality::Cumulative);
}

#[test]
fn totals_are_equal_everywhere_with_deltas_of_otlp() {
    with(Temporality::Delta);
}

fn with(temporality: Temporality) {
    let Some(mut collector) = Collector::start() else { return };
    let directory = TempDir::new("otlp-totals");
    let agent = FakeAgent::listen(Kind::Datagram(directory.path().join("dsd.sock")));
    let dogstatsd = DogStatsd::default().address(agent.address());
    let telemetry = metrics(collector.http(), temporality, INTERVAL)
        .dogstatsd(dogstatsd.client_telemetry(false))
        .build()
        .unwrap();
    let mut reference = Reference::default();
    telemetry.scope(describe);
    telemetry.scope(|| record(1.5));
    run(&telemetry, 0, &mut reference);
    flush(&telemetry);
    // From now on nothing but gauges can be in the air.
    collector.kill();
    telemetry.scope(|| record(-7.25));
    run(&telemetry, 1, &mut reference);
    wait_until("the outage is seen", &telemetry, || error(&telemetry).contains("nobody listens"));
    collector.restart();
    run(&telemetry, 2, &mut reference);
    telemetry.scope(|| record(42.5));
    flush(&telemetry);

    check_prometheus(&telemetry, &mut reference);
    let points = collector.points();
    let totals = match temporality {
        Temporality::Delta => Totals::deltas(&points),
        _ => Totals::cumulative(&points),
    };
    totals.check(&reference);
    assert_eq!(totals.gauge("load.depth"), Some(42.5));
    assert_eq!(totals.count("load.steps"), 1 + 2 + 3);
    check_shapes(&points);
    check_page(&telemetry);
    let report = telemetry.shutdown(PATIENCE);
    assert!(report.is_complete(), "{report}");
    assert_eq!(report.pipeline("otlp").unwrap().lost, 0, "{report}");
    let lines = understand(&agent.stop());
    check_dogstatsd(&lines, &mut reference);
    check_lines(&lines);
}

fn describe() {
    describe_counter!("load.requests", "Requests of the load.");
    describe_histogram!("load.pages", Unit::Bytes, "Sizes of the load.");
}

/// The last of the gauges counts; the counter is 6 after three rounds.
fn record(depth: f64) {
    histogram!("load.pages").record(2_048);
    gauge!("load.depth", "queue" => "parser").set(depth);
    let step = counter!("load.steps");
    step.increment(match depth {
        1.5 => 1,
        -7.25 => 2,
        _ => 3,
    });
    ["a", "b", "a"].iter().for_each(|name| set!("load.names").insert(*name));
}

/// What surrounds the numbers.
fn check_shapes(points: &[Point]) {
    let of = |name: &str| points.iter().rfind(|point| point.name == name).unwrap();
    let (requests, duration, size) = (of("load.requests"), of("load.duration"), of("load.pages"));
    assert_eq!((requests.kind.as_str(), requests.monotonic), ("sum", true));
    assert_eq!(requests.description, "Requests of the load.");
    assert_eq!((duration.kind.as_str(), duration.unit.as_str()), ("histogram", "s"));
    assert_eq!((size.kind.as_str(), size.unit.as_str()), ("histogram", "By"));
    assert_eq!(of("load.depth").kind, "gauge");
    for (key, value) in [
        ("service.name", "load"),
        ("service.version", "1.4.2"),
        ("deployment.environment.name", "test"),
        ("telemetry.sdk.name", "lightship"),
    ] {
        assert!(points.iter().all(|point| point.resource(key).is_some_and(|it| it == value)));
    }
    let own = points.iter().find(|point| point.name.starts_with("lightship"));
    assert_eq!(own, None, "our own health is the page's");
}

fn check_page(telemetry: &Telemetry) {
    let page = telemetry.prometheus_text();
    for line in ["load_depth{queue=\"parser\"} 42.5", "load_steps_total 6"] {
        assert!(page.contains(&format!("{line}\n")), "no {line} in {page}");
    }
}

fn check_lines(lines: &[Line]) {
    let of = |name: &'static str| {
        lines.iter().filter_map(Line::metric).filter(move |metric| metric.name == name)
    };
    assert_eq!(of("load.steps").flat_map(|metric| &metric.values).sum::<f64>(), 6.0);
    assert_eq!(of("load.depth").flat_map(|metric| &metric.values).next_back(), Some(&42.5));
}

/// The same with the collector dying while the load runs, where a delta may be in the air.
#[test]
fn a_collector_that_dies_under_load_costs_cumulative_totals_nothing() {
    let Some(mut collector) = Collector::start() else { return };
    let telemetry = metrics(collector.http(), Temporality::Cumulative, INTERVAL).build().unwrap();
    let reference = die_under_load(&mut collector, &telemetry);
    Totals::cumulative(&collector.points()).check(&reference);
}

#[test]
fn of_deltas_at_most_what_is_unknown_is_missing() {
    let Some(mut collector) = Collector::start() else { return };
    let telemetry = metrics(collector.http(), Temporality::Delta, INTERVAL).build().unwrap();
    let reference = die_under_load(&mut collector, &telemetry);
    let points = collector.points();
    let totals = Totals::deltas(&points);
    let (found, truth) = (totals.count("load.duration"), reference.values.len() as u64);
    match super::dropped(&telemetry, DropReason::Unknown) {
        0 => totals.check(&reference),
        // Written down, or not, before it died; never twice.
        unknown => assert!(found <= truth, "{found} of {truth}, {unknown} points unknown"),
    }
}

fn die_under_load(collector: &mut Collector, telemetry: &Telemetry) -> Reference {
    let mut reference = Reference::default();
    run(telemetry, 0, &mut reference);
    std::thread::scope(|threads| {
        let load = threads.spawn(|| {
            let mut reference = Reference::default();
            (1..6).for_each(|generation| run(telemetry, generation, &mut reference));
            reference
        });
        for _ in 0..2 {
            std::thread::sleep(INTERVAL);
            collector.kill();
            std::thread::sleep(INTERVAL);
            collector.restart();
        }
        reference.add(load.join().unwrap());
    });
    flush(telemetry);
    reference
}
