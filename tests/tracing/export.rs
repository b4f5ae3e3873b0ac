//! What a span is when it arrives.

use crate::otlp::{FakeCollector, Span, Value};
use crate::{TIMEOUT, builder};
use tracing::field::Empty;
use tracing::{info, info_span};

/// What arrives of what `body` traces.
fn exported(body: impl FnOnce()) -> Vec<Span> {
    let collector = FakeCollector::start();
    let telemetry = builder(&collector.endpoint()).build().unwrap();
    telemetry.scope(body);
    let report = telemetry.shutdown(TIMEOUT);
    assert!(report.is_complete(), "{report}");
    collector.spans()
}

#[test]
fn unsigned_numbers_are_numbers_where_the_key_says_so() {
    let spans = exported(|| {
        let span = info_span!(
            "chat",
            gen_ai.usage.input_tokens = 1_200_u64,
            gen_ai.usage.output_tokens = Empty,
            http.response.status_code = 200_u16,
            server.port = 8080_u16,
            message_count = usize::MAX / 4,
            signed = -3_i64,
            ratio = 0.5,
            version = "12",
        );
        span.record("gen_ai.usage.output_tokens", 44_u32);
        span.in_scope(|| info!(retry.attempt = 2_u8, "again"));
    });
    let [span] = spans.as_slice() else { panic!("{spans:?}") };
    for (key, number) in [
        ("gen_ai.usage.input_tokens", 1_200),
        ("gen_ai.usage.output_tokens", 44),
        ("http.response.status_code", 200),
        ("server.port", 8080),
        ("message_count", i64::MAX / 2),
        ("signed", -3),
    ] {
        assert_eq!(span.attribute(key), Some(&Value::Int(number)), "{key}: {span:?}");
    }
    assert_eq!(span.attribute("ratio"), Some(&Value::Float(0.5)));
    // A text that looks like a number and is none by its key.
    assert_eq!(span.text("version"), Some("12"));
    let attempt = &span.event("again").unwrap().attributes;
    assert!(attempt.contains(&("retry.attempt".to_owned(), Value::Int(2))), "{attempt:?}");
}

#[test]
fn of_a_key_that_comes_twice_the_last_value_counts() {
    let spans = exported(|| {
        let span = info_span!("upload", state = "new", kept = 1, kept = 2);
        span.record("state", "stored");
        span.record("state", "checked");
    });
    let [span] = spans.as_slice() else { panic!("{spans:?}") };
    let of = |key: &str| span.attributes.iter().filter(|(k, _)| k == key).count();
    assert_eq!((of("state"), of("kept")), (1, 1), "{span:?}");
    assert_eq!(span.text("state"), Some("checked"));
    assert_eq!(span.attribute("kept"), Some(&Value::Int(2)));
}

#[test]
fn what_is_forbidden_or_too_long_stays_here() {
    let spans = exported(|| {
        let long = "x".repeat(100_000);
        let _span = info_span!("login", password = "hunter2", user.email = "a@b", long).entered();
        info!(token = "hunter2", "in");
    });
    let [span] = spans.as_slice() else { panic!("{spans:?}") };
    let all = format!("{span:?}");
    assert!(!all.contains("hunter2"), "{all}");
    assert_eq!(span.text("long").unwrap().len(), lightship::Spans::DEFAULT_MAX_VALUE_LENGTH);
}

#[test]
fn an_error_marks_its_span_and_no_other() {
    let spans = exported(|| {
        let _request = info_span!("request").entered();
        info_span!("query").in_scope(|| tracing::error!("the disk is full"));
    });
    assert_eq!(crate::otlp::tree(&spans, &[]), "request\n  query [error]\n");
    assert!(spans.iter().any(|span| span.event("the disk is full").is_some()), "{spans:?}");
}

#[test]
fn a_trace_that_is_not_sampled_sends_nothing() {
    let collector = FakeCollector::start();
    let sampler = lightship::Sampler::always_off();
    let telemetry = builder(&collector.endpoint()).sampler(sampler).build().unwrap();
    telemetry.scope(|| info_span!("request").in_scope(|| info_span!("query").in_scope(|| {})));
    assert!(telemetry.shutdown(TIMEOUT).is_complete());
    assert_eq!(collector.connections(), 0);
}

#[test]
fn instances_side_by_side_keep_to_themselves() {
    let collectors = [FakeCollector::start(), FakeCollector::start()];
    let instances = collectors.each_ref().map(|it| builder(&it.endpoint()).build().unwrap());
    std::thread::scope(|scope| {
        for (n, instance) in instances.iter().enumerate() {
            scope.spawn(move || {
                for _ in 0..50 {
                    instance.scope(|| info_span!("work", n).in_scope(|| {}));
                }
            });
        }
    });
    // One within the other: the inner one's alone.
    instances[0].scope(|| instances[1].scope(|| info_span!("work", n = 1_usize).in_scope(|| {})));
    for instance in instances {
        assert!(instance.shutdown(TIMEOUT).is_complete());
    }
    let counts = collectors.each_ref().map(|it| it.spans().len());
    assert_eq!(counts, [50, 51]);
    for (n, collector) in collectors.iter().enumerate() {
        let of_it = |span: &Span| span.attribute("n").unwrap().to_string() == n.to_string();
        assert!(collector.spans().iter().all(of_it));
    }
}
