//! Who has the last word on each setting.

use super::*;
use crate::config::settings::{Address, UnixSocket};
use std::time::Duration;

/// Sets everything that code can set and that can be asked of the explanation.
fn everything_in_code() -> Builder {
    plain()
        .version("code")
        .environment("code")
        .tag("team", "code")
        .dogstatsd(
            DogStatsd::default()
                .address("udp://code:1")
                .flush_interval(Duration::from_secs(1))
                .tag("only", "here")
                .client_telemetry(false),
        )
        .prometheus(Prometheus::default().listen("127.0.0.9:1").bearer_token("code"))
        .process_metrics(false)
        .otlp(otlp_in_code())
        .logs(Logs::default().text().filter("warn"))
        .sampler(Sampler::ratio(0.25).ignoring_parent())
        .span_filter("debug")
        .spans(
            Spans::default()
                .max_attributes(1)
                .max_events(2)
                .max_links(3)
                .max_event_attributes(4)
                .max_link_attributes(5)
                .max_value_length(6)
                .queue(8)
                .batch(7)
                .delay(Duration::from_secs(9))
                .context_activation(true),
        )
        .flush_on_panic(true)
}

fn otlp_in_code() -> Otlp {
    Otlp::default()
        .endpoint("http://code:1")
        .protocol(Protocol::HttpProtobuf)
        .header("X-Key", "code")
        .timeout(Duration::from_secs(1))
        .compression(false)
        .traces(true)
        .metrics(true)
        .metrics_interval(Duration::from_secs(2))
        .temporality(Temporality::Delta)
}

/// Each row: the variables in their order of precedence, the value each of them leads to (the last
/// is the default, `-` if there is none), and whether code comes before them all.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str, &'a str)], &'a str, Option<&'a str>);

const ROWS: &[Row<'_>] = &[
    (
        "service",
        &[
            ("OTEL_SERVICE_NAME", "a", "a"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=b", "b"),
            ("DD_SERVICE", "c", "c"),
            ("DD_TAGS", "service:d", "d"),
        ],
        "api",
        None,
    ),
    (
        "environment",
        &[
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=a", "a"),
            ("DD_ENV", "b", "b"),
            ("DD_TAGS", "env:c", "c"),
        ],
        "-",
        Some("code"),
    ),
    (
        "environment",
        &[("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=a", "a"), ("DD_ENV", "b", "b")],
        "-",
        Some("code"),
    ),
    (
        "version",
        &[
            ("OTEL_RESOURCE_ATTRIBUTES", "service.version=a", "a"),
            ("DD_VERSION", "b", "b"),
            ("DD_TAGS", "version:c", "c"),
        ],
        "-",
        Some("code"),
    ),
    (
        "tag.team",
        &[("OTEL_RESOURCE_ATTRIBUTES", "team=a", "a"), ("DD_TAGS", "team:b", "b")],
        "-",
        Some("code"),
    ),
    (
        "dogstatsd.address",
        &[
            ("DD_DOGSTATSD_URL", "unixgram:///a", "unixgram:///a"),
            ("DD_AGENT_HOST", "b", "udp://b:8125"),
            ("DD_DOGSTATSD_PORT", "9", "udp://127.0.0.1:9"),
        ],
        "udp://127.0.0.1:8125",
        Some("udp://code:1"),
    ),
    ("dogstatsd.flush_interval", &[], "2s", Some("1s")),
    ("dogstatsd.client_telemetry", &[], "true", Some("false")),
    ("dogstatsd.tag.only", &[], "-", Some("here")),
    ("dogstatsd.entity_id", &[("DD_ENTITY_ID", "a", "a")], "-", None),
    ("dogstatsd.external_env", &[("DD_EXTERNAL_ENV", "a", "a")], "-", None),
    (
        "dogstatsd.cardinality",
        &[("DD_CARDINALITY", "Low", "low"), ("DATADOG_CARDINALITY", "high", "high")],
        "-",
        None,
    ),
    (
        "dogstatsd.origin_detection",
        &[("DD_ORIGIN_DETECTION_ENABLED", "false", "false")],
        "true",
        None,
    ),
    (
        "prometheus.listen",
        &[
            ("OTEL_EXPORTER_PROMETHEUS_HOST", "::1", "[::1]:9464"),
            ("OTEL_EXPORTER_PROMETHEUS_PORT", "0", "127.0.0.1:0"),
        ],
        "127.0.0.1:9464",
        Some("127.0.0.9:1"),
    ),
    (
        "prometheus.bearer_token",
        &[("LIGHTSHIP_ADMIN_TOKEN", "a", "********")],
        "-",
        Some("********"),
    ),
    ("prometheus", &[("OTEL_METRICS_EXPORTER", "prometheus", "on")], "on", Some("on")),
    ("otlp", &[("OTEL_TRACES_EXPORTER", "otlp", "on")], "on", Some("on")),
    ("otlp.traces", &[("OTEL_TRACES_EXPORTER", "OTLP", "on")], "on", Some("on")),
    (
        "otlp.metrics",
        &[("OTEL_METRICS_EXPORTER", "prometheus,otlp", "on")],
        "off: not asked for; name otlp in OTEL_METRICS_EXPORTER",
        Some("on"),
    ),
    (
        "otlp.metrics.interval",
        &[("OTEL_METRIC_EXPORT_INTERVAL", "60000", "60s")],
        "10s",
        Some("2s"),
    ),
    (
        "otlp.metrics.temporality",
        &[("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "LowMemory", "delta")],
        "cumulative",
        Some("delta"),
    ),
    (
        "spans.sampler",
        &[
            ("OTEL_TRACES_SAMPLER", "always_off", "always_off"),
            ("DD_TRACE_SAMPLE_RATE", "0.5", "parentbased_traceidratio 0.5"),
        ],
        "parentbased_always_on",
        Some("traceidratio 0.25"),
    ),
    (
        "spans.filter",
        &[("LIGHTSHIP_SPAN_FILTER", "a=warn,INFO", "a=warn,info")],
        "info",
        Some("debug"),
    ),
    (
        "spans.max_attributes",
        &[
            ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "0", "0"),
            ("OTEL_ATTRIBUTE_COUNT_LIMIT", "10000", "10000"),
        ],
        "-",
        Some("1"),
    ),
    ("spans.max_events", &[("OTEL_SPAN_EVENT_COUNT_LIMIT", "9", "9")], "-", Some("2")),
    ("spans.max_links", &[("OTEL_SPAN_LINK_COUNT_LIMIT", "9", "9")], "-", Some("3")),
    (
        "spans.max_event_attributes",
        &[("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "9", "9"), ("OTEL_ATTRIBUTE_COUNT_LIMIT", "8", "8")],
        "-",
        Some("4"),
    ),
    (
        "spans.max_link_attributes",
        &[("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "9", "9"), ("OTEL_ATTRIBUTE_COUNT_LIMIT", "8", "8")],
        "-",
        Some("5"),
    ),
    (
        "spans.max_value_length",
        &[
            ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "9", "9"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "8", "8"),
        ],
        "-",
        Some("6"),
    ),
    ("spans.queue", &[("OTEL_BSP_MAX_QUEUE_SIZE", "4096", "4096")], "-", Some("8")),
    ("spans.batch", &[("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2048", "2048")], "-", Some("7")),
    ("spans.delay", &[("OTEL_BSP_SCHEDULE_DELAY", "1500", "1.5s")], "-", Some("9s")),
    ("spans.context_activation", &[], "-", Some("true")),
    ("logs", &[], "on", Some("on")),
    ("logs.format", &[("LIGHTSHIP_LOG_FORMAT", "Text", "text")], "json", Some("text")),
    ("logs.filter", &[("RUST_LOG", "debug,api=off", "api=off,debug")], "info", Some("warn")),
    ("flush_on_panic", &[], "false", Some("true")),
    ("dogstatsd", &[], "on", Some("on")),
    ("metrics.process", &[("LIGHTSHIP_PROCESS_METRICS", "no", "false")], "true", Some("false")),
];

/// What the settings of a signal have in common, each with its row for traces; the rows of metrics
/// differ in their names alone.
fn rows_of_signals() -> Vec<Row<'static>> {
    let own: [(&str, [[&str; 3]; 2], &str, &str); 5] = [
        (
            "otlp.traces.endpoint",
            [
                ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://a:2/x", "http://a:2/x"],
                ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://b:3/y", "http://b:3/y/v1/traces"],
            ],
            "http://localhost:4318/v1/traces",
            "http://code:1/v1/traces",
        ),
        (
            "otlp.traces.protocol",
            [
                ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc", "grpc"],
                ["OTEL_EXPORTER_OTLP_PROTOCOL", "GRPC", "grpc"],
            ],
            "http/protobuf",
            "http/protobuf",
        ),
        (
            "otlp.traces.header.x-key",
            [
                ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-key=a", "********"],
                ["OTEL_EXPORTER_OTLP_HEADERS", "X-KEY=b", "********"],
            ],
            "-",
            "********",
        ),
        (
            "otlp.traces.timeout",
            [
                ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "2000", "2s"],
                ["OTEL_EXPORTER_OTLP_TIMEOUT", "3000", "3s"],
            ],
            "10s",
            "1s",
        ),
        (
            "otlp.traces.compression",
            [
                ["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "none", "none"],
                ["OTEL_EXPORTER_OTLP_COMPRESSION", "gzip", "gzip"],
            ],
            "gzip",
            "none",
        ),
    ];
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let mut rows = Vec::new();
    for (lower, upper) in [("traces", "TRACES"), ("metrics", "METRICS")] {
        let of_signal = |text: &str| leak(text.replace("traces", lower).replace("TRACES", upper));
        for (setting, variables, default, code) in own {
            let variables: Vec<_> = variables
                .iter()
                .map(|row| (of_signal(row[0]), of_signal(row[1]), of_signal(row[2])))
                .collect();
            let (default, code) = (of_signal(default), of_signal(code));
            rows.push((of_signal(setting), &*variables.leak(), default, Some(code)));
        }
    }
    rows
}

/// What belongs to metrics over OTLP counts where that is on, which `OTEL_METRICS_EXPORTER` decides.
fn with_metrics_where_needed<'a>(
    setting: &str,
    mut variables: Vec<(&'a str, &'a str)>,
) -> Vec<(&'a str, &'a str)> {
    if setting.starts_with("otlp.metrics.") {
        variables.push(("OTEL_METRICS_EXPORTER", "otlp"));
    }
    variables
}

#[test]
fn every_source_comes_in_its_turn() {
    for (setting, variables, default, code) in ROWS.iter().copied().chain(rows_of_signals()) {
        let set = |variables: &[(&'static str, &'static str, _)]| {
            let set = variables.iter().map(|&(name, raw, _)| (name, raw)).collect();
            with_metrics_where_needed(setting, set)
        };
        for (first, &(name, _, value)) in variables.iter().enumerate() {
            let alone = resolved(&plain(), &set(&variables[first..=first]));
            let expected = Some((value.to_owned(), name.to_owned()));
            assert_eq!(effective(&alone.explanation, setting), expected, "{setting}");
            assert!(alone.warnings.is_empty(), "{:?}", alone.warnings);
            // By its source alone, for a host takes its port from a variable that comes later.
            let together = resolved(&plain(), &set(&variables[first..])).explanation;
            let source = effective(&together, setting).map(|(_, source)| source);
            assert_eq!(source.as_deref(), Some(name), "{setting}");
        }
        let explanation = resolved(&plain(), &set(&[])).explanation;
        let source = if setting == "service" { "code" } else { "default" };
        let expected = (default != "-").then(|| (default.to_owned(), source.to_owned()));
        assert_eq!(effective(&explanation, setting), expected, "{setting}");
        if let Some(code) = code {
            let explanation = resolved(&everything_in_code(), &set(variables)).explanation;
            let expected = Some((code.to_owned(), "code".to_owned()));
            assert_eq!(effective(&explanation, setting), expected, "{setting}");
        }
    }
}

#[test]
fn every_variable_has_a_row_or_a_test_of_its_own() {
    let elsewhere = [
        "OTEL_SDK_DISABLED",
        "OTEL_TRACES_SAMPLER_ARG",
        "DD_DOGSTATSD_DISABLE",
        "LIGHTSHIP_ADMIN_TOKEN_FILE",
        "NO_COLOR",
    ];
    // These have `otlp::tls` and `otlp::insecure`.
    let of_tls = ["_CERTIFICATE", "_CLIENT_KEY", "_INSECURE"];
    let rows: Vec<_> = ROWS.iter().copied().chain(rows_of_signals()).collect();
    for variable in crate::config::variables::VARIABLES {
        let in_rows = rows.iter().any(|row| row.1.iter().any(|(name, ..)| *name == variable.name));
        let of_tls = of_tls.iter().any(|end| variable.name.ends_with(end));
        assert!(in_rows || of_tls || elsewhere.contains(&variable.name), "{}", variable.name);
    }
}

#[test]
fn settings_say_what_the_explanation_says() {
    let Resolved { settings, .. } = resolved(&everything_in_code(), &[("DD_TAGS", "zone:a")]);
    let dogstatsd = settings.dogstatsd.unwrap();
    assert_eq!(dogstatsd.address, Address::Udp { host: "code".into(), port: 1 });
    assert_eq!(dogstatsd.flush_interval, Duration::from_secs(1));
    assert!(!dogstatsd.client_telemetry && dogstatsd.origin_detection);
    let prometheus = settings.prometheus.unwrap();
    assert_eq!(prometheus.listen, Some("127.0.0.9:1".parse().unwrap()));
    assert_eq!(prometheus.token.unwrap().expose(), "code");
    assert_eq!(settings.resource.attributes, owned(&[("team", "code"), ("zone", "a")]));
    assert!(!settings.metrics.process_metrics);
}

#[test]
fn origin_fields_reach_the_settings() {
    let set = [
        ("DD_ENTITY_ID", "pod"),
        ("DD_EXTERNAL_ENV", "it-false,cn-api"),
        ("DD_CARDINALITY", "ORCHESTRATOR"),
        ("DD_ORIGIN_DETECTION_ENABLED", "0"),
    ];
    let dogstatsd = resolved(&plain(), &set).settings.dogstatsd.unwrap();
    assert_eq!(dogstatsd.entity_id.as_deref(), Some("pod"));
    assert_eq!(dogstatsd.external_data.as_deref(), Some("it-false,cn-api"));
    assert_eq!(dogstatsd.cardinality, Some("orchestrator"));
    assert!(!dogstatsd.origin_detection);
}

#[test]
fn host_and_port_variables_go_together() {
    let set = [("DD_AGENT_HOST", "::1"), ("DD_DOGSTATSD_PORT", "9")];
    let explanation = resolved(&plain(), &set).explanation;
    assert_eq!(explanation.get("dogstatsd.address").unwrap().value(), "udp://[::1]:9");
    let set =
        [("OTEL_EXPORTER_PROMETHEUS_HOST", "0.0.0.0"), ("OTEL_EXPORTER_PROMETHEUS_PORT", "9")];
    let explanation = resolved(&plain(), &set).explanation;
    assert_eq!(explanation.get("prometheus.listen").unwrap().value(), "0.0.0.0:9");
}

#[test]
fn the_agent_s_socket_is_the_default_where_it_is() {
    let surroundings =
        Surroundings { exists: |path| path == Path::new(DogStatsd::DEFAULT_SOCKET), ..PLAIN };
    let in_place = |builder: &Builder, variables: &[(&str, &str)]| {
        let resolved = resolve_in(builder, &environment(variables), &surroundings).unwrap();
        resolved.settings.dogstatsd.unwrap().address
    };
    let path = DogStatsd::DEFAULT_SOCKET.into();
    assert_eq!(in_place(&plain(), &[]), Address::Unix { path, socket: UnixSocket::Either });
    let udp = Address::Udp { host: "agent".into(), port: 8125 };
    assert_eq!(in_place(&plain(), &[("DD_AGENT_HOST", "agent")]), udp);
    let without = resolved(&plain(), &[]).settings.dogstatsd.unwrap().address;
    assert_eq!(without.to_string(), DogStatsd::DEFAULT_ADDRESS);
}

#[test]
fn lines_carry_who_we_are_then_their_own_tags_then_everybody_s() {
    let builder = plain()
        .version("1")
        .tag("team", "code")
        .tag("zone", "first")
        .tag("zone", "last")
        .dogstatsd(DogStatsd::default().tag("team", "dogstatsd"));
    let set = [
        ("DD_ENV", "prod"),
        ("DD_TAGS", "zone:dd,env:other,rack:7"),
        ("OTEL_RESOURCE_ATTRIBUTES", "k8s.pod.uid=123,service.name=other"),
    ];
    let settings = resolved(&builder, &set).settings;
    let lines = [
        ("service", "other"),
        ("env", "prod"),
        ("version", "1"),
        ("team", "dogstatsd"),
        ("zone", "last"),
        ("rack", "7"),
    ];
    assert_eq!(settings.dogstatsd.unwrap().tags, owned(&lines));
    let attributes = [("team", "code"), ("zone", "last"), ("k8s.pod.uid", "123"), ("rack", "7")];
    assert_eq!(settings.resource.attributes, owned(&attributes));
}
