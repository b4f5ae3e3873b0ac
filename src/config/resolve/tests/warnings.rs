//! Wrong variables: each is one warning, and the default counts.

use super::*;

/// The variable, a wrong value, what the warning says, and the setting that keeps its default.
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("OTEL_SERVICE_NAME", "a\nb", "`a_b` has control characters; write 1 to 200", "service"),
    ("OTEL_RESOURCE_ATTRIBUTES", "service.name", "item 1 has no `=`; write `", "service"),
    ("OTEL_SDK_DISABLED", "1", "`1` is neither `true` nor `false`; only `true`", "dogstatsd"),
    ("OTEL_METRICS_EXPORTER", "zipkin", "`zipkin` is not known; write prometheus", "prometheus"),
    ("OTEL_METRICS_EXPORTER", "prometheus,otlp", "`otlp` metrics are not in this build", "service"),
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
    ("LIGHTSHIP_PROCESS_METRICS", "2", "`2` is not a switch", "metrics.process"),
];

#[test]
fn a_wrong_variable_is_a_warning_and_the_default_counts() {
    let default = resolved(&plain(), &[]).explanation;
    for &(name, raw, says, setting) in WRONG {
        let Resolved { warnings, explanation, .. } = resolved(&plain(), &[(name, raw)]);
        assert_eq!(warnings.len(), 1, "{name}={raw}: {warnings:?}");
        let expected = format!("{name}: {says}");
        assert!(warnings[0].starts_with(&expected), "{}\nis not\n{expected}", warnings[0]);
        assert_eq!(explanation.get(setting), default.get(setting), "{name}={raw}");
        assert_eq!(explanation.warnings(), warnings, "the explanation shows it");
        assert!(explanation.to_string().contains(&format!("warning: {}", warnings[0])));
    }
}

#[test]
fn every_variable_has_a_wrong_value_here() {
    for variable in crate::config::variables::VARIABLES {
        let here = WRONG.iter().any(|(name, ..)| *name == variable.name);
        assert!(here, "{}", variable.name);
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
        if variable.name == "LIGHTSHIP_ADMIN_TOKEN_FILE" {
            continue;
        }
        let warnings = resolved(&plain(), &[(variable.name, variable.example)]).warnings;
        assert!(warnings.is_empty(), "{warnings:?}");
    }
}

/// Each row: the variables, then why DogStatsD and Prometheus are off (`None`: on).
#[test]
fn off_switches_beat_code_and_name_themselves() {
    let sdk = Some("OTEL_SDK_DISABLED is on");
    let not_named = Some("OTEL_METRICS_EXPORTER does not name prometheus");
    let in_code = plain().dogstatsd(DogStatsd::default()).prometheus(Prometheus::default());
    let off_in_code = plain().dogstatsd(DogStatsd::disabled()).prometheus(Prometheus::disabled());
    let off = Some("turned off in code");
    for (builder, name, raw, dogstatsd, prometheus) in [
        (&plain(), "OTEL_SDK_DISABLED", "TRUE", sdk, sdk),
        (&in_code, "OTEL_SDK_DISABLED", "true", sdk, sdk),
        (&plain(), "OTEL_SDK_DISABLED", "false", None, None),
        (&in_code, "DD_DOGSTATSD_DISABLE", "1", Some("DD_DOGSTATSD_DISABLE is on"), None),
        (&plain(), "OTEL_METRICS_EXPORTER", "none", None, not_named),
        (&plain(), "OTEL_METRICS_EXPORTER", "otlp", None, not_named),
        (&plain(), "OTEL_METRICS_EXPORTER", "console", None, not_named),
        (&plain(), "OTEL_METRICS_EXPORTER", " Prometheus , otlp", None, None),
        (&in_code, "OTEL_METRICS_EXPORTER", "none", None, None),
        (&off_in_code, "OTEL_METRICS_EXPORTER", "prometheus", off, off),
    ] {
        let Resolved { settings, explanation, .. } = resolved(builder, &[(name, raw)]);
        let found = (settings.dogstatsd.err(), settings.prometheus.err());
        let expected = (dogstatsd.map(str::to_owned), prometheus.map(str::to_owned));
        assert_eq!(found, expected, "{name}={raw}");
        let shown = |off: Option<&str>| off.map_or("on".to_owned(), |why| format!("off: {why}"));
        assert_eq!(explanation.get("dogstatsd").unwrap().value(), shown(dogstatsd));
        assert_eq!(explanation.get("prometheus").unwrap().value(), shown(prometheus));
    }
}

#[test]
fn a_build_without_a_pipeline_says_so() {
    let surroundings = Surroundings { has_dogstatsd: false, has_prometheus: false, ..PLAIN };
    let Resolved { settings, explanation, .. } =
        resolve_in(&plain(), &environment(&[]), &surroundings).unwrap();
    assert!(settings.dogstatsd.unwrap_err().contains("feature `dogstatsd`"));
    assert!(settings.prometheus.unwrap_err().contains("feature `prometheus`"));
    assert_eq!(explanation.get("prometheus").unwrap().source().to_string(), "build");
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
