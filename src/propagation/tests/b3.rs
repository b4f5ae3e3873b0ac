//! Zipkin's headers, as its specification, OpenTelemetry's Python package and ddtrace have them.

use super::{SPAN, TRACE, extracted, headers, passed_on, translated};
use crate::propagation::Propagator::{B3, B3Multi, TraceContext};
use crate::propagation::Propagators;

fn single(value: &str) -> Option<String> {
    let remote = extracted(&[B3], &[("b3", value)]);
    assert_eq!(remote.ignored(), u64::from(!remote.is_valid()), "{value}");
    remote.is_valid().then(|| remote.to_string())
}

#[test]
fn a_single_header_has_ids_and_perhaps_a_decision_and_a_parent() {
    let ids = format!("{TRACE}-{SPAN}");
    for (more, flags) in [
        ("", "01"),
        ("-1", "01"),
        ("-0", "00"),
        ("-d", "01"),
        ("-true", "01"),
        ("-false", "00"),
        ("-1-05e3ac9a4f6e3b90", "01"),
        ("-0-05e3ac9a4f6e3b90", "00"),
        ("-05e3ac9a4f6e3b90", "01"),
    ] {
        assert_eq!(single(&format!("{ids}{more}")), Some(format!("{ids}-{flags}")), "{more}");
    }
    assert_eq!(single(&ids.to_uppercase()), Some(format!("{ids}-01")));
    let half = Some("0000000000000000a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
    assert_eq!(single("a3ce929d0e0e4736-00f067aa0ba902b7-1"), half);
    for more in
        ["-", "-2", "-x", "-1-", "-1-x", "-1-05e3ac9a4f6e3b90-", "-05e3ac9a4f6e3b90-1", "--"]
    {
        assert_eq!(single(&format!("{ids}{more}")), None, "{more}");
    }
    for wrong in [
        "",
        "-",
        "x",
        "-1",
        TRACE,
        "4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-1",
        "00000000000000000000000000000000-00f067aa0ba902b7-1",
        "0000000000000000-00f067aa0ba902b7",
        "4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-1",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b-1",
    ] {
        assert_eq!(single(wrong), None, "{wrong}");
    }
}

#[test]
fn a_decision_alone_is_no_trace_and_no_mistake() {
    for decision in ["0", "1", "d"] {
        let remote = extracted(&[B3], &[("b3", decision)]);
        assert_eq!((remote.is_valid(), remote.ignored()), (false, 0), "{decision}");
    }
    let remote = extracted(&[B3Multi], &[("x-b3-sampled", "0")]);
    assert_eq!((remote.is_valid(), remote.ignored()), (false, 0));
}

/// `X-B3-TraceId`, `-SpanId`, `-Sampled` and `-Flags`.
fn multi(values: [&str; 4]) -> (Option<String>, u64) {
    let names = ["X-B3-TraceId", "X-B3-SpanId", "X-B3-Sampled", "X-B3-Flags"];
    let all: Vec<_> = names.into_iter().zip(values).filter(|(_, value)| *value != "-").collect();
    let remote = extracted(&[B3Multi], &all);
    (remote.is_valid().then(|| remote.to_string()), remote.ignored())
}

#[test]
fn several_headers_say_the_same() {
    let placed = |flags: &str| (Some(format!("{TRACE}-{SPAN}-{flags}")), 0);
    assert_eq!(multi([TRACE, SPAN, "1", "-"]), placed("01"));
    assert_eq!(multi([TRACE, SPAN, "0", "-"]), placed("00"));
    assert_eq!(multi([TRACE, SPAN, "false", "0"]), placed("00"));
    assert_eq!(multi([TRACE, SPAN, "-", "1"]), placed("01"));
    assert_eq!(multi([TRACE, SPAN, "0", "1"]), placed("01"), "debug is more than sampled");
    assert_eq!(multi([TRACE, SPAN, "-", "-"]), placed("01"));
    assert_eq!(multi([TRACE, SPAN, "2", "-"]), (placed("01").0, 1), "nobody decided");
    assert_eq!(multi(["-", "-", "-", "-"]), (None, 0));
    for half in [[TRACE, "-", "1", "-"], ["-", SPAN, "1", "-"], ["x", SPAN, "1", "-"]] {
        assert_eq!(multi(half), (None, 1), "{half:?}");
    }
}

#[test]
fn what_nobody_decided_stays_so_for_whoever_comes_next() {
    for value in [format!("{TRACE}-{SPAN}"), format!("a3ce929d0e0e4736-{SPAN}")] {
        let all = [("b3", &*value)];
        assert_eq!(passed_on(&[B3], &all), headers(&all));
        assert!(!translated(&[B3], &[B3Multi], &all).contains_key("x-b3-sampled"));
    }
    // In a language without that word, as we would decide.
    let all = [("b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7")];
    for (ratio, flag) in [(0.0, "00"), (1.0, "01")] {
        let remote = Propagators::new([B3]).sampler(crate::Sampler::ratio(ratio)).extract(&all);
        let mut out = headers(&[]);
        Propagators::new([TraceContext]).pass_on(&remote, &mut out);
        assert!(out["traceparent"].ends_with(flag), "{out:?}");
        assert_eq!(remote.is_sampled(), flag == "01");
    }
}

/// As the PyPI packages `opentelemetry-propagator-b3` and `ddtrace` write them.
#[test]
fn what_python_sends_is_understood() {
    let whole = headers(&[
        ("x-b3-traceid", "000000000000000064fe8b2a57d3eff7"),
        ("x-b3-spanid", "e457b5a2e4d86bd1"),
        ("x-b3-sampled", "1"),
    ]);
    let all: Vec<_> = whole.iter().map(|(name, value)| (&**name, &**value)).collect();
    let out = passed_on(&[B3Multi], &all);
    assert_eq!(out["x-b3-traceid"], "64fe8b2a57d3eff7", "64 bits are 64 bits");
    assert_eq!(out["x-b3-spanid"], whole["x-b3-spanid"]);
    let one = [("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1")];
    assert_eq!(passed_on(&[B3], &one), headers(&one));
    // ddtrace says that somebody wants to see this trace by `d`, or by flags.
    let one = [("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-d")];
    let out = translated(&[B3], &[B3Multi], &one);
    let expected = [
        ("x-b3-traceid", "80f198ee56343ba864fe8b2a57d3eff7"),
        ("x-b3-spanid", "e457b5a2e4d86bd1"),
        ("x-b3-sampled", "1"),
    ];
    assert_eq!(out, headers(&expected));
}

#[test]
fn what_a_copied_request_said_before_is_gone() {
    let mut copied = headers(&[
        ("X-B3-Flags", "1"),
        ("x-b3-parentspanid", SPAN),
        ("X-B3-TraceId", "1234567890123456"),
        ("host", "a"),
    ]);
    let remote = extracted(&[B3], &[("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-0")]);
    Propagators::new([B3Multi]).pass_on(&remote, &mut copied);
    let names: Vec<_> = copied.keys().map(String::as_str).collect();
    assert_eq!(names, ["host", "x-b3-sampled", "x-b3-spanid", "x-b3-traceid"]);
}
