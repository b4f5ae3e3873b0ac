//! Wrong variables: each is one warning, and the default counts.

use super::*;

/// The variable, a wrong value, what the warning says, and the setting that keeps its default.
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("OTEL_SERVICE_NAME", "a\nb", "`a_b` has control characters; write 1 to 200", "service"),
    ("OTEL_RESOURCE_ATTRIBUTES", "service.name", "item 1 has no `=`; write `", "service"),
    ("OTEL_SDK_DISABLED", "1", "`1` is neither `true` nor `false`; only `true`", "dogstatsd"),
    ("OTEL_METRICS_EXPORTER", "zipkin", "`zipkin` is not known; write prometheus", "prometheus"),
    ("OTEL_METRICS_EXPORTER", "prometheus,console", "`console` metrics are not in this", "service"),
    ("OTEL_TRACES_EXPORTER", "console", "`console` is not known; write otlp or none", "otlp"),
    ("OTEL_TRACES_EXPORTER", "zipkin,otlp", "`zipkin` is not known", "otlp.traces.endpoint"),
    (
        "OTEL_METRIC_EXPORT_INTERVAL",
        "10s",
        "`10s` is not a number within bounds; write 100 to 3600000, in milliseconds",
        "otlp.metrics.interval",
    ),
    (
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
        "up",
        "`up` is not known; write one of cumulative, delta, lowmemory",
        "otlp.metrics.temporality",
    ),
    ("OTEL_TRACES_SAMPLER", "jaeger_remote", "`jaeger_remote` is not known", "spans.sampler"),
    ("OTEL_TRACES_SAMPLER_ARG", "0.1", "it says nothing without OTEL_TRACES_SAM", "spans.sampler"),
    ("DD_TRACE_SAMPLE_RATE", "1.1", "`1.1` is not a share; write a number from 0", "spans.sampler"),
    ("OTEL_PROPAGATORS", "xray", "`xray` is not known; write some of trace", "propagators.extract"),
    ("DD_TRACE_PROPAGATION_STYLE", "x", "`x` is not known; write", "propagators.inject"),
    ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "x", "`x` is not known; wri", "propagators.extract"),
    ("DD_TRACE_PROPAGATION_STYLE_INJECT", "x", "`x` is not known; write", "propagators.inject"),
    ("LIGHTSHIP_SPAN_FILTER", "api=loud", "`api=loud`: `loud` is not a level", "spans.filter"),
    ("OTEL_BSP_SCHEDULE_DELAY", "0", "`0` is not a number within bounds", "spans.delay"),
    ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "`0` is not a number within bounds", "spans.queue"),
    ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "-1", "`-1` is not a number within", "spans.batch"),
    ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "10001", "`10001` is not a", "spans.max_attributes"),
    ("OTEL_SPAN_EVENT_COUNT_LIMIT", "many", "`many` is not a number", "spans.max_events"),
    ("OTEL_SPAN_LINK_COUNT_LIMIT", "1.5", "`1.5` is not a number", "spans.max_links"),
    ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "x", "`x` is not", "spans.max_event_attributes"),
    ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "x", "`x` is not a number", "spans.max_link_attributes"),
    ("OTEL_ATTRIBUTE_COUNT_LIMIT", "x", "`x` is not a number", "spans.max_attributes"),
    ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "0", "`0` is not", "spans.max_value_length"),
    ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "0", "`0` is not a number", "spans.max_value_length"),
    ("RUST_LOG", "info,[span]=debug", "`info,[span]=debug`: `[span]=debug` asks", "logs.filter"),
    ("LIGHTSHIP_LOG_FORMAT", "pretty", "`pretty` is not known; write one of text", "logs.format"),
    ("OTEL_METRICS_EXPORTER", "prometheus,none", "`none` stands beside", "service"),
    ("OTEL_EXPORTER_PROMETHEUS_HOST", "a.b", "`a.b` is not an IP address", "prometheus.listen"),
    ("OTEL_EXPORTER_PROMETHEUS_PORT", "65536", "`65536` is not a port", "prometheus.listen"),
    ("DD_SERVICE", "\u{1}x\u{1}", "`_x_` has control characters", "service"),
    ("DD_ENV", "a\tb", "`a_b` has control characters", "environment"),
    ("DD_VERSION", "a\rb", "`a_b` has control characters", "version"),
    ("DD_TAGS", "env", "item 1 has no `:`; write `", "environment"),
    ("DD_DOGSTATSD_URL", "http://agent", "`http://agent` has an unknown", "dogstatsd.address"),
    ("DD_AGENT_HOST", "a b", "`a b` has a host with characters", "dogstatsd.address"),
    ("DD_DOGSTATSD_PORT", "0", "`0` is not a port; write a number from 1", "dogstatsd.address"),
    ("DD_DOGSTATSD_DISABLE", "maybe", "`maybe` is not a switch; write `true`", "dogstatsd"),
    ("DD_ENTITY_ID", "a\nb", "`a_b` has control characters", "dogstatsd.entity_id"),
    ("DD_EXTERNAL_ENV", "a\nb", "`a_b` has control characters", "dogstatsd.external_env"),
    ("DD_ORIGIN_DETECTION_ENABLED", "2", "`2` is not a switch", "dogstatsd.origin_detection"),
    (
        "DD_CARDINALITY",
        "all",
        "`all` is not known; write one of none, low",
        "dogstatsd.cardinality",
    ),
    ("DATADOG_CARDINALITY", "all", "`all` is not known", "dogstatsd.cardinality"),
    ("LIGHTSHIP_ADMIN_TOKEN", "a b", "******** has spaces", "service"),
    ("LIGHTSHIP_ADMIN_TOKEN_FILE", "/nowhere/t", "`/nowhere/t` can't be read", "service"),
    ("LIGHTSHIP_HASH_KEY", "hunter2", "the key has 7 bytes; write at least 16 bytes", "hash_key"),
    ("LIGHTSHIP_PROCESS_METRICS", "2", "`2` is not a switch", "metrics.process"),
];

/// The end of a variable of a signal, a wrong value, what the warning says, and the end of the
/// setting that keeps its default.
const WRONG_OF_SIGNALS: &[(&str, &str, &str, &str)] = &[
    ("ENDPOINT", "collector:4318", "`collector:4318` has no scheme; write http://", "endpoint"),
    ("PROTOCOL", "http/2", "`http/2` is not known; write one of http/protobuf, grpc", "protocol"),
    ("HEADERS", "Bearer hunter2", "item 1 has no `=`; write `api-key=", "header.bearer"),
    ("TIMEOUT", "0", "`0` is not a number within bounds; write 1 to 600000, in m", "timeout"),
    ("COMPRESSION", "zstd", "`zstd` is not known; write one of gzip, none", "compression"),
    ("CERTIFICATE", "/a.pem", "`/a.pem` is of no use without TLS; write https", "ca_certificate"),
    ("CLIENT_CERTIFICATE", "/a.pem", "`/a.pem` is of no use without TLS", "client_certificate"),
    ("CLIENT_KEY", "/a.pem", "`/a.pem` is of no use without TLS; write https://", "client_key"),
    ("INSECURE", "1", "`1` is neither `true` nor `false`; only", "endpoint"),
];

fn all_wrong() -> impl Iterator<Item = (String, &'static str, &'static str, String)> {
    let of_signals = WRONG_OF_SIGNALS.iter().flat_map(|&(end, raw, says, setting)| {
        ["", "TRACES_", "METRICS_"].map(|signal| {
            let name = if signal == "METRICS_" { "metrics" } else { "traces" };
            let setting = format!("otlp.{name}.{setting}");
            (format!("OTEL_EXPORTER_OTLP_{signal}{end}"), raw, says, setting)
        })
    });
    WRONG
        .iter()
        .map(|&(name, raw, says, setting)| (name.to_owned(), raw, says, setting.to_owned()))
        .chain(of_signals)
}

/// So that what belongs to metrics over OTLP counts at all.
const ALL_SIGNALS: (&str, &str) = ("OTEL_METRICS_EXPORTER", "prometheus,otlp");

#[test]
fn a_wrong_variable_is_a_warning_and_the_default_counts() {
    for (name, raw, says, setting) in all_wrong() {
        let all = [ALL_SIGNALS, (&name, raw)];
        let all = if name == ALL_SIGNALS.0 { &all[1..] } else { &all[..] };
        let default = resolved(&plain(), &all[..all.len() - 1]).explanation;
        let Resolved { warnings, explanation, .. } = resolved(&plain(), all);
        assert_eq!(warnings.len(), 1, "{name}={raw}: {warnings:?}");
        let expected = format!("{name}: {says}");
        assert!(warnings[0].starts_with(&expected), "{}\nis not\n{expected}", warnings[0]);
        assert_eq!(explanation.get(&setting), default.get(&setting), "{name}={raw}");
        assert_eq!(explanation.warnings(), warnings, "the explanation shows it");
        assert!(explanation.to_string().contains(&format!("warning: {}", warnings[0])));
    }
}

#[test]
fn every_variable_has_a_wrong_value_here() {
    for variable in crate::config::variables::VARIABLES {
        let here = all_wrong().any(|(name, ..)| name == variable.name);
        // Anything at all is right there.
        assert!(here || variable.name == "NO_COLOR", "{}", variable.name);
    }
}

#[test]
fn a_wrong_variable_leaves_the_word_to_the_next() {
    let set = [("DD_DOGSTATSD_URL", "http://agent"), ("DD_AGENT_HOST", "agent")];
    let explanation = resolved(&plain(), &set).explanation;
    let expected = Some(("udp://agent:8125".to_owned(), "DD_AGENT_HOST".to_owned()));
    assert_eq!(effective(&explanation, "dogstatsd.address"), expected);
}

#[test]
fn every_example_of_the_table_is_right() {
    for variable in crate::config::variables::VARIABLES {
        // Files that are not on this machine.
        let files = ["LIGHTSHIP_ADMIN_TOKEN_FILE", "_CERTIFICATE", "_CLIENT_KEY"];
        if files.iter().any(|end| variable.name.ends_with(end)) {
            continue;
        }
        let mut set = vec![(variable.name, variable.example)];
        match variable.name {
            "OTEL_METRICS_EXPORTER" => {}
            "OTEL_TRACES_SAMPLER_ARG" => set.push(("OTEL_TRACES_SAMPLER", "traceidratio")),
            _ => set.push(ALL_SIGNALS),
        }
        let warnings = resolved(&plain(), &set).warnings;
        assert!(warnings.is_empty(), "{warnings:?}");
    }
}

/// Each row: the variable, then why OTLP, DogStatsD and Prometheus are off (`None`: on).
#[test]
fn off_switches_beat_code_and_name_themselves() {
    let sdk = Some("OTEL_SDK_DISABLED is on");
    let not_named = Some("OTEL_METRICS_EXPORTER does not name prometheus");
    let in_code = plain()
        .dogstatsd(DogStatsd::default())
        .prometheus(Prometheus::default())
        .otlp(Otlp::default().traces(true));
    let off_in_code = plain()
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::disabled())
        .otlp(Otlp::disabled());
    let off = Some("turned off in code");
    let no_signal = Some(
        "traces: OTEL_TRACES_EXPORTER does not name otlp; \
         metrics: not asked for; name otlp in OTEL_METRICS_EXPORTER",
    );
    let dogstatsd_off = Some("DD_DOGSTATSD_DISABLE is on");
    for (builder, name, raw, expected) in [
        (&plain(), "OTEL_SDK_DISABLED", "TRUE", [sdk, sdk, sdk]),
        (&in_code, "OTEL_SDK_DISABLED", "true", [sdk, sdk, sdk]),
        (&plain(), "OTEL_SDK_DISABLED", "false", [None, None, None]),
        (&in_code, "DD_DOGSTATSD_DISABLE", "1", [None, dogstatsd_off, None]),
        (&plain(), "OTEL_METRICS_EXPORTER", "none", [None, None, not_named]),
        (&plain(), "OTEL_METRICS_EXPORTER", "otlp", [None, None, not_named]),
        (&plain(), "OTEL_METRICS_EXPORTER", "console", [None, None, not_named]),
        (&plain(), "OTEL_METRICS_EXPORTER", " Prometheus , otlp", [None, None, None]),
        (&in_code, "OTEL_METRICS_EXPORTER", "none", [None, None, None]),
        (&plain(), "OTEL_TRACES_EXPORTER", "none", [no_signal, None, None]),
        (&in_code, "OTEL_TRACES_EXPORTER", "none", [None, None, None]),
        (&off_in_code, "OTEL_METRICS_EXPORTER", "prometheus", [off, off, off]),
    ] {
        let Resolved { settings, explanation, .. } = resolved(builder, &[(name, raw)]);
        assert!(settings.logs.is_ok(), "logs go on: {name}={raw}");
        let found = [settings.otlp.err(), settings.dogstatsd.err(), settings.prometheus.err()];
        assert_eq!(found, expected.map(|off| off.map(str::to_owned)), "{name}={raw}");
        for (setting, off) in ["otlp", "dogstatsd", "prometheus"].into_iter().zip(expected) {
            let shown = off.map_or("on".to_owned(), |why| format!("off: {why}"));
            assert_eq!(explanation.get(setting).unwrap().value(), shown);
        }
    }
}

#[test]
fn a_build_without_a_pipeline_says_so() {
    let surroundings =
        Surroundings { has_otlp: false, has_dogstatsd: false, has_prometheus: false, ..PLAIN };
    let Resolved { settings, explanation, .. } =
        resolve_in(&plain(), &environment(&[]), &surroundings).unwrap();
    assert!(settings.otlp.unwrap_err().contains("feature `otlp`"));
    assert!(settings.dogstatsd.unwrap_err().contains("feature `dogstatsd`"));
    assert!(settings.prometheus.unwrap_err().contains("feature `prometheus`"));
    assert_eq!(explanation.get("prometheus").unwrap().source().to_string(), "build");
    let set = environment(&[("OTEL_METRICS_EXPORTER", "otlp,prometheus")]);
    let warnings = resolve_in(&plain(), &set, &surroundings).unwrap().warnings;
    assert!(warnings[0].contains("`otlp` metrics are not in this build"), "{warnings:?}");
}

#[test]
fn constant_tags_leave_room_for_the_metric() {
    let list: Vec<_> = (0..20).map(|n| format!("k{n}:{}", "v".repeat(100))).collect();
    let resolved = resolved(&plain(), &[("DD_TAGS", &list.join(","))]);
    let tags = resolved.settings.dogstatsd.unwrap().tags;
    let bytes: usize = tags.iter().map(|(key, value)| key.len() + value.len() + 2).sum();
    assert!((850..=1_000).contains(&bytes), "{bytes}");
    assert_eq!(tags[0], ("service".to_owned(), "api".to_owned()));
    assert!(resolved.warnings[0].contains("1000 bytes"), "{:?}", resolved.warnings);
    assert_eq!(resolved.settings.resource.attributes.len(), 20);
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_utf_8_is_a_warning() {
    use std::os::unix::ffi::OsStringExt;
    let env = Environment::read(|name| {
        (name == "DD_ENV").then(|| std::ffi::OsString::from_vec(vec![0xff]))
    });
    let Resolved { settings, warnings, .. } = resolve_in(&plain(), &env, &PLAIN).unwrap();
    assert_eq!(warnings, ["DD_ENV: the value is not UTF-8; it is ignored"]);
    assert_eq!(settings.resource.environment, None);
}
