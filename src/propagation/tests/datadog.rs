//! Datadog's headers, as the PyPI package `ddtrace` writes and reads them.

use super::{Headers, extracted, headers, passed_on, translated};
use crate::propagation::Propagator::{Datadog, TraceContext};
use crate::propagation::Propagators;

/// As a service traced with ddtrace sends them, with all there is.
const WHOLE: [(&str, &str); 5] = [
    ("x-datadog-trace-id", "11803532876627986230"),
    ("x-datadog-parent-id", "67667974448284343"),
    ("x-datadog-sampling-priority", "2"),
    ("x-datadog-origin", "rum"),
    ("x-datadog-tags", "_dd.p.tid=4bf92f3577b34da6,_dd.p.dm=-4,_dd.p.usr.id=baz64"),
];

fn with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let others = WHOLE.into_iter().filter(|(known, _)| *known != name);
    others.chain((value != "-").then_some((name, value))).collect()
}

fn read(headers: &[(&str, &str)]) -> (String, u64) {
    let remote = extracted(&[Datadog], headers);
    (remote.to_string(), remote.ignored())
}

fn placed(flags: &str) -> (String, u64) {
    (format!("4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}"), 0)
}

#[test]
fn ids_are_decimal_and_their_upper_half_a_tag() {
    assert_eq!(read(&WHOLE), placed("01"));
    assert_eq!(passed_on(&[Datadog], &WHOLE), headers(&WHOLE));
    let lower = "0000000000000000a3ce929d0e0e4736-00f067aa0ba902b7-01";
    assert_eq!(read(&with("x-datadog-tags", "-")), (lower.to_owned(), 0));
    for tid in ["4BF92F3577B34DA6", "0000000000000000", "4bf92f3577b34da", "4bf92f3577b34da6a", "x"]
    {
        let tags = format!("_dd.p.tid={tid}");
        let all: Vec<_> =
            with("x-datadog-tags", "-").into_iter().chain([("x-datadog-tags", &*tags)]).collect();
        assert_eq!(read(&all), (lower.to_owned(), 1), "{tid}");
    }
}

#[test]
fn numbers_are_numbers() {
    let none = ("none".to_owned(), 1);
    for wrong in
        ["0", "-1", "+1", "1.0", "0x1", "", "a", "18446744073709551616", "99999999999999999999"]
    {
        assert_eq!(read(&with("x-datadog-trace-id", wrong)), none, "{wrong}");
    }
    for wrong in ["-1", "+1", "", "a", "18446744073709551616"] {
        assert_eq!(read(&with("x-datadog-parent-id", wrong)), none, "{wrong}");
    }
    let twice = [&WHOLE[..], &WHOLE[..1]].concat();
    assert_eq!(read(&twice), none);
    assert_eq!(read(&with("x-datadog-trace-id", "-")), ("none".to_owned(), 0));
}

/// Synthetic tests and browsers have a trace and no span.
#[test]
fn a_trace_without_a_parent_goes_on() {
    for parent in ["-", "0"] {
        let (place, ignored) = read(&with("x-datadog-parent-id", parent));
        assert_eq!(place, "4bf92f3577b34da6a3ce929d0e0e4736-a3ce929d0e0e4736-01");
        assert_eq!(ignored, 0);
    }
}

#[test]
fn a_priority_is_a_decision_and_none_leaves_it_to_others() {
    for (priority, flags) in [("-1", "00"), ("0", "00"), ("1", "01"), ("2", "01")] {
        let all = with("x-datadog-sampling-priority", priority);
        assert_eq!(read(&all), placed(flags), "{priority}");
        assert_eq!(passed_on(&[Datadog], &all), headers(&all), "{priority}");
    }
    let undecided = with("x-datadog-sampling-priority", "-");
    assert_eq!(passed_on(&[Datadog], &undecided), headers(&undecided));
    for wrong in ["3", "-2", "", "1.0", "+1", "01"] {
        let all = with("x-datadog-sampling-priority", wrong);
        assert_eq!(read(&all), (placed("01").0, 1), "{wrong}");
        assert!(!passed_on(&[Datadog], &all).contains_key("x-datadog-sampling-priority"));
    }
}

#[test]
fn tags_that_make_no_sense_are_left_out_together() {
    for wrong in [
        "_dd.p.dm",
        "=1",
        "_dd.p.a=",
        "_dd.p.a= ,_dd.p.b=1",
        "_dd.p.a b=1",
        "_dd.p.dm=4",
        "_dd.p.dm=-100",
        "_dd.p.dm=x",
        "_dd.p.a=\u{e9}",
        "_dd.p.a=1,",
    ] {
        let all = with("x-datadog-tags", wrong);
        let remote = extracted(&[Datadog], &all);
        assert_eq!((remote.is_valid(), remote.ignored()), (true, 1), "{wrong}");
        assert!(!passed_on(&[Datadog], &all).contains_key("x-datadog-tags"), "{wrong}");
    }
    let tags =
        |value| passed_on(&[Datadog], &with("x-datadog-tags", value)).remove("x-datadog-tags");
    // Those without the prefix are for nobody else.
    assert_eq!(tags("a=1,_dd.p.b=2=3,_dd.p.upstream_services=x").as_deref(), Some("_dd.p.b=2=3"));
    assert_eq!(tags("_dd.p.a= 1 ").as_deref(), Some("_dd.p.a=1"));
    assert_eq!(tags(""), None);
}

#[test]
fn what_is_too_long_is_left_out_and_counted() {
    let tag = |bytes: usize| format!("_dd.p.a={}", "x".repeat(bytes - 8));
    for (tags, origin, left) in
        [(tag(513), "rum".to_owned(), (false, true)), (tag(220), "x".repeat(129), (true, false))]
    {
        let all = [WHOLE[0], ("x-datadog-tags", &tags), ("x-datadog-origin", &origin)];
        let out = passed_on(&[Datadog], &all);
        let found = (out.contains_key("x-datadog-tags"), out.contains_key("x-datadog-origin"));
        assert_eq!(found, left);
        assert_eq!(extracted(&[Datadog], &all).ignored(), 1);
    }
    // Who comes next has a parent, and reads the same tags.
    for bytes in 225..260 {
        let tags = tag(bytes);
        let out = passed_on(&[Datadog], &[WHOLE[0], ("x-datadog-tags", &tags)]);
        let again: Vec<_> = out.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(extracted(&[Datadog], &again).ignored(), 0, "{bytes}");
        assert_eq!(passed_on(&[Datadog], &again), out, "{bytes}");
    }
    // What is too long for a state goes by whole tags, and the reason of the decision stays.
    let tags = format!("{},_dd.p.b=2,_dd.p.dm=-4", tag(300));
    let all = [WHOLE[0], ("x-datadog-tags", &tags)];
    assert_eq!(passed_on(&[Datadog], &all)["x-datadog-tags"], "_dd.p.dm=-4,_dd.p.b=2");
    assert_eq!(extracted(&[Datadog], &all).ignored(), 1);
}

fn to_w3c(all: &[(&str, &str)]) -> Headers {
    translated(&[Datadog], &[TraceContext], all)
}

/// The same words as ddtrace's own.
#[test]
fn in_the_w3cs_language_it_is_the_member_dd() {
    let expected = [
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("tracestate", "dd=p:00f067aa0ba902b7;s:2;o:rum;t.dm:-4;t.usr.id:baz64"),
    ];
    assert_eq!(to_w3c(&WHOLE), headers(&expected));
    assert_eq!(translated(&[TraceContext], &[Datadog], &expected), headers(&WHOLE));
    let odd = with("x-datadog-tags", "_dd.p.a=b=c;d~e f,_dd.p.k:k;=1");
    let state = &to_w3c(&odd)["tracestate"];
    assert_eq!(state, "dd=p:00f067aa0ba902b7;s:2;o:rum;t.a:b~c_d_e f;t.k_k_:1");
    let odd = with("x-datadog-origin", "a=b,c;d~e");
    assert!(to_w3c(&odd)["tracestate"].contains(";o:a~b_c_d_e;"));
    assert_eq!(passed_on(&[Datadog], &odd)["x-datadog-origin"], "a=b_c_d_e");
}

/// From the tables of ddtrace's tests: a state, and what it says in Datadog's headers.
#[test]
fn what_ddtrace_puts_into_a_state_is_understood() {
    let mine = |flag: &str, state: &str| {
        let parent = format!("00-0000000000000000a3ce929d0e0e4736-00f067aa0ba902b7-{flag}");
        let all = [("traceparent", &*parent), ("tracestate", state)];
        let mut out = translated(&[TraceContext], &[Datadog], &all);
        let mut take = |name: &str| out.remove(&format!("x-datadog-{name}")).unwrap_or_default();
        [take("sampling-priority"), take("origin"), take("tags")]
    };
    for (flag, state, priority, origin, tags) in [
        (
            "01",
            "dd=s:2;o:rum;t.dm:-4;t.usr.id:baz64,congo=t61",
            "2",
            "rum",
            "_dd.p.dm=-4,_dd.p.usr.id=baz64",
        ),
        // A decision beats an older priority, and the reason of that goes with it.
        ("01", "dd=s:0;o:rum;t.dm:-4;t.usr.id:baz64", "1", "rum", "_dd.p.usr.id=baz64"),
        ("00", "dd=s:2;t.dm:-4", "0", "", ""),
        ("00", "dd=s:-1;o:rum", "-1", "rum", ""),
        ("01", "dd=o:rum", "1", "rum", ""),
        ("01", "dd=p:a0000000000000ff;s:2;t.usr.id:baz6~~~4", "2", "", "_dd.p.usr.id=baz6===4"),
        ("01", "dd=s:2;t.usr.id:baz:6:4;t.tid:1", "2", "", "_dd.p.usr.id=baz:6:4"),
        ("01", "dd=invalid,congo=123", "1", "", ""),
        ("01", "dd=s:foo;o:;t.:x;t.a:;;:", "1", "", ""),
        ("01", "mako=s:2;o:rum", "1", "", ""),
        ("01", "dd=s:1;t.dm:-t;t.a:1", "1", "", "_dd.p.a=1"),
    ] {
        assert_eq!(mine(flag, state), [priority, origin, tags], "{flag} {state}");
    }
}

#[test]
fn what_a_copied_request_said_before_is_gone() {
    let mut copied = headers(&WHOLE);
    let parent = [("traceparent", "00-00000000000000000000000000000007-0000000000000008-00")];
    Propagators::new([Datadog]).pass_on(&extracted(&[TraceContext], &parent), &mut copied);
    let expected = [
        ("x-datadog-trace-id", "7"),
        ("x-datadog-parent-id", "8"),
        ("x-datadog-sampling-priority", "0"),
    ];
    assert_eq!(copied, headers(&expected));
}
