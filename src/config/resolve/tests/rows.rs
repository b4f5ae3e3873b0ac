//! The settings and who may set them, as a table.

/// Each row: the variables in their order of precedence, the value each of them leads to (the last
/// is the default, `-` if there is none), and whether code comes before them all.
pub(super) type Row<'a> = (&'a str, &'a [(&'a str, &'a str, &'a str)], &'a str, Option<&'a str>);

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
        "propagators.extract",
        &[
            ("OTEL_PROPAGATORS", "b3", "b3"),
            ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "B3Multi", "b3multi"),
            ("DD_TRACE_PROPAGATION_STYLE", "none", "none"),
        ],
        "tracecontext,baggage",
        Some("datadog"),
    ),
    (
        "propagators.inject",
        &[
            ("OTEL_PROPAGATORS", "b3,baggage", "b3,baggage"),
            ("DD_TRACE_PROPAGATION_STYLE_INJECT", "b3multi", "b3multi"),
            ("DD_TRACE_PROPAGATION_STYLE", "b3 single header", "b3"),
        ],
        "tracecontext,baggage",
        Some("datadog"),
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
    (
        "hash_key",
        &[("LIGHTSHIP_HASH_KEY", "sixteen bytes at least", "********")],
        "random, of this process",
        Some("********"),
    ),
    ("metrics.process", &[("LIGHTSHIP_PROCESS_METRICS", "no", "false")], "true", Some("false")),
];

/// What the signals have in common: a setting, the variables as in [`Row`], the default, and code's
/// value; of traces, for metrics differ in the names alone.
type SignalRow = (&'static str, [[&'static str; 3]; 2], &'static str, &'static str);

const OF_SIGNALS: [SignalRow; 5] = [
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

/// What the settings of a signal have in common, each with its row for traces; the rows of metrics
/// differ in their names alone.
fn rows_of_signals() -> Vec<Row<'static>> {
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let mut rows = Vec::new();
    for (lower, upper) in [("traces", "TRACES"), ("metrics", "METRICS")] {
        let of_signal = |text: &str| leak(text.replace("traces", lower).replace("TRACES", upper));
        for (setting, variables, default, code) in OF_SIGNALS {
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

pub(super) fn rows() -> impl Iterator<Item = Row<'static>> {
    ROWS.iter().copied().chain(rows_of_signals())
}
