//! Wrong values in code: each is a problem, and all come back together.

use super::*;
use std::time::Duration;

fn everything_wrong() -> Builder {
    Builder::new(" \n")
        .version("")
        .environment("a\nb")
        .tag("db.password", "hunter2")
        .tag("env", "prod")
        .tag("", "x")
        .tag("zone", "")
        .dogstatsd(
            DogStatsd::default()
                .address("tcp://agent:8125")
                .flush_interval(Duration::from_millis(99))
                .tag("service.name", "other"),
        )
        .prometheus(
            Prometheus::default()
                .listen("metrics.local:9464")
                .bearer_token("two words")
                .bearer_token_file("/nowhere/token"),
        )
        .otlp(
            Otlp::default()
                .endpoint("http://user:hunter2@collector:4318")
                .header("content-type", "hunter2")
                .header("hunter2 ", "a\nb")
                .header("hunter2 x", "y")
                .header("", "hunter2")
                .timeout(Duration::ZERO)
                .metrics_interval(Duration::from_millis(99)),
        )
        .sampler(Sampler::ratio(1.5))
        .span_filter("api=loud")
        .spans(
            Spans::default()
                .max_attributes(10_001)
                .max_value_length(0)
                .queue(0)
                .batch(4_096)
                .delay(Duration::from_secs(601)),
        )
        .logs(Logs::default().filter(""))
        .buckets("a", &[])
        .buckets("b", &[2.0, 1.0])
        .buckets("c", &[f64::NAN])
        .buckets("", &[1.0])
        .cardinality("a", "user", 0)
        .cardinality("a", "route", 1_000_000)
        .cardinality("", "route", 1)
}

#[test]
fn all_problems_come_back_together() {
    let problems = problems(&everything_wrong(), &[]);
    let expected = [
        "service: the text is empty; write 1 to 200 printable characters",
        "environment: `a_b` has control characters; write 1 to 200 printable characters",
        "version: the text is empty; ",
        "tag: the key `db.password` names a secret or a person; ",
        "tag: the key `env` is taken; use the builder's own setters",
        "tag: the text is empty; write 1 to 100",
        "tag: the value of `zone`: the text is empty; ",
        "otlp.endpoint: `http://********@collector:4318` has credentials; write them into a header",
        "otlp.header: header 1 says what the content is, which is ours to say; take letters",
        "otlp.header: header 2 has a value with control characters",
        "otlp.header: header 3 has characters that no name has",
        "otlp.header: header 4 has no name",
        "otlp.timeout: 0ns is out of bounds; take 1ms to 600s",
        "otlp.metrics.interval: 99ms is out of bounds; take 100ms to 3600s",
        "spans.sampler: 1.5 is out of bounds; take 0 to 1",
        "spans.filter: `api=loud`: `loud` is not a level; write levels",
        "spans.max_attributes: 10001 is out of bounds; take 0 to 10000",
        "spans.max_value_length: 0 is out of bounds; take 1 to 1048576",
        "spans.queue: 0 is out of bounds; take 1 to 100000",
        "spans.batch: 4096 is more than the queue's 2048; take no more than it holds",
        "spans.delay: 601s is out of bounds; take 1ms to 600s",
        "dogstatsd.address: `tcp://agent:8125` has an unknown scheme; write udp://host:port",
        "dogstatsd.flush_interval: 99ms is out of bounds; take 100ms to 60s",
        "dogstatsd.tag: the key `service.name` is taken; ",
        "prometheus.listen: `metrics.local:9464` has no IP address before its port; write ip:port",
        "prometheus.bearer_token: a token and a token file are both set; set one of the two",
        "prometheus.bearer_token: ******** has spaces",
        "prometheus.bearer_token_file: `/nowhere/token` can't be read: ",
        "metrics.buckets: the buckets of `a`: there is no finite bound; ",
        "metrics.buckets: the buckets of `b`: 2.0 is not below 1.0; ",
        "metrics.buckets: the buckets of `c`: NaN is among the bounds; ",
        "metrics.buckets: the metric's name is empty; ",
        "metrics.cardinality: the tag `user` of `a`: 0 is out of bounds; take 1 to 2000",
        "metrics.cardinality: the tag `route` of `a`: 1000000 is out of bounds; ",
        "metrics.cardinality: the tag `route` of ``: the metric's name is empty; ",
        "logs.filter: ``: there is no directive in it; write levels",
    ];
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.starts_with(expected), "{problem}\nis not\n{expected}");
        assert!(!problem.contains("hunter2"), "{problem}");
    }
}

#[test]
fn what_the_rules_find_in_code_is_a_problem_that_does_not_show_it() {
    use crate::{Detector, Redaction};
    let rules = Redaction::default()
        .detector(Detector::prefixed("staff", "staff_", 4))
        .deny("ward")
        .allow("desk");
    let builder = Builder::new("of staff_0001")
        .environment("staff_0001")
        .version("1.2.3.4")
        .tag("owner", "staff_0001")
        .tag("of.staff_0001", "1")
        .tag("hospital.ward", "7")
        .tag("desk", "staff_0001")
        .dogstatsd(DogStatsd::default().tag("shift", "of staff_0001"))
        .cardinality("*", "ward", 5)
        .cardinality("logins", "*", 5)
        .max_series("logins", 0)
        .redaction(rules);
    let problems = problems(&builder, &[]);
    let expected = [
        "service: the rules find `staff` in it; choose one that names nobody and nothing secret",
        "environment: the rules find `staff` in it; ",
        "tag: the rules find `staff` in the value of `owner`; ",
        "tag: the rules find `staff` in the key; ",
        "tag: the key `hospital.ward` names a secret or a person; ",
        "dogstatsd.tag: the rules find `staff` in the value of `shift`; ",
        "metrics.cardinality: the tag `ward` of `*`: the key `ward` names a secret or a person; ",
        "metrics.max_series: the series of `logins`: 0 is out of bounds; take 1 to 10000",
    ];
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.starts_with(expected), "{problem}\nis not\n{expected}");
        assert!(!problem.contains("0001"), "{problem}");
    }
}

#[test]
fn variables_do_not_hide_what_is_wrong_in_code() {
    let set = [("OTEL_SERVICE_NAME", "right"), ("OTEL_SDK_DISABLED", "true")];
    let wrong = everything_wrong();
    // Only the file is not looked at where nothing listens.
    assert_eq!(problems(&wrong, &set).len(), problems(&wrong, &[]).len() - 1);
}

#[test]
fn what_stands_beside_no_listener_in_vain_is_a_problem() {
    let options = Prometheus::default().no_listener();
    let builder = plain().prometheus(options.clone().listen("127.0.0.1:1").bearer_token("x"));
    let problems = problems(&builder, &[]);
    assert!(problems[0].starts_with("prometheus.listen: an address is set beside"), "{problems:?}");
    assert!(problems[1].starts_with("prometheus.bearer_token: a token is set"), "{problems:?}");
    let prometheus = resolved(&plain().prometheus(options), &[("LIGHTSHIP_ADMIN_TOKEN", "a b")]);
    assert_eq!(prometheus.settings.prometheus.unwrap().listen, None);
}

#[test]
fn limits_are_inclusive() {
    for interval in [Duration::from_millis(100), Duration::from_secs(60)] {
        let options = DogStatsd::default().flush_interval(interval);
        let dogstatsd = resolved(&plain().dogstatsd(options), &[]).settings.dogstatsd.unwrap();
        assert_eq!(dogstatsd.flush_interval, interval);
    }
    let options = DogStatsd::default().flush_interval(Duration::from_millis(60_001));
    assert_eq!(problems(&plain().dogstatsd(options), &[]).len(), 1);
    assert_eq!(resolved(&Builder::new("s".repeat(200)), &[]).settings.resource.service.len(), 200);
    assert_eq!(problems(&Builder::new("s".repeat(201)), &[]).len(), 1);
}

#[test]
fn the_last_of_two_calls_counts() {
    let builder = plain()
        .buckets("a", &[1.0])
        .buckets("a", &[2.0, 3.0])
        .cardinality("a", "route", 1)
        .cardinality("a", "user", 2)
        .cardinality("a", "route", 3);
    let metrics = resolved(&builder, &[]).settings.metrics;
    assert_eq!(metrics.bounds, [("a".to_owned(), vec![2.0, 3.0])]);
    let limits: Vec<_> =
        metrics.cardinality.iter().map(|(_, key, limit)| (key.as_str(), *limit)).collect();
    assert_eq!(limits, [("user", 2), ("route", 3)]);
}
