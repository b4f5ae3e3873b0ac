//! A span before and after.

mod policy;

use super::*;
use crate::otlp::traces::tests::{LIMITS, pipeline, span_data};
use crate::scrub::{Detector, Redaction};
use crate::trace::tests::allocations::allocations;
use opentelemetry::trace::{Event, Link, SpanContext, TraceFlags};
use opentelemetry::{Array, Value};

/// Rules that find `STAFF-` with four characters or more, and nothing else.
pub(super) fn staff_rules() -> Arc<Policy> {
    let staff = Detector::prefixed("staff", "STAFF-", 4);
    Arc::new(Redaction::empty().detector(staff).compile(None))
}

fn cleaned_by(
    policy: &Arc<Policy>,
    limits: &SpanLimits,
    mut span: SpanData,
) -> (SpanData, &'static Drops) {
    let drops = pipeline().drops();
    let mut batch = vec![span_data("before"), span];
    Cleaner::new(limits, Arc::clone(policy), drops).clean(&mut batch);
    span = batch.pop().unwrap();
    assert_eq!(batch[0], span_data("before"));
    (span, drops)
}

fn cleaned(limits: &SpanLimits, span: SpanData) -> (SpanData, &'static Drops) {
    cleaned_by(&Policy::shared_default(), limits, span)
}

fn clean(attributes: Vec<KeyValue>) -> (Vec<KeyValue>, &'static Drops) {
    let span = SpanData { attributes, ..span_data("a") };
    let (span, drops) = cleaned(&LIMITS, span);
    (span.attributes, drops)
}

fn text(attribute: &KeyValue) -> String {
    attribute.value.as_str().into_owned()
}

#[test]
fn what_is_not_sampled_goes_without_a_trace() {
    let drops = pipeline().drops();
    let mut unsampled = span_data("a");
    let context = &unsampled.span_context;
    unsampled.span_context = SpanContext::new(
        context.trace_id(),
        context.span_id(),
        TraceFlags::NOT_SAMPLED,
        false,
        context.trace_state().clone(),
    );
    let mut batch = vec![unsampled.clone(), span_data("b"), unsampled];
    Cleaner::new(&LIMITS, Policy::shared_default(), drops).clean(&mut batch);
    assert_eq!(batch, [span_data("b")]);
    assert!(drops.list().is_empty());
}

#[test]
fn a_clean_span_stays_as_it_is() {
    let mut span = span_data("GET /größe");
    span.attributes = vec![
        KeyValue::new("http.route", "/users\nand more"),
        KeyValue::new("http.response.status_code", 200_i64),
        KeyValue::new("share", 0.5),
    ];
    span.events.events = vec![Event::new("slow", span.end_time, span.attributes.clone(), 0)];
    span.links.links = vec![Link::new(SpanContext::NONE, span.attributes.clone(), 0)];
    span.status = Status::error("broken");
    let (after, drops) = cleaned(&LIMITS, span.clone());
    assert_eq!(after, span);
    assert!(drops.list().is_empty());
}

#[test]
fn what_is_clean_allocates_nothing() {
    let mut span = span_data("GET /users/{id}");
    let list = || {
        vec![
            KeyValue::new("http.route", String::from("/users/{id}")),
            KeyValue::new("url.path", String::from("/users/4711")),
            KeyValue::new("server.port", 8080),
            KeyValue::new("notes", Value::Array(Array::String(vec!["of no interest".into()]))),
        ]
    };
    span.attributes = list();
    span.events.events = vec![Event::new("stored", span.end_time, list(), 0)];
    span.status = Status::error("broken");
    let cleaner = Cleaner::new(&LIMITS, Policy::shared_default(), pipeline().drops());
    let mut batch = vec![span];
    assert_eq!(allocations(|| cleaner.clean(&mut batch)), 0);
}

#[test]
fn no_secret_leaves_wherever_it_stands_and_whatever_it_is() {
    let secret = || {
        vec![
            KeyValue::new("db.password", "hunter2"),
            KeyValue::new("user.pin", 4711),
            KeyValue::new("user.otp", Value::Array(Array::I64(vec![4, 7]))),
            KeyValue::new("route", "/a"),
        ]
    };
    let mut span = SpanData { attributes: secret(), ..span_data("a") };
    span.events.events = vec![Event::new("e", span.end_time, secret(), 0)];
    span.links.links = vec![Link::new(SpanContext::NONE, secret(), 0)];
    let (after, drops) = cleaned(&LIMITS, span);
    for list in
        [&after.attributes, &after.events.events[0].attributes, &after.links.links[0].attributes]
    {
        let hidden = |key| KeyValue::new(key, "[REDACTED]");
        let left = [
            hidden("db.password"),
            hidden("user.pin"),
            hidden("user.otp"),
            KeyValue::new("route", "/a"),
        ];
        assert_eq!(*list, left);
    }
    assert_eq!(drops.list(), [(DropReason::TagDenied, 9)]);
}

#[test]
fn a_secret_does_not_hide_behind_an_odd_key() {
    let (after, drops) = clean(vec![
        KeyValue::new(" password ", "x"),
        KeyValue::new("pass\u{2028}word", "y"),
        KeyValue::new("db.\u{7}password", "z"),
    ]);
    // The second is `pass_word`: two words, and harmless.
    let hidden = |key| KeyValue::new(key, "[REDACTED]");
    let left = [hidden("password"), KeyValue::new("pass_word", "y"), hidden("db._password")];
    assert_eq!(after, left);
    assert_eq!(drops.get(DropReason::TagDenied), 2);
}

#[test]
fn keys_become_printable_and_bounded() {
    let long = "k".repeat(5_000);
    let (after, drops) = clean(vec![
        KeyValue::new("a\nb", 1_i64),
        KeyValue::new("", 2_i64),
        KeyValue::new(" \t ", 3_i64),
        KeyValue::new(long, 4_i64),
        KeyValue::new("request\nsize", "5"),
        KeyValue::new(format!("{} and more", "k".repeat(MAX_KEY_CHARS - 1)), 6_i64),
    ]);
    let keys: Vec<_> = after.iter().map(|one| one.key.as_str().to_owned()).collect();
    let (cut, shorter) = ("k".repeat(MAX_KEY_CHARS), "k".repeat(MAX_KEY_CHARS - 1));
    assert_eq!(keys, ["a_b", &cut, "request_size", &shorter]);
    // What the mended key tells counts.
    assert_eq!(after[2].value, Value::I64(5));
    assert_eq!(drops.list(), [(DropReason::TagChanged, 6)]);
}

#[test]
fn texts_are_cut_at_characters() {
    let long = || "é".repeat(40_000);
    let array = Value::Array(Array::String(vec![long().into(), "short".into(), long().into()]));
    let mut span = span_data("a");
    span.attributes = vec![
        KeyValue::new("body", long()),
        KeyValue::new("list", array),
        KeyValue::new("exception.message", long()),
        KeyValue::new("exception.stacktrace", long()),
    ];
    span.name = long().into();
    span.status = Status::error(long());
    span.events.events = vec![Event::new(long(), span.end_time, Vec::new(), 0)];
    let limits = SpanLimits { value_length: 5_000, ..LIMITS };
    let (after, drops) = cleaned(&limits, span);
    let chars = |text: &str| text.chars().count();
    let cut: Vec<_> = after.attributes.iter().map(|one| chars(&text(one))).collect();
    assert_eq!((cut[0], cut[2], cut[3]), (5_000, 200, 4_096));
    let Value::Array(Array::String(list)) = &after.attributes[1].value else { panic!() };
    assert_eq!(list.iter().map(|text| chars(text.as_str())).collect::<Vec<_>>(), [5_000, 5, 5_000]);
    assert_eq!((chars(&after.name), chars(&after.events[0].name)), (200, 5_000));
    assert_eq!(after.status, Status::error("é".repeat(200)));
    assert_eq!(drops.list(), [(DropReason::TagChanged, 4), (DropReason::TextChanged, 3)]);
}

#[test]
fn names_become_one_printable_line() {
    let mut span = span_data(" GET\r\n/users\u{1b}[31m ");
    span.events.events = vec![Event::new("first\nsecond", span.end_time, Vec::new(), 0)];
    let (after, drops) = cleaned(&LIMITS, span);
    assert_eq!(after.name, "GET__/users_[31m");
    assert_eq!(after.events[0].name, "first_second");
    assert_eq!(drops.list(), [(DropReason::TextChanged, 2)]);
}

#[test]
fn the_last_of_the_same_key_counts_however_many_there_are() {
    for count in [2, 3, FEW, FEW + 1, 500] {
        let list = (0..count as i64)
            .flat_map(|n| [KeyValue::new("same", n), KeyValue::new(format!("key{n}"), n)]);
        let (after, drops) = clean(list.collect());
        assert_eq!(after.len(), count + 1);
        let same: Vec<_> = after.iter().filter(|one| one.key.as_str() == "same").collect();
        assert_eq!(same, [&KeyValue::new("same", count as i64 - 1)]);
        assert_eq!(
            after.last(),
            Some(&KeyValue::new(format!("key{}", count - 1), count as i64 - 1))
        );
        assert_eq!(drops.list(), [(DropReason::TagDuplicate, count as u64 - 1)]);
    }
}

#[test]
fn keys_that_become_the_same_are_one_as_well() {
    let (after, _) = clean(vec![KeyValue::new("a\nb", 1_i64), KeyValue::new("a_b", 2_i64)]);
    assert_eq!(after, [KeyValue::new("a_b", 2_i64)]);
}

#[test]
fn no_span_is_larger_than_a_quarter_of_a_mebibyte() {
    let limits = SpanLimits { value_length: usize::MAX, ..LIMITS };
    let huge = "🦀".repeat(1_000_000);
    let mut span = span_data("a");
    span.attributes = vec![
        KeyValue::new("huge", huge.clone()),
        KeyValue::new("list", Value::Array(Array::I64(vec![7; 1_000_000]))),
        KeyValue::new("small", "kept"),
        KeyValue::new("second", huge.clone()),
    ];
    let event = || Event::new(huge.clone(), span_data("").end_time, Vec::new(), 0);
    span.events.events = vec![event(), Event::new("small", span.end_time, Vec::new(), 0)];
    let link = Link::new(SpanContext::NONE, vec![KeyValue::new("huge", huge.clone())], 0);
    span.links.links = vec![link, Link::new(SpanContext::NONE, Vec::new(), 0)];
    let (after, drops) = cleaned(&limits, span);
    assert!(weight(&after) <= weight::MAX_SPAN);
    let keys: Vec<_> = after.attributes.iter().map(|one| one.key.as_str()).collect();
    // The first is cut, the list can't be, the second finds no room any more.
    assert_eq!(keys, ["huge", "small"]);
    assert_eq!(after.dropped_attributes_count, 2);
    assert_eq!((&*after.events[0].name, after.events.dropped_count), ("small", 1));
    assert_eq!((after.links.links.len(), after.links.dropped_count), (1, 1));
    assert!(drops.get(DropReason::TagChanged) >= 4);
}
