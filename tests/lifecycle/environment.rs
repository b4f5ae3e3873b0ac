//! One call, `lightship::init`, in processes that differ in their variables alone.

use crate::child::{self, Ended, this_test};
use crate::otlp::{Answer, FakeCollector};
use std::process::Command;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);

/// A service with nothing in its code.
fn service() {
    let telemetry = lightship::init("child").unwrap();
    {
        let _request = tracing::info_span!("request").entered();
        tracing::info!("handled");
        tracing::trace_span!("detail").in_scope(|| tracing::trace!("very detailed"));
    }
    println!("{}", telemetry.shutdown(TIMEOUT));
}

fn command(test: &str, endpoint: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = child::command(test, "");
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("OTEL_EXPORTER_PROMETHEUS_PORT", "0")
        .env("DD_DOGSTATSD_DISABLE", "true")
        .envs(variables.iter().copied());
    command
}

/// The names of the spans, and the messages of the lines.
fn outcome(test: &str, variables: &[(&str, &str)]) -> (Vec<String>, Vec<String>, Ended) {
    let collector = FakeCollector::start();
    let ended = child::run(command(test, &collector.endpoint(), variables)).succeeded();
    let mut spans: Vec<_> = collector.spans().into_iter().map(|span| span.name).collect();
    spans.sort_unstable();
    let lines = ended.log_lines();
    let lines = lines.iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect();
    (spans, lines, ended)
}

#[test]
fn lines_and_spans_have_filters_of_their_own() {
    if child::argument().is_some() {
        return service();
    }
    let test = this_test!();
    let check = |variables: &[(&str, &str)], spans: &[&str], lines: &[&str]| {
        let (seen, logged, ended) = outcome(test, variables);
        assert_eq!((seen, logged), (owned(spans), owned(lines)), "{variables:?}: {ended:?}");
        assert_eq!(ended.stderr, "", "{variables:?}");
    };
    check(&[], &["request"], &["handled"]);
    for quiet in ["off", "warn"] {
        check(&[("RUST_LOG", quiet)], &["request"], &[]);
    }
    check(&[("LIGHTSHIP_SPAN_FILTER", "warn")], &[], &["handled"]);
    check(
        &[("LIGHTSHIP_SPAN_FILTER", "off,lifecycle=trace")],
        &["detail", "request"],
        &["handled"],
    );
    // Everything of everybody, and still nothing of what carries it away.
    let all = [("RUST_LOG", "trace"), ("LIGHTSHIP_SPAN_FILTER", "trace")];
    check(&all, &["detail", "request"], &["handled", "very detailed"]);
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

#[test]
fn the_off_switch_leaves_the_lines() {
    if child::argument().is_some() {
        return service();
    }
    let collector = FakeCollector::start();
    for metrics in ["none", "otlp"] {
        let variables = [("OTEL_SDK_DISABLED", "true"), ("OTEL_METRICS_EXPORTER", metrics)];
        let ended = child::run(command(this_test!(), &collector.endpoint(), &variables));
        let ended = ended.succeeded();
        assert_eq!(ended.log_lines().len(), 1, "{ended:?}");
    }
    assert_eq!(collector.connections(), 0);
}

#[test]
fn what_keeps_failing_is_one_line() {
    const FAILURES: usize = 100;
    if child::argument().is_some() {
        let telemetry = lightship::init("child").unwrap();
        for _ in 0..FAILURES {
            tracing::info_span!("request").in_scope(|| {});
            assert!(!telemetry.flush(TIMEOUT).is_complete());
        }
        let report = telemetry.shutdown(TIMEOUT);
        assert_eq!(report.pipeline("otlp").unwrap().lost, FAILURES as u64, "{report}");
        return;
    }
    let collector = FakeCollector::start();
    collector.answer_with(Answer::status(400).body("no such tenant"));
    let variables = [("RUST_LOG", "trace"), ("LIGHTSHIP_SPAN_FILTER", "trace")];
    let ended = child::run(command(this_test!(), &collector.endpoint(), &variables)).succeeded();
    assert_eq!(collector.count(), FAILURES);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.starts_with("lightship: otlp is degraded"), "{}", ended.stderr);
    assert!(ended.log_lines().is_empty(), "{}", ended.stdout);
}

#[test]
fn nobody_there_is_one_line() {
    if child::argument().is_some() {
        return service();
    }
    let ended = child::run(command(this_test!(), crate::NOBODY, &[])).succeeded();
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("127.0.0.1:9"), "{}", ended.stderr);
    assert_eq!(ended.log_lines().len(), 1, "{}", ended.stdout);
    assert!(ended.stdout.contains("otlp       incomplete: sent 0, kept 0, lost 1"), "{ended:?}");
}
