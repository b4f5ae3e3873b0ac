//! Who has the last word on each setting.

use super::rows::rows;
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
        .propagators([crate::Propagator::Datadog])
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
        .hash_key("a key of the program's own")
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
    for (setting, variables, default, code) in rows() {
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
    let rows: Vec<_> = rows().collect();
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
