//! One life after the other, and what comes between and after.

use crate::child::{self, this_test};
use crate::otlp::FakeCollector;
use crate::{silent, tracing_to, turn};
use lightship::{Logs, Sampler, counter, testing};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);

fn names(collector: &FakeCollector) -> Vec<String> {
    let mut names: Vec<_> = collector.spans().into_iter().map(|span| span.name).collect();
    names.sort_unstable();
    names
}

#[test]
fn spans_reach_the_collector_of_their_life() {
    let _turn = turn();
    let (first, second) = (FakeCollector::start(), FakeCollector::start());
    let telemetry = tracing_to(&first.endpoint()).install().unwrap();
    tracing::info_span!("first").in_scope(|| {});
    let (across, entered) = (tracing::info_span!("across"), tracing::info_span!("entered"));
    let entered = entered.entered();
    assert!(telemetry.shutdown(TIMEOUT).is_complete());
    tracing::info_span!("between").in_scope(|| tracing::info!("nobody's"));

    let telemetry = tracing_to(&second.endpoint()).install().unwrap();
    across.record("late", 1);
    across.in_scope(|| tracing::info!("an event of the second life"));
    across.in_scope(|| tracing::info_span!("child").in_scope(|| {}));
    drop(entered);
    drop(across);
    tracing::info_span!("second").in_scope(|| {});
    assert!(telemetry.shutdown(TIMEOUT).is_complete());
    assert_eq!(names(&first), ["first"]);
    // A span belongs to the life that it ends in.
    assert_eq!(names(&second), ["across", "child", "entered", "second"]);
    let spans = second.spans();
    let find = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    assert_eq!(find("child").parent.as_ref(), Some(&find("across").id));
}

#[test]
fn each_life_has_its_own_sampler_filter_and_metrics() {
    let _turn = turn();
    let collector = FakeCollector::start();
    let life = |name: &'static str, sampler: Sampler, filter: &str| {
        let builder = tracing_to(&collector.endpoint()).sampler(sampler).span_filter(filter);
        let telemetry = builder.install().unwrap();
        for _ in 0..3 {
            tracing::info_span!("info", life = name).in_scope(|| {});
            tracing::debug_span!("debug", life = name).in_scope(|| {});
        }
        counter!("lives").increment(1);
        assert!(telemetry.prometheus_text().contains("lives_total 1\n"));
        assert!(telemetry.shutdown(TIMEOUT).is_complete());
        let spans = collector.spans();
        spans.iter().filter(|span| span.text("life") == Some(name)).count()
    };
    assert_eq!(life("off", Sampler::always_off(), "debug"), 0);
    assert_eq!(life("on", Sampler::always_on(), "info"), 3);
    assert_eq!(life("off again", Sampler::always_off(), "info"), 0);
    assert_eq!(life("more", Sampler::ratio(1.0), "debug"), 6);
    assert_eq!(life("none", Sampler::ratio(1.0), "off"), 0);
}

#[test]
fn a_span_that_ends_after_everything_is_no_harm() {
    let _turn = turn();
    let collector = FakeCollector::start();
    let telemetry = tracing_to(&collector.endpoint()).install().unwrap();
    let handle = telemetry.handle();
    let span = tracing::info_span!("late", field = tracing::field::Empty);
    let elsewhere = span.clone();
    drop(telemetry);
    std::thread::spawn(move || {
        elsewhere.record("field", 1);
        elsewhere.in_scope(|| tracing::error!("after the end"));
    })
    .join()
    .unwrap();
    drop(span);
    assert!(collector.spans().is_empty());
    // Whoever asks later is told at once.
    handle.flush(TIMEOUT);
    assert!(handle.status().to_string().contains("shut down"), "{}", handle.status());
}

#[test]
fn a_capture_reaches_no_backend_and_leaves_what_is_installed_alone() {
    let _turn = turn();
    let collector = FakeCollector::start();
    let telemetry = tracing_to(&collector.endpoint()).install().unwrap();
    let work = |name: &'static str| {
        tracing::info_span!("work", name).in_scope(|| counter!("captures.seen").increment(1));
    };
    let outer = tracing::info_span!("outer").entered();
    work("before");
    let ((), seen) = testing::capture(|| work("captured"));
    work("after");
    drop(outer);
    assert_eq!(seen.span("work").unwrap().attribute("name"), Some("captured"));
    assert_eq!(seen.counter("captures.seen", &[]), 1);
    assert!(telemetry.prometheus_text().contains("captures_seen_total 2\n"));
    assert!(telemetry.shutdown(TIMEOUT).is_complete());
    let spans = collector.spans();
    let worked: Vec<_> = spans.iter().filter_map(|span| span.text("name")).collect();
    assert_eq!(worked, ["before", "after"]);
    assert_eq!(names(&collector), ["outer", "work", "work"]);
}

/// In a process of its own: with a single subscriber, `tracing` takes short cuts.
#[test]
fn a_place_that_nobody_wanted_is_wanted_by_whom_comes_next() {
    if child::argument().is_some() {
        let work = || tracing::info_span!("work").in_scope(|| {});
        work();
        for round in 0..3 {
            let ((), seen) = testing::capture(|| {
                // One that nobody has come by before, and that another thread finds first.
                let fresh = || tracing::info_span!("fresh").in_scope(|| {});
                std::thread::spawn(fresh).join().unwrap();
                fresh();
                work();
            });
            assert_eq!(seen.spans().len(), 2, "{round}: {seen}");
        }
        let collector = FakeCollector::start();
        let telemetry = tracing_to(&collector.endpoint()).build().unwrap();
        telemetry.scope(work);
        assert!(telemetry.shutdown(TIMEOUT).is_complete());
        assert_eq!(names(&collector), ["work"]);
        return;
    }
    child::run(child::command(this_test!(), "")).succeeded();
}

#[test]
fn the_last_words_are_written() {
    if child::argument().is_some() {
        let life = |n: u64| {
            let telemetry = silent().logs(Logs::default().json()).install().unwrap();
            tracing::info!(n, "in life");
            assert!(telemetry.shutdown(TIMEOUT).is_complete());
            tracing::info!(n, "after it");
            log::warn!("after it, by another crate");
        };
        life(1);
        life(2);
        return;
    }
    let ended = child::run(child::command(this_test!(), "")).succeeded();
    let lines = ended.log_lines();
    let messages: Vec<_> = lines.iter().map(|line| line["message"].as_str().unwrap()).collect();
    let life = ["in life", "after it", "after it, by another crate"];
    assert_eq!(messages, [life, life].concat(), "{}", ended.stdout);
    assert_eq!(lines[4]["n"], 2);
}
