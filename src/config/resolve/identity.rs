//! Who we are: service, environment, version, and what else is constant.

use super::findings::{Findings, Wrong, quoted};
use super::pairs::{Pairs, keep_last};
use super::text::{key, text};
use crate::config::builder::Builder;
use crate::config::explanation::{SettingSource, Sourced};
use crate::config::variables::{DD_ENV, DD_SERVICE, DD_VERSION, OTEL_SERVICE_NAME};
use crate::resource::{self, Resource};

/// The resource, and those of its attributes that are tags too.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) resource: Resource,
    /// From code, then `DD_TAGS`; not `OTEL_RESOURCE_ATTRIBUTES`, where orchestrators write ids
    /// that would make every metric a new one with every deployment.
    pub(super) tags: Vec<(String, String)>,
}

pub(super) fn resolve(builder: &Builder, findings: &mut Findings<'_>) -> Identity {
    let mut attributes = Pairs::of_resource_attributes(findings);
    let mut dd_tags = Pairs::of_dd_tags(findings);

    // The one setting whose variables beat code: the name in code is a default.
    let in_code = findings.code("service", text(&builder.service));
    let service = findings
        .variable(OTEL_SERVICE_NAME, text)
        .or(attributes.take(resource::SERVICE_NAME))
        .or(findings.variable(DD_SERVICE, text))
        .or(dd_tags.take("service"))
        .or(in_code);
    let environment = from_code("environment", builder.environment.as_deref(), findings)
        .or(attributes.take(resource::ENVIRONMENT_NAME))
        .or(attributes.take(resource::OLD_ENVIRONMENT_NAME))
        .or(findings.variable(DD_ENV, text))
        .or(dd_tags.take("env"));
    let version = from_code("version", builder.version.as_deref(), findings)
        .or(attributes.take(resource::SERVICE_VERSION))
        .or(findings.variable(DD_VERSION, text))
        .or(dd_tags.take("version"));

    let resource = Resource {
        service: explained("service", service, findings).unwrap_or_default(),
        environment: explained("environment", environment, findings),
        version: explained("version", version, findings),
        instance: Some(resource::new_instance()),
        attributes: Vec::new(),
    };
    with_attributes(resource, builder, attributes, dd_tags, findings)
}

/// Tags written in code: checked, each key once.
pub(super) fn tags_in_code(
    setting: &'static str,
    tags: &[(String, String)],
    findings: &mut Findings<'_>,
) -> Vec<(String, String)> {
    let mut checked = Vec::new();
    for (raw_key, raw_value) in tags {
        let pair = key(raw_key).and_then(|key| match resource::is_own_key(&key) {
            true => Err(Wrong::new(
                format!("the key {} is taken", quoted(&key)),
                "use the builder's own setters for service, environment and version",
            )),
            false => text(raw_value)
                .map(|value| (key, value))
                .map_err(|wrong| wrong.of(format!("the value of {}", quoted(raw_key)))),
        });
        if let Some(pair) = findings.code(setting, pair) {
            keep_last(&mut checked, pair.value);
        }
    }
    checked
}

/// Puts all attributes together: code first, then OpenTelemetry's, then Datadog's.
fn with_attributes(
    mut resource: Resource,
    builder: &Builder,
    attributes: Pairs,
    dd_tags: Pairs,
    findings: &mut Findings<'_>,
) -> Identity {
    let in_code = tags_in_code("tag", &builder.tags, findings);
    let mut tags = in_code.clone();
    let dd_source = dd_tags.source();
    let dd_tags = dd_tags.into_vec();
    add_new(&mut tags, dd_tags.iter().cloned());
    let sources = [
        (SettingSource::Code, in_code),
        (attributes.source(), attributes.into_vec()),
        (dd_source, dd_tags),
    ];
    for (source, pairs) in sources {
        for (key, value) in add_new(&mut resource.attributes, pairs) {
            findings.explain(format!("tag.{key}"), value, source);
        }
    }
    Identity { resource, tags }
}

/// Adds the pairs whose keys are not there yet, and returns what was added.
pub(super) fn add_new(
    pairs: &mut Vec<(String, String)>,
    more: impl IntoIterator<Item = (String, String)>,
) -> &[(String, String)] {
    let before = pairs.len();
    for (key, value) in more {
        if pairs.iter().all(|(taken, _)| *taken != key) {
            pairs.push((key, value));
        }
    }
    &pairs[before..]
}

fn from_code(
    setting: &'static str,
    raw: Option<&str>,
    findings: &mut Findings<'_>,
) -> Option<Sourced<String>> {
    findings.code(setting, text(raw?))
}

fn explained(
    setting: &'static str,
    chosen: Option<Sourced<String>>,
    findings: &mut Findings<'_>,
) -> Option<String> {
    let Sourced { value, source } = chosen?;
    findings.explain(setting, &value, source);
    Some(value)
}
