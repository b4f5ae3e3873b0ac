//! Whatever comes in: no panic, nothing past a bound, and what went out once goes out again the same.

use super::{Headers, Propagator, Propagators};
use crate::limits;
use crate::propagation::Propagator::{B3, B3Multi, Baggage, Datadog, TraceContext};
use proptest::prelude::*;

/// Extracts and passes on twice; the second time nothing is new, and nothing wrong.
fn settles(propagators: &[Propagator], came: &[(&str, String)]) {
    let is_one = propagators.len() == 1;
    let propagators = Propagators::new(propagators.iter().copied());
    let remote = propagators.extract(&came);
    let mut first = Headers::new();
    propagators.pass_on(&remote, &mut first);
    for (name, value) in &first {
        let bound = match name.as_str() {
            "traceparent" => 55,
            "tracestate" => limits::MAX_TRACESTATE_BYTES,
            "baggage" => limits::MAX_BAGGAGE_BYTES,
            "x-datadog-tags" => limits::MAX_DATADOG_TAGS_BYTES,
            "x-datadog-origin" => limits::MAX_DATADOG_ORIGIN_BYTES,
            _ => limits::MAX_B3_BYTES,
        };
        assert!((1..=bound).contains(&value.len()), "{name}: {value}");
        assert!(value.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{name}: {value:?}");
    }
    let again = propagators.extract(&first);
    assert_eq!(again.ignored(), 0, "{first:?}");
    let (before, after) = (remote.baggage(), again.baggage());
    assert!(after.iter().all(|(key, value)| before.get(key) == Some(value)), "{first:?}");
    let mut second = Headers::new();
    propagators.pass_on(&again, &mut second);
    if is_one {
        assert_eq!(again.to_string(), remote.to_string());
        assert_eq!(first, second);
    }
    // Of several languages some have no word for what nobody decided.
    let mut third = Headers::new();
    propagators.pass_on(&propagators.extract(&second), &mut third);
    assert_eq!(second, third);
}

/// Bytes of the grammars, mostly.
fn likely() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[0-9a-f]{16}",
        4 => "[0-9a-f]{32}",
        2 => "[0-9]{1,20}",
        4 => "[-,;=:~ .%@/_+a-z0-9]{1,12}",
        2 => "(_dd\\.p\\.|t\\.)?[a-z.]{1,6}[=:][ -~]{1,20}",
        1 => "(dd=|00-|s:|o:|%[0-9A-F]{2}|password=|-1|-0|-d|,){1,4}",
        1 => "[a-z]{1,300}",
        1 => "\\PC{1,6}",
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn parent() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}",
        2 => "00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]",
        1 => likely(),
    ]
}

fn members() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        4 => "[a-z][a-z0-9_*/@-]{0,30}=[!-+\\--<>-~]{1,80}",
        1 => "dd=(p:[0-9a-f]{16};)?(s:-?[0-9];)?(o:[a-z~ ]{1,9};)?(t\\.[a-z:]{1,5}:[ -~]{0,20};?){0,4}",
        1 => likely(),
    ];
    prop::collection::vec(member, 0..40).prop_map(|members| members.join(","))
}

fn tags() -> impl Strategy<Value = String> {
    let tag = prop_oneof![
        4 => "_dd\\.p\\.[a-z.:;]{1,8}=[ -+\\--~]{1,40}",
        1 => "_dd\\.p\\.tid=[0-9a-f]{16}",
        1 => "_dd\\.p\\.dm=-[0-9]{1,3}",
        1 => likely(),
    ];
    prop::collection::vec(tag, 0..8).prop_map(|tags| tags.join(","))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn trace_context_settles(parent in parent(), state in members()) {
        settles(&[TraceContext], &[("traceparent", parent), ("tracestate", state)]);
    }

    #[test]
    fn datadog_settles(
        trace in "[0-9]{1,20}", parent in "[0-9]{0,20}", priority in "-?[0-9]", tags in tags(),
        origin in likely(),
    ) {
        let mut came = vec![("x-datadog-trace-id", trace), ("x-datadog-tags", tags)];
        came.extend([("x-datadog-origin", origin), ("x-datadog-sampling-priority", priority)]);
        if !parent.is_empty() {
            came.push(("x-datadog-parent-id", parent));
        }
        settles(&[Datadog], &came);
        settles(&[Datadog, TraceContext], &came);
    }

    #[test]
    fn b3_settles(
        one in prop_oneof!["([0-9a-fA-F]{16}){1,2}-[0-9a-f]{16}(-[01d])?(-[0-9a-f]{16})?", likely()],
        trace in "([0-9a-f]{16}){1,2}", span in "[0-9a-f]{16}", sampled in "(0|1|d|true|x)?",
        flags in "[01]?",
    ) {
        settles(&[B3], &[("b3", one)]);
        let came = [("x-b3-traceid", trace), ("x-b3-spanid", span), ("x-b3-sampled", sampled)];
        settles(&[B3Multi], &came);
        settles(&[B3Multi], &[&came[..], &[("x-b3-flags", flags)]].concat());
    }

    #[test]
    fn baggage_settles(
        pairs in prop::collection::vec(("[a-zA-Z!#$%&'*+.^_`|~-]{1,9}", "\\PC{0,12}", "(;[a-z]{1,3}(=[a-z]{1,3})?)?"), 0..20),
        wild in likely(),
    ) {
        let shown = |(key, value, more): &(String, String, String)| format!("{key}={value}{more}");
        let header = pairs.iter().map(shown).collect::<Vec<_>>().join(",");
        settles(&[Baggage], &[("baggage", header)]);
        settles(&[Baggage], &[("baggage", wild)]);
    }

    #[test]
    fn anything_settles_in_any_language(text in likely(), name in 0..11_usize) {
        const NAMES: [&str; 11] = [
            "traceparent", "tracestate", "baggage", "x-datadog-trace-id", "x-datadog-parent-id",
            "x-datadog-tags", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "x-datadog-origin",
        ];
        let all = [TraceContext, Baggage, Datadog, B3, B3Multi];
        let sound = [
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            ("x-datadog-trace-id", "7"),
        ];
        let mut came: Vec<_> = sound.map(|(name, value)| (name, value.to_owned())).into();
        came.push((NAMES[name], text));
        for one in all {
            settles(&[one], &came);
        }
        settles(&all, &came);
    }
}
