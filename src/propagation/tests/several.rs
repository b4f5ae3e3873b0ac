//! Several languages at once.

use super::{SPAN, TRACE, extracted, headers, passed_on, translated};
use crate::propagation::Propagator::{self, B3, B3Multi, Baggage, Datadog, TraceContext};

const W3C: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const ZIPKIN: &str = "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-0";

#[test]
fn the_first_configured_context_that_is_valid_counts() {
    let both = [("b3", ZIPKIN), ("traceparent", W3C), ("baggage", "a=1")];
    let chosen = |order: &[Propagator], all: &[(&str, &str)]| extracted(order, all).to_string();
    assert!(chosen(&[TraceContext, B3], &both).starts_with(TRACE));
    assert!(chosen(&[B3, TraceContext], &both).starts_with("80f198ee"));
    let broken = [("b3", "nonsense"), ("traceparent", W3C)];
    assert!(chosen(&[B3, TraceContext], &broken).starts_with(TRACE));
    // Who stands in a trace says more than who is nowhere.
    let denied = [("b3", "0"), ("traceparent", W3C)];
    assert_eq!(chosen(&[B3, TraceContext], &denied), format!("{TRACE}-{SPAN}-01"));
    assert_eq!(chosen(&[], &both), "none");
    assert_eq!(chosen(&[Datadog, Baggage], &both), "none");
    let baggage = extracted(&[B3, Baggage, TraceContext], &both).baggage();
    assert_eq!(baggage.get("a"), Some("1"));
}

#[test]
fn one_context_goes_out_in_all_languages() {
    let all = [TraceContext, Baggage, Datadog, B3, B3Multi];
    let came = [("traceparent", W3C), ("tracestate", "congo=t61"), ("baggage", "a=1")];
    let expected = headers(&[
        ("traceparent", W3C),
        ("tracestate", "congo=t61"),
        ("baggage", "a=1"),
        ("x-datadog-trace-id", "11803532876627986230"),
        ("x-datadog-parent-id", "67667974448284343"),
        ("x-datadog-sampling-priority", "1"),
        ("x-datadog-tags", "_dd.p.tid=4bf92f3577b34da6"),
        ("b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1"),
        ("x-b3-traceid", TRACE),
        ("x-b3-spanid", SPAN),
        ("x-b3-sampled", "1"),
    ]);
    assert_eq!(passed_on(&all, &came), expected);
}

/// As ddtrace does, whose default is to read its own headers first.
#[test]
fn what_others_say_of_the_same_trace_goes_on_with_it() {
    let came = |trace: &'static str| {
        [
            ("x-datadog-trace-id", "11803532876627986230"),
            ("x-datadog-parent-id", "67667974448284343"),
            ("x-datadog-sampling-priority", "2"),
            ("x-datadog-tags", "_dd.p.tid=4bf92f3577b34da6,_dd.p.dm=-4"),
            ("traceparent", trace),
            ("tracestate", "congo=t61,dd=s:1;o:old,rojo=1"),
        ]
    };
    let out = translated(&[Datadog, TraceContext], &[TraceContext], &came(W3C));
    assert_eq!(out["tracestate"], "dd=p:00f067aa0ba902b7;s:2;t.dm:-4,congo=t61,rojo=1");
    let other = "00-00000000000000000000000000000007-0000000000000008-01";
    let out = translated(&[Datadog, TraceContext], &[TraceContext], &came(other));
    assert_eq!(out["tracestate"], "dd=p:00f067aa0ba902b7;s:2;t.dm:-4");
    assert!(out["traceparent"].starts_with(&W3C[..35]));
}

#[test]
fn where_there_is_nothing_to_say_headers_stay_as_they_are() {
    let all = [TraceContext, Baggage, Datadog, B3, B3Multi];
    let mut out = headers(&[("traceparent", W3C), ("baggage", "a=1"), ("x-b3-flags", "1")]);
    let before = out.clone();
    crate::propagation::Propagators::new(all).pass_on(&extracted(&all, &[]), &mut out);
    assert_eq!(out, before);
}
