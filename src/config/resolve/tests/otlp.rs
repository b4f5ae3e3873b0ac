//! Signals of OTLP: whether they are on, where they go, what they carry.

use super::*;
use crate::config::settings::{OtlpProtocol, OtlpSettings, OtlpTarget};

const GENERAL: &str = "OTEL_EXPORTER_OTLP_HEADERS";
const OF_TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_HEADERS";
const BOTH: (&str, &str) = ("OTEL_METRICS_EXPORTER", "otlp");

fn otlp(builder: &Builder, variables: &[(&str, &str)]) -> OtlpSettings {
    resolved(builder, variables).settings.otlp.unwrap()
}

fn traces(builder: &Builder, variables: &[(&str, &str)]) -> OtlpTarget {
    otlp(builder, variables).traces.unwrap()
}

fn headers(target: &OtlpTarget) -> Vec<(&str, &str)> {
    target.headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect()
}

#[test]
fn with_nothing_set_traces_alone_go_to_the_local_collector() {
    let OtlpSettings { traces, metrics } = otlp(&plain(), &[]);
    let target = traces.unwrap();
    assert_eq!(target.endpoint.to_string(), format!("{}/v1/traces", Otlp::DEFAULT_ENDPOINT));
    assert_eq!(target.protocol, OtlpProtocol::HttpProtobuf);
    assert!(target.gzip && target.headers.is_empty() && target.doubt.is_none());
    assert_eq!(target.timeout, Otlp::DEFAULT_TIMEOUT);
    assert!(metrics.is_none());
    let grpc = otlp(&plain().otlp(Otlp::default().protocol(Protocol::Grpc)), &[]).traces.unwrap();
    assert_eq!(grpc.endpoint.to_string(), Otlp::DEFAULT_GRPC_ENDPOINT);
}

/// Each row: what is in code, the variables, and whether traces and metrics are on.
#[test]
fn each_signal_has_its_switches() {
    type Set<'a> = &'a [(&'a str, &'a str)];
    let no_traces = ("OTEL_TRACES_EXPORTER", "none");
    let options = Otlp::default;
    let rows: &[(Option<Otlp>, Set<'_>, bool, bool)] = &[
        (None, &[BOTH], true, true),
        (None, &[no_traces, BOTH], false, true),
        (Some(options()), &[no_traces, BOTH], false, true),
        (Some(options().traces(true)), &[no_traces], true, false),
        (Some(options().traces(false).metrics(true)), &[], false, true),
        (Some(options().metrics(false)), &[BOTH], true, false),
        (Some(options().metrics(true)), &[("OTEL_METRICS_EXPORTER", "none")], true, true),
        (Some(options().traces(false)), &[], false, false),
    ];
    for (options, set, traces, metrics) in rows {
        let builder = match options {
            Some(options) => plain().otlp(options.clone()),
            None => plain(),
        };
        let found = resolved(&builder, set).settings.otlp;
        let on = (
            found.as_ref().is_ok_and(|otlp| otlp.traces.is_some()),
            found.as_ref().is_ok_and(|otlp| otlp.metrics.is_some()),
        );
        assert_eq!(on, (*traces, *metrics), "{options:?} {set:?}: {found:?}");
    }
}

#[test]
fn variables_of_a_signal_that_is_off_warn_of_nothing() {
    let set = [("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "collector"), BOTH];
    assert_eq!(resolved(&plain(), &set[..1]).warnings, [""; 0]);
    assert_eq!(resolved(&plain(), &set).warnings.len(), 1);
    // A general one that only gRPC, which is for traces alone, understands.
    let set = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
    ];
    let resolved = resolved(&plain(), &set);
    assert_eq!(resolved.warnings, [""; 0]);
    let endpoint = resolved.settings.otlp.unwrap().traces.unwrap().endpoint;
    assert_eq!(endpoint.to_string(), "https://collector:4317");
}

#[test]
fn what_is_general_is_warned_of_once() {
    for (name, raw) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "x"),
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "x"),
    ] {
        let warnings = resolved(&plain(), &[BOTH, (name, raw)]).warnings;
        assert_eq!(warnings.len(), 1, "{warnings:?}");
    }
    let builder = plain().otlp(Otlp::default().endpoint("collector").metrics(true));
    assert_eq!(problems(&builder, &[]).len(), 1);
}

#[test]
fn headers_in_code_come_first_and_a_signal_s_own_replace_the_general_ones() {
    let code = plain().otlp(Otlp::default().header("X-Key", "code").header("x-key", " last "));
    let general = (GENERAL, "x-key=general,Authorization=Bearer%20a%3D=,x-key=again, y = 1 2 ,");
    let y = ("y", "1 2");
    let authorization = ("authorization", "Bearer a==");
    let expected = [authorization, ("x-key", "again"), y];
    assert_eq!(headers(&traces(&plain(), &[general])), expected);
    let expected = [("x-key", "last"), authorization, y];
    assert_eq!(headers(&traces(&code, &[general])), expected);

    let both = otlp(&code, &[general, (OF_TRACES, "z=1"), BOTH]);
    assert_eq!(headers(&both.traces.unwrap()), [("x-key", "last"), ("z", "1")]);
    assert_eq!(headers(&both.metrics.unwrap().target), expected);
}

#[test]
fn a_bad_header_costs_itself_alone() {
    let long = format!("a={},", "v".repeat(8_193));
    for (bad, why) in [
        ("hunter2,", "has no `=`"),
        ("hunter2 x=y,", "has characters that no name has"),
        ("=hunter2,", "has no name"),
        ("a=,", "has no value"),
        ("a=hunter2%zz,", "is not percent-encoded UTF-8"),
        ("a=hunter2%0d%0Ab,", "has a value with control characters"),
        ("a=hunter2%c3%a9,", "has a value with control characters or letters beyond ASCII"),
        (long.as_str(), "has a value of more than 8192 bytes"),
        ("Content-Type=x,", "says what the content is"),
        ("content-encoding=x,", "says what the content is"),
        ("Content-Length=1,", "says what the content is"),
        ("Transfer-Encoding=x,", "says what the content is"),
        ("Host=x,", "is `host`, which the endpoint says"),
        ("connection=close,", "rules the connection"),
        ("grpc-timeout=1S,", "has a name that gRPC keeps to itself"),
    ] {
        let raw = format!("first=1,{bad}last=2");
        let Resolved { settings, warnings, .. } = resolved(&plain(), &[(GENERAL, &raw)]);
        let target = settings.otlp.unwrap().traces.unwrap();
        assert_eq!(headers(&target), [("first", "1"), ("last", "2")], "{bad}");
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].starts_with(&format!("{GENERAL}: item 2 {why}")), "{warnings:?}");
        assert!(warnings[0].ends_with("; the other items are used"), "{warnings:?}");
        assert!(!warnings[0].contains("hunter2"), "{warnings:?}");
    }
    let many = (0..200).map(|n| format!("k{n}=v,")).collect::<String>();
    assert_eq!(headers(&traces(&plain(), &[(GENERAL, &many)])).len(), 128);
    // Nothing usable leaves the word to the general one.
    let set = [(OF_TRACES, "bad"), (GENERAL, "good=1")];
    assert_eq!(headers(&traces(&plain(), &set)), [("good", "1")]);
}

#[test]
fn json_becomes_protobuf_and_not_what_comes_next() {
    let set = [
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ];
    let resolved = resolved(&plain(), &set);
    assert_eq!(
        resolved.warnings,
        ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: `http/json` is not in this build; write \
          http/protobuf; http/protobuf takes its place"]
    );
    let target = resolved.settings.otlp.unwrap().traces.unwrap();
    assert_eq!(target.protocol, OtlpProtocol::HttpProtobuf);
}

#[test]
fn grpc_that_is_not_built_in_turns_off_what_asked_for_it() {
    let surroundings = Surroundings { has_grpc: false, ..PLAIN };
    let set = environment(&[("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"), BOTH]);
    let Resolved { settings, warnings, explanation } =
        resolve_in(&plain(), &set, &surroundings).unwrap();
    let otlp = settings.otlp.unwrap();
    assert!(otlp.traces.is_none() && otlp.metrics.is_some());
    let reason = "off: OTEL_EXPORTER_OTLP_TRACES_PROTOCOL asks for grpc, but this build is without \
                  the feature `grpc`";
    assert_eq!(explanation.get("otlp.traces").unwrap().value(), reason);
    assert!(warnings[0].ends_with("; what needs it is off"), "{warnings:?}");

    let set = environment(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]);
    let settings = resolve_in(&plain(), &set, &surroundings).unwrap().settings;
    assert!(settings.otlp.unwrap_err().contains("the feature `grpc`"));

    let builder = plain().otlp(Otlp::default().protocol(Protocol::Grpc));
    for set in [environment(&[]), environment(&[("OTEL_SDK_DISABLED", "true")])] {
        let error = resolve_in(&builder, &set, &surroundings).unwrap_err();
        assert_eq!(error.problems().len(), 1);
        assert!(error.problems()[0].to_string().starts_with("otlp.protocol: this build"));
    }
    assert!(resolved(&builder, &[]).settings.otlp.is_ok());
}

#[test]
fn insecure_is_for_endpoints_without_a_scheme() {
    let insecure = ("OTEL_EXPORTER_OTLP_INSECURE", "true");
    let own = ("OTEL_EXPORTER_OTLP_TRACES_INSECURE", "false");
    let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let at = |raw| ("OTEL_EXPORTER_OTLP_ENDPOINT", raw);
    for (set, endpoint, warnings) in [
        (&[grpc, at("a:1")][..], "https://a:1", 0),
        (&[grpc, at("a:1"), insecure], "http://a:1", 0),
        (&[grpc, at("a:1"), insecure, own], "https://a:1", 0),
        (&[grpc, at("https://a:1"), insecure], "https://a:1", 1),
        (&[at("https://a:1"), insecure], "https://a:1/v1/traces", 1),
        (&[at("http://a:1"), insecure], "http://a:1/v1/traces", 0),
    ] {
        let resolved = resolved(&plain(), set);
        let target = resolved.settings.otlp.unwrap().traces.unwrap();
        assert_eq!(target.endpoint.to_string(), endpoint, "{set:?}");
        assert_eq!(resolved.warnings.len(), warnings, "{:?}", resolved.warnings);
    }
}

#[test]
fn a_port_of_the_other_protocol_is_doubtful() {
    let set = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317")];
    let doubt = traces(&plain(), &set).doubt.unwrap();
    assert_eq!(
        doubt,
        "port 4317 is gRPC's, but the protocol is http/protobuf; use 4318, or \
         OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
    );
}

#[test]
fn a_wrong_endpoint_leaves_the_word_to_the_next() {
    let set = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "grpc://a:4317"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://b:4318"),
    ];
    let explanation = resolved(&plain(), &set).explanation;
    let expected = ("http://b:4318/v1/traces".to_owned(), "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned());
    assert_eq!(effective(&explanation, "otlp.traces.endpoint"), Some(expected));
}
