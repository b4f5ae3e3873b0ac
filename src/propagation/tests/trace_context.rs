//! `traceparent` and `tracestate`, as the W3C's rules and its own test suite have them.

use super::{SPAN, TRACE, extracted, headers, passed_on};
use crate::limits::{MAX_TRACESTATE_BYTES, MAX_TRACESTATE_MEMBERS};
use crate::propagation::Propagator::TraceContext;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn read(parent: &str) -> Option<String> {
    let remote = extracted(&[TraceContext], &[("traceparent", parent)]);
    assert_eq!(remote.ignored(), u64::from(!remote.is_valid()), "{parent}");
    remote.is_valid().then(|| remote.to_string())
}

#[test]
fn a_parent_is_read_to_the_letter() {
    let of = |version: &str, flags: &str, more: &str| {
        read(&format!("{version}-{TRACE}-{SPAN}-{flags}{more}"))
    };
    let placed = |flags: &str| Some(format!("{TRACE}-{SPAN}-{flags}"));
    assert_eq!(of("00", "01", ""), placed("01"));
    assert_eq!(of("00", "00", ""), placed("00"));
    assert_eq!(of(" \t00", "01", " "), placed("01"));
    // The sampled flag and the random one go on, of all others nothing is known.
    assert_eq!(of("00", "03", ""), placed("03"));
    assert_eq!(of("00", "02", ""), placed("02"));
    assert_eq!(of("00", "ff", ""), placed("03"));
    assert_eq!(of("00", "fc", ""), placed("00"));
    // Versions to come.
    for more in ["", "-", "-what-may-come", "-\u{7f}"] {
        assert_eq!(of("cc", "01", more), placed("01"), "{more}");
    }
    assert_eq!(of("01", "01", ".x"), None);
    assert_eq!(of("cc", "01", &format!("-{}", "x".repeat(500))), None);
    for (version, flags, more) in [
        ("00", "01", "-"),
        ("00", "01", "-00"),
        ("ff", "01", ""),
        ("0", "01", ""),
        ("000", "01", ""),
        (".0", "01", ""),
        ("0A", "01", ""),
        ("00", "1", ""),
        ("00", "001", ""),
        ("00", ".0", ""),
        ("00", "0X", ""),
        ("00", "0é", ""),
    ] {
        assert_eq!(of(version, flags, more), None, "{version} {flags} {more}");
    }
}

#[test]
fn ids_are_lower_case_whole_and_not_zero() {
    for (trace, span) in [
        ("00000000000000000000000000000000", SPAN),
        (TRACE, "0000000000000000"),
        ("4BF92F3577B34DA6A3CE929D0E0E4736", SPAN),
        (TRACE, "00F067AA0BA902B7"),
        ("4bf92f3577b34da6a3ce929d0e0e473", SPAN),
        ("4bf92f3577b34da6a3ce929d0e0e47360", SPAN),
        ("4bf92f3577b34da6a3ce929d0e0e473.", SPAN),
        (TRACE, "00f067aa0ba902b"),
        (TRACE, "+0f067aa0ba902b7"),
        ("", ""),
    ] {
        assert_eq!(read(&format!("00-{trace}-{span}-01")), None, "{trace} {span}");
    }
    assert_eq!(read(""), None);
    assert_eq!(read(&format!("{PARENT},{PARENT}")), None);
}

#[test]
fn two_parents_are_none() {
    let twice = [("traceparent", PARENT), ("TraceParent", PARENT)];
    let remote = extracted(&[TraceContext], &twice);
    assert_eq!((remote.is_valid(), remote.ignored()), (false, 1));
    let mut map = http::HeaderMap::new();
    map.append("traceparent", PARENT.parse().unwrap());
    map.append("traceparent", http::HeaderValue::from_bytes(b"\xff").unwrap());
    let remote = crate::propagation::Propagators::default().extract(&map);
    assert_eq!((remote.is_valid(), remote.ignored()), (false, 1));
}

/// What became of a state, and how many headers were ignored.
fn state(values: &[&str]) -> (Option<String>, u64) {
    let mut all = vec![("traceparent", PARENT)];
    all.extend(values.iter().map(|value| ("tracestate", *value)));
    let remote = extracted(&[TraceContext], &all);
    assert!(remote.is_valid(), "a state says nothing against a parent: {values:?}");
    (passed_on(&[TraceContext], &all).remove("tracestate"), remote.ignored())
}

#[test]
fn a_state_is_joined_from_several_headers_and_goes_on() {
    let kept = |text: &str| (Some(text.to_owned()), 0);
    assert_eq!(state(&["foo=1"]), kept("foo=1"));
    assert_eq!(state(&["foo=1,bar=2", "rojo=1"]), kept("foo=1,bar=2,rojo=1"));
    assert_eq!(state(&["foo=1 \t, \t bar=2, ,,", "", "a= b c "]), kept("foo=1,bar=2,a= b c"));
    assert_eq!(state(&["fw529a3039@dt=FfD~x;y"]), kept("fw529a3039@dt=FfD~x;y"));
    assert_eq!(state(&[]), (None, 0));
    assert_eq!(state(&["", " , "]), (None, 0));
    let longest = format!("{}={}", "a".repeat(255), "b".repeat(256));
    assert_eq!(state(&[&longest]), kept(&longest));
}

#[test]
fn a_state_that_makes_no_sense_is_left_out_as_a_whole() {
    for wrong in [
        "foo",
        "=1",
        "foo=",
        "foo =1",
        "FOO=1",
        "foo.bar=1",
        "foo=bar=baz",
        "@foo=1",
        "foo=1,bar",
        "foo=\u{e9}",
        "foo=a\tb",
    ] {
        assert_eq!(state(&["good=1", wrong]), (None, 1), "{wrong}");
    }
    let many =
        |members: usize| (0..members).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
    assert_eq!(state(&[&many(MAX_TRACESTATE_MEMBERS)]).1, 0);
    assert_eq!(state(&[&many(MAX_TRACESTATE_MEMBERS + 1)]), (None, 1));
    let long_key = format!("{}=1", "a".repeat(257));
    assert_eq!(state(&[&long_key]), (None, 1));
}

#[test]
fn of_a_key_that_stands_twice_the_first_counts() {
    assert_eq!(state(&["foo=1,bar=2,foo=3"]), (Some("foo=1,bar=2".to_owned()), 1));
}

#[test]
fn a_long_state_loses_large_members_first_and_then_its_end() {
    let large = format!("large={}", "x".repeat(123));
    let spared = format!("spared={}", "x".repeat(121));
    assert_eq!((large.len(), spared.len()), (129, 128));
    let small: Vec<_> = (0..4).map(|n| format!("k{n}={}", "y".repeat(97))).collect();
    let all = format!("{large},{spared},{}", small.join(","));
    let (kept, ignored) = state(&[&all]);
    let expected = format!("{spared},{}", small[..3].join(","));
    assert_eq!((kept.as_deref(), ignored), (Some(&*expected), 1));
    let exact: Vec<_> = (0..4).map(|n| format!("k{n}={}", "y".repeat(124))).collect();
    let exact = format!("{},", exact.join(","));
    assert_eq!(exact.len(), MAX_TRACESTATE_BYTES);
    assert_eq!(state(&[&exact]).1, 0);
}

/// As the PyPI package `opentelemetry-api` writes and reads them.
#[test]
fn what_python_sends_goes_on_as_it_came() {
    for (parent, state) in [
        ("00-000000000000000000000000075bcd15-00000000499602d2-01", "foo=1,bar=2"),
        ("00-12345678901234567890123456789012-1234567890123456-00", "foo=1,bar=2,baz=3"),
        (PARENT, "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"),
    ] {
        let all = [("traceparent", parent), ("tracestate", state)];
        assert_eq!(passed_on(&[TraceContext], &all), headers(&all));
    }
}
