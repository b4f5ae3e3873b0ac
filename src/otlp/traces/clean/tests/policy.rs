//! Every text of a span passes the policy, before it is cut.

use super::*;

const FOUND: &str = "[REDACTED:staff]";

fn staff_span() -> SpanData {
    let list = |text: &'static str| vec![KeyValue::new("note", text)];
    let mut span = span_data("visit of STAFF-4711");
    span.attributes = list("STAFF-4711 was here");
    span.events.events =
        vec![Event::new("seen by STAFF-4711", span.end_time, list("STAFF-4711"), 0)];
    span.links.links = vec![Link::new(SpanContext::NONE, list("by STAFF-4711"), 0)];
    span.status = Status::error("no room for STAFF-4711 today");
    span
}

#[test]
fn what_is_found_is_replaced_wherever_it_stands() {
    let policy = staff_rules();
    let (after, drops) = cleaned_by(&policy, &LIMITS, staff_span());
    assert_eq!(after.name, format!("visit of {FOUND}"));
    assert_eq!(text(&after.attributes[0]), format!("{FOUND} was here"));
    let event = &after.events.events[0];
    assert_eq!(event.name, format!("seen by {FOUND}"));
    assert_eq!(text(&event.attributes[0]), FOUND);
    assert_eq!(text(&after.links.links[0].attributes[0]), format!("by {FOUND}"));
    assert_eq!(after.status, Status::error(format!("no room for {FOUND} today")));
    assert_eq!(drops.list(), [(DropReason::TagChanged, 3), (DropReason::TextChanged, 3)]);
    assert_eq!(policy.redactions(), [("staff", "spans", 6)]);
    // And what is clean now stays so.
    let (again, drops) = cleaned_by(&policy, &LIMITS, after.clone());
    assert_eq!(again, after);
    assert!(drops.list().is_empty());
}

#[test]
fn what_the_cut_would_split_is_seen_before() {
    // A cut in the middle would leave `STAF`, which no detector knows.
    let long = |chars: usize| format!("{} STAFF-4711 and more", "é".repeat(chars - 5));
    let mut span = span_data("a");
    span.name = long(200).into();
    span.status = Status::error(long(200));
    let list = || {
        vec![
            KeyValue::new("exception.message", long(200)),
            KeyValue::new("exception.stacktrace", long(4_096)),
            KeyValue::new("note", long(1_000)),
            KeyValue::new("notes", Value::Array(Array::String(vec![long(1_000).into()]))),
        ]
    };
    span.attributes = list();
    span.events.events = vec![Event::new(long(1_000), span.end_time, list(), 0)];
    let limits = SpanLimits { value_length: 1_000, ..LIMITS };
    for policy in [staff_rules(), Arc::new(Redaction::empty().compile(None))] {
        let (after, drops) = cleaned_by(&policy, &limits, span.clone());
        let shown = format!("{after:?}").replace('é', "");
        // Rules that know nothing of staff show where the cut is.
        assert_eq!(shown.contains("STAF"), policy.redactions().is_empty(), "{shown}");
        assert!((195..=200).contains(&after.name.chars().count()), "{}", after.name);
        assert_eq!(drops.list(), [(DropReason::TagChanged, 8), (DropReason::TextChanged, 3)]);
    }
}

#[test]
fn a_key_with_a_finding_takes_its_attribute_along() {
    let policy = staff_rules();
    let attributes = vec![
        KeyValue::new("of.STAFF-4711", 1),
        KeyValue::new(" of\u{7} STAFF-4711", 2),
        KeyValue::new("of.STA\u{7}FF-4711", 3),
        KeyValue::new("route", "/a"),
    ];
    let span = SpanData { attributes, ..span_data("a") };
    let (after, drops) = cleaned_by(&policy, &LIMITS, span);
    assert_eq!(
        after.attributes,
        [KeyValue::new("of.STA_FF-4711", 3), KeyValue::new("route", "/a")]
    );
    assert_eq!(drops.get(DropReason::TagDenied), 2);
    assert_eq!(policy.redactions(), [("staff", "spans", 2)]);
}

#[test]
fn what_hides_behind_what_is_not_printable_is_found() {
    let mut span = span_data("a\nSTAFF-\u{7}4711\nb");
    span.status = Status::error("a\nSTAFF-\u{7}4711\nb");
    let (after, _) = cleaned_by(&staff_rules(), &LIMITS, span);
    assert!(!after.name.contains("4711"), "{}", after.name);
    assert!(!format!("{:?}", after.status).contains("4711"), "{:?}", after.status);
    assert!(!after.name.contains('\n'));
}

#[test]
fn hostile_values_harm_nobody() {
    let mut span = span_data("\0STAFF-4711\0");
    span.attributes = vec![
        KeyValue::new("nul", "\0STAFF-4711 \0"),
        KeyValue::new("long", "STAFF-4711 ".repeat(100_000)),
        KeyValue::new("zero", "\u{feff}STAFF-4711\u{200b}\u{fdd0}".repeat(10_000)),
        KeyValue::new("\u{fdd0}s", "x"),
        KeyValue::new("empty", ""),
        KeyValue::new("emptiness", Value::Array(Array::String(Vec::new()))),
    ];
    let (after, _) = cleaned_by(&staff_rules(), &LIMITS, span);
    assert!(!format!("{after:?}").contains("STAFF-"));
    for attribute in &after.attributes {
        assert!(text(attribute).chars().count() <= LIMITS.value_length);
    }
    assert_eq!(text(&after.attributes[after.attributes.len() - 2]), "");
}

#[test]
fn a_detector_that_panics_costs_the_text_and_nothing_else() {
    let broken = Detector::new("broken", |text| match text.contains("boom") {
        // No message: to write one with its backtrace takes longer than a detector may.
        true => std::panic::resume_unwind(Box::new("of the host")),
        false => Vec::new(),
    });
    let policy = Arc::new(Redaction::empty().detector(broken).compile(None));
    let mut span = span_data("boom");
    span.attributes = vec![KeyValue::new("note", "a boom"), KeyValue::new("route", "/a")];
    let (after, _) = cleaned_by(&policy, &LIMITS, span);
    assert!(!format!("{after:?}").contains("boom"), "{after:?}");
    assert_eq!(after.attributes[1], KeyValue::new("route", "/a"));
    assert_eq!(policy.redactions(), [("unjudged", "spans", 2)]);
}
