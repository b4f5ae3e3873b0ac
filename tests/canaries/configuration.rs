//! Secrets in settings: what is said of them, and where they may go.

use crate::backends::{Received, leaks_of};
use crate::canary::{Planted, URL_SAFE, plant};
use crate::places::{Backend, Fits, Place};
use lightship::{DogStatsd, Otlp, Prometheus};
use std::sync::{Arc, Mutex};

const VARIABLE: Place = Place {
    name: "environment variable",
    takes: Fits::Looks,
    beside: &[],
    within: &[],
    plant: |_, _| {},
};

/// Addresses stay in what is said to whoever runs the service: that is who configured them.
fn planted() -> Vec<Planted> {
    plant(&VARIABLE).into_iter().filter(|it| it.shape != "ipv6").collect()
}

/// Every variable that there is, as the documentation has them.
fn variables() -> Vec<&'static str> {
    let table = include_str!("../../docs/environment.md");
    let names: Vec<_> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        .collect();
    assert!(names.len() > 60, "{names:?}");
    names
}

/// All that an instance says with these variables, and what a backend would get.
fn said_with(variables: Vec<(&str, String)>) -> String {
    let lines = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&lines);
    let built = lightship::builder("settings")
        .environment_variables(variables)
        .prometheus(Prometheus::default().listen("127.0.0.1:0"))
        .process_metrics(false)
        .notices(move |line| sink.lock().unwrap().push_str(&format!("{line}\n")))
        .build();
    let said = match built {
        Ok(telemetry) => {
            telemetry.scope(|| {
                lightship::counter!("settings").increment(1);
                tracing::info_span!("settings").in_scope(|| {});
            });
            let (status, explain) = (telemetry.status(), telemetry.explain());
            let texts = [
                telemetry.prometheus_text(),
                telemetry.dogstatsd_text(),
                telemetry.trace_text(10),
                format!("{status}{status:?}{explain}{explain:?}"),
            ];
            texts.join("\n")
        }
        Err(error) => format!("{error}{error:?}"),
    };
    let lines = lines.lock().unwrap();
    said + &lines
}

fn check(planted: &[Planted], said: String, from: &str) {
    let leaks = leaks_of(planted, &Received::from([(Backend::Shown, said.into_bytes())]));
    assert!(leaks.is_empty(), "{from}: {leaks:#?}");
}

#[test]
fn no_variable_shows_a_secret() {
    let planted = planted();
    let hides = |said: &str| said.matches("something in it that is not shown").count();
    let mut hidden = 0;
    for it in &planted {
        // All together, and for one shape each alone: some count only where others are not set.
        let all = variables().into_iter().map(|name| (name, it.value.clone())).collect();
        let said = said_with(all);
        hidden += hides(&said);
        check(&planted, said, "all");
    }
    for name in variables() {
        let said = said_with(vec![(name, planted[0].value.clone())]);
        hidden += hides(&said);
        check(&planted, said, name);
    }
    assert!(hidden > 10 * planted.len(), "{hidden}: warnings name what is wrong");
}

#[test]
fn lists_of_attributes_and_tags_are_scrubbed() {
    let planted = plant(&VARIABLE);
    for it in &planted {
        let encoded = crate::places::baggage::encoded(&it.value);
        // What has spaces or commas in it can't be a tag there.
        let one_word = match it.canary.contains([' ', ',', '\n']) {
            true => "x",
            false => it.canary.as_str(),
        };
        // Up to the first colon it is the key.
        let key = if one_word.contains(':') { "x" } else { one_word };
        for (name, list) in [
            ("OTEL_RESOURCE_ATTRIBUTES", format!("mark={},detail={encoded}", it.beside)),
            ("OTEL_RESOURCE_ATTRIBUTES", format!("mark={},{encoded}=x", it.beside)),
            ("DD_TAGS", format!("mark:{},detail:{one_word}", it.beside)),
            ("DD_TAGS", format!("mark:{},{key}:x", it.beside)),
            ("OTEL_EXPORTER_OTLP_HEADERS", format!("mark={},x-api-key={encoded}", it.beside)),
        ] {
            let said = said_with(vec![(name, list)]);
            if name != "OTEL_EXPORTER_OTLP_HEADERS" {
                assert!(said.contains(&it.beside), "{name}: {said}");
            }
            check(&planted, said, name);
        }
    }
}

#[test]
fn what_code_says_is_scrubbed_too() {
    let planted = planted();
    for it in &planted {
        let lines = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&lines);
        // Of what is taken apart before anybody looks, the parts are not what the whole was.
        let filter = if URL_SAFE.contains(&it.shape) { it.canary.as_str() } else { "info" };
        let built = lightship::builder(it.value.as_str())
            .without_environment()
            .version(it.value.as_str())
            .environment(it.value.as_str())
            .tag("detail", it.value.as_str())
            .tag(it.canary.as_str(), "x")
            .otlp(Otlp::disabled())
            .dogstatsd(DogStatsd::default().tag("other", it.value.as_str()))
            .prometheus(Prometheus::default().no_listener())
            .span_filter(filter)
            .buckets(it.value.as_str(), &[1.0])
            .cardinality(it.value.as_str(), it.value.as_str(), 5)
            .notices(move |line| sink.lock().unwrap().push_str(&format!("{line}\n")))
            .build();
        let said = match built {
            Ok(telemetry) => {
                telemetry.scope(|| lightship::counter!("settings").increment(1));
                let (status, explain) = (telemetry.status(), telemetry.explain());
                let pages = [telemetry.prometheus_text(), telemetry.dogstatsd_text()];
                format!("{status}{status:?}{explain}{explain:?}{pages:?}")
            }
            Err(error) => format!("{error}{error:?}"),
        };
        let said = said + &lines.lock().unwrap();
        check(&planted, said, "code");
    }
}
