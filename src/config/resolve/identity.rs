//! Who we are: service, environment, version, and what else is constant.

use super::findings::{Findings, Wrong, quoted};
use super::pairs::{Pairs, keep_last};
use super::text::{name, pair, version};
use crate::config::builder::Builder;
use crate::config::explanation::{SettingSource, Sourced};
use crate::config::variables::{DD_ENV, DD_SERVICE, DD_VERSION, OTEL_SERVICE_NAME};
use crate::resource::{self, Resource};
use crate::scrub::Policy;

/// The resource, and those of its attributes that are tags too.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) resource: Resource,
    /// From code, then `DD_TAGS`; not `OTEL_RESOURCE_ATTRIBUTES`, where orchestrators write ids
    /// that would make every metric a new one with every deployment.
    pub(super) tags: Vec<(String, String)>,
}

pub(super) fn resolve(builder: &Builder, policy: &Policy, findings: &mut Findings<'_>) -> Identity {
    let mut attributes = Pairs::of_resource_attributes(policy, findings);
    let mut dd_tags = Pairs::of_dd_tags(policy, findings);
    let text = |raw: &str| name(raw, policy);
    let version_text = |raw: &str| version(raw, policy);

    // The one setting whose variables beat code: the name in code is a default.
    let in_code = findings.code("service", text(&builder.service));
    let service = findings
        .variable(OTEL_SERVICE_NAME, text)
        .or(attributes.take(resource::SERVICE_NAME))
        .or(findings.variable(DD_SERVICE, text))
        .or(dd_tags.take("service"))
        .or(in_code);
    let in_code = builder.environment.as_deref().map(text);
    let environment = in_code
        .and_then(|checked| findings.code("environment", checked))
        .or(attributes.take(resource::ENVIRONMENT_NAME))
        .or(attributes.take(resource::OLD_ENVIRONMENT_NAME))
        .or(findings.variable(DD_ENV, text))
        .or(dd_tags.take("env"));
    let in_code = builder.version.as_deref().map(version_text);
    let version = in_code
        .and_then(|checked| findings.code("version", checked))
        .or(attributes.take(resource::SERVICE_VERSION))
        .or(findings.variable(DD_VERSION, version_text))
        .or(dd_tags.take("version"));

    let resource = Resource {
        service: explained("service", service, findings).unwrap_or_default(),
        environment: explained("environment", environment, findings),
        version: explained("version", version, findings),
        instance: Some(resource::new_instance()),
        attributes: Vec::new(),
    };
    with_attributes(resource, builder, policy, (attributes, dd_tags), findings)
}

/// Tags written in code: checked, each key once.
pub(super) fn tags_in_code(
    setting: &'static str,
    tags: &[(String, String)],
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Vec<(String, String)> {
    let mut checked = Vec::new();
    for (raw_key, raw_value) in tags {
        let pair = match resource::is_own_key(raw_key.trim()) {
            true => Err(Wrong::new(
                format!("the key {} is taken", quoted(raw_key)),
                "use the builder's own setters for service, environment and version",
            )),
            false => pair(raw_key, raw_value, policy),
        };
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
    policy: &Policy,
    (attributes, dd_tags): (Pairs, Pairs),
    findings: &mut Findings<'_>,
) -> Identity {
    let in_code = tags_in_code("tag", &builder.tags, policy, findings);
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

fn explained(
    setting: &'static str,
    chosen: Option<Sourced<String>>,
    findings: &mut Findings<'_>,
) -> Option<String> {
    let Sourced { value, source } = chosen?;
    findings.explain(setting, &value, source);
    Some(value)
}
