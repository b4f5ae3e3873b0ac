//! Every environment variable that lightship reads, in one table: the code reads by these
//! constants, and the documentation is generated from them.

/// One variable, as the documentation shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    pub(crate) sets: &'static str,
    pub(crate) default: &'static str,
    pub(crate) example: &'static str,
}

macro_rules! variables {
    ($($name:ident: $sets:literal, default $default:literal, example $example:literal;)*) => {
        $(pub(crate) const $name: Variable = Variable {
            name: stringify!($name),
            sets: $sets,
            default: $default,
            example: $example,
        };)*

        pub(crate) const VARIABLES: &[Variable] = &[$($name,)*];
    };
}

variables! {
    OTEL_SERVICE_NAME: "the service's name", default "the name given in code", example "upload";
    OTEL_RESOURCE_ATTRIBUTES:
        "attributes of the resource, `key=value` by commas, percent-encoded; `service.name`, \
         `service.version` and `deployment.environment.name` (or `deployment.environment`) set who \
         we are",
        default "none", example "service.version=1.4.2,team=storage";
    OTEL_SDK_DISABLED: "`true` turns all exporting off, whatever the code says",
        default "`false`", example "true";
    OTEL_TRACES_EXPORTER:
        "`otlp` or `none`; without `otlp` in it no traces are sent",
        default "`otlp`", example "none";
    OTEL_METRICS_EXPORTER:
        "a list of `prometheus` and `otlp`, or `none`; without `prometheus` in it there is no page, \
         without `otlp` no metrics go out that way. Says nothing about DogStatsD",
        default "`prometheus`", example "prometheus,otlp";
    OTEL_EXPORTER_OTLP_ENDPOINT:
        "the collector's base URL, `http://` or `https://`, to which HTTP adds `/v1/traces` and \
         `/v1/metrics`; or `unix:///path`; for gRPC also `host:port`, which is then TLS. Without \
         credentials, which belong into the headers",
        default "`http://localhost:4318`, or `http://localhost:4317` for gRPC", example "http://collector:4318";
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT:
        "the whole URL for traces, to which nothing is added",
        default "`OTEL_EXPORTER_OTLP_ENDPOINT`", example "http://collector:4318/v1/traces";
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT:
        "the whole URL for metrics, to which nothing is added",
        default "`OTEL_EXPORTER_OTLP_ENDPOINT`", example "http://collector:4318/v1/metrics";
    OTEL_EXPORTER_OTLP_PROTOCOL:
        "`http/protobuf`, or `grpc` where the feature `grpc` is built in",
        default "`http/protobuf`", example "grpc";
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL:
        "like `OTEL_EXPORTER_OTLP_PROTOCOL`, for traces alone",
        default "`OTEL_EXPORTER_OTLP_PROTOCOL`", example "grpc";
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL:
        "like `OTEL_EXPORTER_OTLP_PROTOCOL`, for metrics alone",
        default "`OTEL_EXPORTER_OTLP_PROTOCOL`", example "grpc";
    OTEL_EXPORTER_OTLP_HEADERS:
        "headers of every request, `key=value` by commas, percent-encoded; never shown",
        default "none", example "api-key=abc,x-team=storage";
    OTEL_EXPORTER_OTLP_TRACES_HEADERS:
        "headers for traces, in the place of those of `OTEL_EXPORTER_OTLP_HEADERS`",
        default "`OTEL_EXPORTER_OTLP_HEADERS`", example "api-key=abc";
    OTEL_EXPORTER_OTLP_METRICS_HEADERS:
        "headers for metrics, in the place of those of `OTEL_EXPORTER_OTLP_HEADERS`",
        default "`OTEL_EXPORTER_OTLP_HEADERS`", example "api-key=abc";
    OTEL_EXPORTER_OTLP_TIMEOUT:
        "what one request may take, in milliseconds, 1 to 600000",
        default "`10000`", example "3000";
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT:
        "like `OTEL_EXPORTER_OTLP_TIMEOUT`, for traces alone",
        default "`OTEL_EXPORTER_OTLP_TIMEOUT`", example "3000";
    OTEL_EXPORTER_OTLP_METRICS_TIMEOUT:
        "like `OTEL_EXPORTER_OTLP_TIMEOUT`, for metrics alone",
        default "`OTEL_EXPORTER_OTLP_TIMEOUT`", example "3000";
    OTEL_EXPORTER_OTLP_COMPRESSION:
        "`gzip` or `none`",
        default "`gzip`", example "none";
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION:
        "like `OTEL_EXPORTER_OTLP_COMPRESSION`, for traces alone",
        default "`OTEL_EXPORTER_OTLP_COMPRESSION`", example "none";
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION:
        "like `OTEL_EXPORTER_OTLP_COMPRESSION`, for metrics alone",
        default "`OTEL_EXPORTER_OTLP_COMPRESSION`", example "none";
    OTEL_EXPORTER_OTLP_CERTIFICATE:
        "a file with the certificates, in PEM, that a collector's may come from, at most 1 MiB; \
         one that can't be used turns off what needs it",
        default "the system's", example "/etc/ssl/collector-ca.pem";
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE:
        "like `OTEL_EXPORTER_OTLP_CERTIFICATE`, for traces alone",
        default "`OTEL_EXPORTER_OTLP_CERTIFICATE`", example "/etc/ssl/collector-ca.pem";
    OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE:
        "like `OTEL_EXPORTER_OTLP_CERTIFICATE`, for metrics alone",
        default "`OTEL_EXPORTER_OTLP_CERTIFICATE`", example "/etc/ssl/collector-ca.pem";
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE:
        "a file with our own certificate chain, in PEM, at most 1 MiB; one that can't be used \
         turns off what needs it",
        default "none", example "/etc/ssl/client.pem";
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE:
        "like `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`, for traces alone",
        default "`OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`", example "/etc/ssl/client.pem";
    OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE:
        "like `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`, for metrics alone",
        default "`OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`", example "/etc/ssl/client.pem";
    OTEL_EXPORTER_OTLP_CLIENT_KEY:
        "a file with the private key, in PEM, of our own certificate",
        default "none", example "/run/secrets/client-key.pem";
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY:
        "like `OTEL_EXPORTER_OTLP_CLIENT_KEY`, for traces alone",
        default "`OTEL_EXPORTER_OTLP_CLIENT_KEY`", example "/run/secrets/client-key.pem";
    OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY:
        "like `OTEL_EXPORTER_OTLP_CLIENT_KEY`, for metrics alone",
        default "`OTEL_EXPORTER_OTLP_CLIENT_KEY`", example "/run/secrets/client-key.pem";
    OTEL_EXPORTER_OTLP_INSECURE:
        "`true` leaves TLS out for an endpoint without a scheme, which gRPC alone takes",
        default "`false`", example "true";
    OTEL_EXPORTER_OTLP_TRACES_INSECURE:
        "like `OTEL_EXPORTER_OTLP_INSECURE`, for traces alone",
        default "`OTEL_EXPORTER_OTLP_INSECURE`", example "true";
    OTEL_EXPORTER_OTLP_METRICS_INSECURE:
        "like `OTEL_EXPORTER_OTLP_INSECURE`, for metrics alone",
        default "`OTEL_EXPORTER_OTLP_INSECURE`", example "true";
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE:
        "what counters and histograms count from: `cumulative`, `delta`, or `lowmemory`, which is \
         `delta` here",
        default "`cumulative`", example "delta";
    OTEL_METRIC_EXPORT_INTERVAL:
        "the time between two exports of OTLP metrics, in milliseconds, 100 to 3600000",
        default "`10000`", example "60000";
    OTEL_TRACES_SAMPLER:
        "which traces are kept: `always_on`, `always_off`, `traceidratio`, `parentbased_always_on`, \
         `parentbased_always_off` or `parentbased_traceidratio`",
        default "`parentbased_always_on`", example "parentbased_traceidratio";
    OTEL_TRACES_SAMPLER_ARG: "the share of traces that a ratio keeps, 0 to 1",
        default "`1`", example "0.1";
    DD_TRACE_SAMPLE_RATE:
        "the share of traces to keep, 0 to 1, where `OTEL_TRACES_SAMPLER` says nothing; a parent's \
         decision comes first",
        default "`1`", example "0.1";
    OTEL_PROPAGATORS:
        "in which headers contexts travel between processes: a list of `tracecontext`, `baggage`, \
         `datadog`, `b3` and `b3multi`, or `none`. Of what comes in, the first one with a valid \
         context counts",
        default "`tracecontext,baggage`", example "datadog,tracecontext,baggage";
    DD_TRACE_PROPAGATION_STYLE:
        "like `OTEL_PROPAGATORS`, which comes first; `b3 single header` is `b3`",
        default "`OTEL_PROPAGATORS`", example "datadog,tracecontext";
    DD_TRACE_PROPAGATION_STYLE_EXTRACT:
        "like `DD_TRACE_PROPAGATION_STYLE`, for what comes in alone",
        default "`DD_TRACE_PROPAGATION_STYLE`", example "datadog,b3multi";
    DD_TRACE_PROPAGATION_STYLE_INJECT:
        "like `DD_TRACE_PROPAGATION_STYLE`, for what goes out alone",
        default "`DD_TRACE_PROPAGATION_STYLE`", example "tracecontext";
    LIGHTSHIP_SPAN_FILTER:
        "what becomes a span, or an event on one: levels, and levels of targets, by commas",
        default "`info`", example "info,h2=off,api::storage=debug";
    OTEL_BSP_SCHEDULE_DELAY:
        "how long an ended span waits for others, in milliseconds, 1 to 600000",
        default "`5000`", example "1000";
    OTEL_BSP_MAX_QUEUE_SIZE: "how many ended spans may wait, 1 to 100000",
        default "`2048`", example "8192";
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE:
        "how many spans go into one request, at most as many as may wait",
        default "`512`", example "256";
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "how many attributes a span keeps, at most 10000",
        default "`128`", example "64";
    OTEL_SPAN_EVENT_COUNT_LIMIT: "how many events a span keeps, at most 10000",
        default "`128`", example "64";
    OTEL_SPAN_LINK_COUNT_LIMIT: "how many links a span keeps, at most 10000",
        default "`128`", example "64";
    OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: "how many attributes an event keeps, at most 10000",
        default "`128`", example "64";
    OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: "how many attributes a link keeps, at most 10000",
        default "`128`", example "64";
    OTEL_ATTRIBUTE_COUNT_LIMIT:
        "how many attributes a span, an event and a link keep, where none of these says it",
        default "`128`", example "64";
    OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT:
        "how many characters of a value a span keeps, 1 to 1048576",
        default "`4096`", example "1000";
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT:
        "like `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT`, which comes first",
        default "`4096`", example "1000";
    RUST_LOG:
        "which events become log lines: levels, and levels of targets, by commas. Says nothing about \
         spans",
        default "`info`", example "info,api=debug";
    LIGHTSHIP_LOG_FORMAT: "`text`, `json`, or `off` for no log lines",
        default "`text` on a terminal, otherwise `json`", example "json";
    NO_COLOR: "anything in it takes the colours off log lines, which only a terminal has",
        default "none", example "1";
    OTEL_EXPORTER_PROMETHEUS_HOST: "the listener's IP address, or `localhost`",
        default "`127.0.0.1`", example "0.0.0.0";
    OTEL_EXPORTER_PROMETHEUS_PORT: "the listener's port; 0 takes a free one",
        default "`9464`", example "9100";
    DD_SERVICE: "the service's name, where OpenTelemetry's variables give none",
        default "the name given in code", example "upload";
    DD_ENV: "the deployment environment", default "none", example "production";
    DD_VERSION: "the service's version", default "none", example "1.4.2";
    DD_TAGS:
        "constant tags, `key:value` by commas, or by spaces where there is no comma; `service`, \
         `env` and `version` count where `DD_SERVICE`, `DD_ENV` and `DD_VERSION` are not set",
        default "none", example "team:storage,zone:a";
    DD_DOGSTATSD_URL:
        "the agent's address: `udp://host:port`, `unix:///path`, `unixgram:///path` or \
         `unixstream:///path`",
        default "see `DD_AGENT_HOST`", example "unix:///var/run/datadog/dsd.socket";
    DD_AGENT_HOST: "the agent's host, for UDP",
        default "`/var/run/datadog/dsd.socket` if it is there, otherwise `127.0.0.1`",
        example "10.0.0.7";
    DD_DOGSTATSD_PORT: "the agent's UDP port, 1 to 65535", default "`8125`", example "8125";
    DD_DOGSTATSD_DISABLE: "`true` turns DogStatsD off, whatever the code says",
        default "`false`", example "true";
    DD_ENTITY_ID: "the tag `dd.internal.entity_id` of every DogStatsD line",
        default "none", example "6e3e2f1a-pod-uid";
    DD_EXTERNAL_ENV: "the field `e:` of every DogStatsD line",
        default "none", example "it-false,cn-upload,pu-6e3e2f1a";
    DD_ORIGIN_DETECTION_ENABLED: "whether the container's id goes out with DogStatsD lines",
        default "`true`", example "false";
    DD_CARDINALITY:
        "which tags the agent adds to DogStatsD metrics: `none`, `low`, `orchestrator` or `high`",
        default "the agent's own setting", example "low";
    DATADOG_CARDINALITY: "like `DD_CARDINALITY`, which comes first",
        default "the agent's own setting", example "low";
    LIGHTSHIP_ADMIN_TOKEN: "the bearer token that a scrape must bring",
        default "none", example "visible-ASCII-without-spaces";
    LIGHTSHIP_ADMIN_TOKEN_FILE:
        "a file with that token, at most 4 KiB; a token that can't be used turns the page off",
        default "none", example "/run/secrets/scrape-token";
    LIGHTSHIP_HASH_KEY:
        "the key that hashed values and pseudonyms are made with, at least 16 bytes",
        default "a random one for each process", example "a-secret-of-16-or-more-bytes";
    LIGHTSHIP_PROCESS_METRICS:
        "whether CPU, memory, open files and threads of the process are measured",
        default "`true`", example "false";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::fmt::Write as _;

    const PAGE: &str = include_str!("../../docs/environment.md");
    const START: &str = "<!-- variables: generated, see src/config/variables.rs -->\n";
    const END: &str = "<!-- end of variables -->\n";

    fn table() -> String {
        let mut table =
            String::from("| Variable | Sets | Default | Example |\n|---|---|---|---|\n");
        for Variable { name, sets, default, example } in VARIABLES {
            writeln!(table, "| `{name}` | {sets} | {default} | `{example}` |").unwrap();
        }
        table
    }

    /// The page around the table, with the table that it shows.
    fn parts(page: &str) -> (&str, &str, &str) {
        let (before, rest) = page.split_once(START).unwrap();
        let (shown, after) = rest.split_once(END).unwrap();
        (before, shown, after)
    }

    #[test]
    fn the_page_shows_exactly_this_table() {
        assert_eq!(
            parts(PAGE).1,
            table(),
            "docs/environment.md differs: between its marks it should read\n{}",
            table()
        );
    }

    #[test]
    fn names_are_unique_and_no_cell_breaks_the_table() {
        let names: HashSet<_> = VARIABLES.iter().map(|variable| variable.name).collect();
        assert_eq!(names.len(), VARIABLES.len());
        for row in table().lines() {
            assert_eq!(row.matches('|').count(), 5, "{row}");
        }
    }
}
