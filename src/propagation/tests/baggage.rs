//! The header `baggage`, and what the code sees of it.

use super::{extracted, headers, passed_on};
use crate::limits::{MAX_BAGGAGE_BYTES, MAX_BAGGAGE_MEMBER_BYTES, MAX_BAGGAGE_MEMBERS};
use crate::propagation::Propagator::Baggage as Language;
use crate::propagation::{Baggage, Propagators};
use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;

fn read(values: &[&str]) -> (Vec<(String, String)>, u64) {
    let all: Vec<_> = values.iter().map(|value| ("baggage", *value)).collect();
    let remote = extracted(&[Language], &all);
    assert!(!remote.is_valid(), "baggage is no trace");
    let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    (remote.baggage().iter().map(owned).collect(), remote.ignored())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn goes_out(value: &str) -> String {
    passed_on(&[Language], &[("baggage", value)]).remove("baggage").unwrap_or_default()
}

#[test]
fn pairs_are_read_from_all_headers_and_decoded() {
    for (values, expected) in [
        (&["a=1,b=2", "c=3"][..], &[("a", "1"), ("b", "2"), ("c", "3")][..]),
        (&[" a = 1 ;p;q=2 , b=x%20y "], &[("a", "1"), ("b", "x y")]),
        (&["a=%C3%A9%e2%82%ac,b=%2C%3B%3D%25"], &[("a", "é€"), ("b", ",;=%")]),
        (&["a=%,b=%4,c=%zz,d=%ff"], &[("a", "%"), ("b", "%4"), ("c", "%zz"), ("d", "\u{fffd}")]),
        (&["a=,b=1=2=3,a=4"], &[("a", "4"), ("b", "1=2=3")]),
        (&["", " , ,"], &[]),
        // As OpenTelemetry's Python package writes a space: by the W3C, a plus is a plus.
        (&["a=x+y"], &[("a", "x+y")]),
    ] {
        assert_eq!(read(values), (pairs(expected), 0), "{values:?}");
    }
}

#[test]
fn a_member_that_makes_no_sense_is_left_out_alone() {
    for wrong in
        ["x", "=1", ";", "a b=1", "a(=1", "a\"=1", "a=\"1\"", "a=1\\", "é=1", "a=é", "a=\u{1}"]
    {
        let header = format!("good=1,{wrong},better=2");
        let kept = pairs(&[("better", "2"), ("good", "1")]);
        assert_eq!(read(&[&header]), (kept, 1), "{wrong}");
    }
}

#[test]
fn members_are_bounded_in_number_and_length() {
    let many: Vec<_> = (0..100).map(|n| format!("k{n:03}=v")).collect();
    let (kept, ignored) = read(&[&many.join(",")]);
    assert_eq!((kept.len(), ignored), (MAX_BAGGAGE_MEMBERS, 36));
    let long = |bytes: usize| format!("k={}", "v".repeat(bytes - 2));
    assert_eq!(read(&[&long(MAX_BAGGAGE_MEMBER_BYTES)]).1, 0);
    assert_eq!(read(&[&long(MAX_BAGGAGE_MEMBER_BYTES + 1)]), (vec![], 1));
    let large: Vec<_> = (0..5).map(|n| format!("k{n}={}", "v".repeat(2_000))).collect();
    let (kept, ignored) = read(&[&large.join(",")]);
    assert_eq!((kept.len(), ignored), (4, 1));
    // Encoded, a value may be three times as long.
    let wide = Baggage::new().with("a", "é".repeat(600)).with("b", "é".repeat(700)).with("c", "1");
    let mut out = headers(&[]);
    wide.run(|| Propagators::new([Language]).inject(&mut out));
    let out = &out["baggage"];
    assert!(out.len() <= MAX_BAGGAGE_BYTES && out.ends_with(",c=1") && !out.contains(",b="));
}

#[test]
fn what_goes_out_is_encoded_and_keeps_its_properties() {
    assert_eq!(goes_out("b=x y;p1;p2=v , a=1"), "a=1,b=x%20y;p1;p2=v");
    assert_eq!(goes_out("a=%c3%a9+~"), "a=%C3%A9%2B~");
    // What can't be passed on as it is.
    assert_eq!((goes_out("a=1;p=\"q\""), read(&["a=1;p=\"q\""]).1), ("a=1".to_owned(), 1));
    let foreign =
        opentelemetry::baggage::Baggage::from([opentelemetry::baggage::KeyValueMetadata::new(
            "a", "1", "p,b=2",
        )]);
    let mut out = headers(&[]);
    let _attached = Context::new().with_baggage(foreign).attach();
    Propagators::new([Language]).inject(&mut out);
    assert_eq!(out["baggage"], "a=1", "nobody else's properties become pairs");
}

#[test]
fn what_the_policy_denies_stays_in_the_process_and_is_counted() {
    let telemetry = super::journeys::telemetry(1.0, crate::Otlp::disabled());
    telemetry.scope(|| {
        let mut out = headers(&[("baggage", "old=1"), ("host", "a")]);
        let remote = crate::propagation::extract(&[("baggage", "password=x,pass%77ord=y")]);
        assert_eq!(remote.baggage().get("password"), Some("x"));
        remote.run(|| crate::propagation::inject(&mut out));
        assert_eq!(out, headers(&[("host", "a")]));
        Baggage::current().with("api_key", "x").with("tenant", "acme").run(|| {
            crate::propagation::inject(&mut out);
        });
        assert_eq!(out["baggage"], "tenant=acme");
    });
    let dropped =
        telemetry.status().pipelines.iter().find(|p| p.name == "facade").unwrap().dropped.clone();
    assert!(dropped.contains(&(crate::DropReason::TagDenied, 3)), "{dropped:?}");
}

#[test]
fn what_the_rules_find_in_baggage_stays_in_the_process() {
    use crate::{Detector, Redaction, Sampler};
    let rules = Redaction::default()
        .detector(Detector::prefixed("staff", "staff_", 4))
        .deny("ward")
        .allow("desk");
    let builder = super::journeys::builder(Sampler::ratio(1.0), crate::Otlp::disabled());
    let telemetry = builder.redaction(rules).build().unwrap();
    let came = "desk=staff_0001,of=is%20staff_0001,twice=staff%255F0001,staff_0002=1,st%61ff_0002=1,\
                hospital.ward=7,tenant=acme;p=staff_0003;q;ward=1;r= 2,user.id=ada";
    telemetry.scope(|| {
        let mut out = headers(&[]);
        crate::propagation::extract(&[("baggage", came)]).run(|| {
            crate::propagation::inject(&mut out);
            let mut own = headers(&[]);
            Propagators::new([Language]).inject(&mut own);
            assert_eq!(own, out, "propagators of one's own have the rules that are in force");
        });
        let name = out["baggage"].rsplit_once("user.id=h1%3A").unwrap().1;
        assert!(name.len() == 16 && name.bytes().all(|b| b.is_ascii_hexdigit()), "{out:?}");
        let expected = format!("desk=staff_0001,tenant=acme;q;r= 2,user.id=h1%3A{name}");
        assert_eq!(out["baggage"], expected);
    });
    let status = telemetry.status();
    let count = |kind| {
        let of_kind = |row: &&crate::RedactionCount| row.kind == kind && row.sink == "baggage";
        status.redactions.iter().find(of_kind).map_or(0, |row| row.count)
    };
    // Each twice.
    assert_eq!((count("staff"), count("denied_key")), (2 * 5, 2 * 2), "{status:?}");
    assert_eq!(count("pseudonym_key"), 2);
    let facade = status.pipeline("facade").unwrap();
    assert_eq!(facade.dropped_for(crate::DropReason::TagDenied), 2 * 5);
}

#[test]
fn others_see_ours_and_we_see_theirs() {
    let foreign = [opentelemetry::KeyValue::new("theirs", "1")];
    let attached = Context::current_with_baggage(foreign).attach();
    let both = Baggage::current().with("ours", "2");
    assert_eq!((both.get("theirs"), both.len()), (Some("1"), 2));
    both.run(|| {
        let seen = Context::current();
        assert_eq!(seen.baggage().get("ours").map(ToString::to_string), Some("2".to_owned()));
        both.without("theirs").run(|| assert_eq!(Baggage::current().get("theirs"), None));
    });
    drop(attached);
    assert!(Baggage::current().is_empty());
}

#[test]
fn no_value_is_shown_by_chance() {
    let remote = extracted(&[Language], &[("baggage", "tenant=hunter2")]);
    let shown = format!("{remote:?} {:?} {remote}", remote.baggage());
    assert!(shown.contains("tenant") && !shown.contains("hunter2"), "{shown}");
    assert_eq!(Baggage::new().with("a b", "1").with("", "1").len(), 0);
}

/// As the PyPI packages `opentelemetry-api` and `ddtrace` write it.
#[test]
fn what_python_sends_is_understood() {
    let (read, ignored) =
        read(&["key1=val%3D1,key2=%C3%A9,user.id=%22am%C3%A9lie%22,serverNode=DF%2028"]);
    let expected =
        [("key1", "val=1"), ("key2", "é"), ("serverNode", "DF 28"), ("user.id", "\"amélie\"")];
    assert_eq!((read, ignored), (pairs(&expected), 0));
}
