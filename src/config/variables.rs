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
    OTEL_METRICS_EXPORTER:
        "a list of `prometheus`, `otlp`, `console`, or `none`; without `prometheus` in it there is \
         no page. OTLP and console metrics are not in this build. Says nothing about DogStatsD",
        default "`prometheus`", example "prometheus";
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
