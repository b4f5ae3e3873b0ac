//! Which languages contexts are read and written in.

use super::*;
use crate::Propagator::{self, B3, B3Multi, Baggage, Datadog, TraceContext};

/// Variables, what is read, what is written.
type Row<'a> = (&'a [(&'a str, &'a str)], &'a [Propagator], &'a [Propagator]);

const DD: &str = "DD_TRACE_PROPAGATION_STYLE";
const DD_EXTRACT: &str = "DD_TRACE_PROPAGATION_STYLE_EXTRACT";
const DD_INJECT: &str = "DD_TRACE_PROPAGATION_STYLE_INJECT";
const OTEL: &str = "OTEL_PROPAGATORS";

const ROWS: &[Row<'_>] = &[
    (&[], &[TraceContext, Baggage], &[TraceContext, Baggage]),
    (&[(OTEL, "none")], &[], &[]),
    (&[(OTEL, "None"), (DD, "datadog")], &[], &[]),
    (&[(OTEL, " b3multi , B3, b3")], &[B3Multi, B3], &[B3Multi, B3]),
    (&[(OTEL, "baggage"), (DD_EXTRACT, "datadog")], &[Baggage], &[Baggage]),
    (
        &[(DD, "Datadog,TraceContext,baggage")],
        &[Datadog, TraceContext, Baggage],
        &[Datadog, TraceContext, Baggage],
    ),
    (&[(DD, "b3 single header")], &[B3], &[B3]),
    (&[(DD, "B3 Single Header,b3"), (DD_INJECT, "none")], &[B3], &[]),
    (&[(DD_EXTRACT, "datadog")], &[Datadog], &[TraceContext, Baggage]),
    (&[(DD_INJECT, "b3multi"), (DD, "datadog")], &[Datadog], &[B3Multi]),
    (&[(DD_INJECT, "b3multi"), (DD_EXTRACT, "b3")], &[B3], &[B3Multi]),
];

#[test]
fn opentelemetrys_variable_comes_before_datadogs() {
    for (set, extract, inject) in ROWS {
        let Resolved { settings, warnings, .. } = resolved(&plain(), set);
        let propagation = settings.spans.propagation;
        assert_eq!(propagation.extract, *extract, "{set:?}");
        assert_eq!(propagation.inject, *inject, "{set:?}");
        assert!(warnings.is_empty(), "{warnings:?}");
    }
}

#[test]
fn an_unknown_name_is_one_warning_and_the_others_count() {
    let Resolved { settings, warnings, .. } = resolved(&plain(), &[(OTEL, "jaeger,b3,xray")]);
    assert_eq!(settings.spans.propagation.extract, [B3]);
    let expected = "OTEL_PROPAGATORS: `jaeger,xray` is not known; write some of tracecontext, \
                    baggage, datadog, b3, b3multi, or none alone; it is ignored";
    assert_eq!(warnings, [expected]);
    let Resolved { settings, warnings, .. } =
        resolved(&plain(), &[(OTEL, "jaeger"), (DD, "datadog,none")]);
    assert_eq!(settings.spans.propagation.inject, [Datadog]);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
}

#[test]
fn code_comes_first_and_nothing_is_also_a_choice() {
    let set = [(OTEL, "b3"), (DD, "datadog")];
    let builder = plain().propagators([Datadog, TraceContext, Datadog]);
    let propagation = resolved(&builder, &set).settings.spans.propagation;
    assert_eq!(propagation.extract, [Datadog, TraceContext]);
    let Resolved { settings, explanation, .. } = resolved(&plain().propagators([]), &set);
    assert!(settings.spans.propagation.inject.is_empty());
    let expected = Some(("none".to_owned(), "code".to_owned()));
    assert_eq!(effective(&explanation, "propagators.inject"), expected);
}
