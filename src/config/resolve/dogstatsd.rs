//! The DogStatsD pipeline's settings.

use super::Surroundings;
use super::address::{self, DEFAULT_PORT};
use super::findings::Findings;
use super::identity::{Identity, add_new, tags_in_code};
use super::switches::Switches;
use super::text::{bounded_time, name, one_of, switch};
use crate::config::builder::Builder;
use crate::config::dogstatsd::DogStatsd;
use crate::config::explanation::{SettingSource, Sourced};
use crate::config::settings::{Address, DogStatsdSettings, UnixSocket};
use crate::config::variables::{
    DATADOG_CARDINALITY, DD_AGENT_HOST, DD_CARDINALITY, DD_DOGSTATSD_PORT, DD_DOGSTATSD_URL,
    DD_ENTITY_ID, DD_EXTERNAL_ENV, DD_ORIGIN_DETECTION_ENABLED,
};
use crate::scrub::Policy;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const FLUSH_INTERVALS: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(60);
const CARDINALITIES: &[&str] = &["none", "low", "orchestrator", "high"];
/// What the constant tags of a line take at most, in bytes: a UDP payload is 1,432 bytes, and a
/// metric must find its place beside them.
const MAX_CONSTANT_TAG_BYTES: usize = 1_000;

pub(super) fn resolve(
    builder: &Builder,
    identity: &Identity,
    switches: &Switches,
    surroundings: &Surroundings,
    policy: &Arc<Policy>,
    findings: &mut Findings<'_>,
) -> Result<DogStatsdSettings, String> {
    let fallback = DogStatsd::default();
    let options = builder.dogstatsd.as_ref().unwrap_or(&fallback);
    let address = agent_address(options, surroundings, findings);
    let flush_interval = flush_interval(options, findings);
    let tags = constant_tags(options, identity, policy, findings);
    let origin = Origin::resolve(policy, findings);
    if let Some(off) = &switches.dogstatsd {
        return Err(off.clone().explained("dogstatsd", findings));
    }

    let source = builder.dogstatsd.as_ref().map_or(SettingSource::Default, |_| SettingSource::Code);
    findings.explain("dogstatsd", "on", source);
    findings.explain("dogstatsd.address", &address.value, address.source);
    let interval = format!("{:?}", flush_interval.value);
    findings.explain("dogstatsd.flush_interval", interval, flush_interval.source);
    let client_telemetry = options.client_telemetry.map_or(Sourced::default(true), Sourced::code);
    findings.explain("dogstatsd.client_telemetry", client_telemetry.value, client_telemetry.source);
    origin.explain(findings);
    Ok(DogStatsdSettings {
        address: address.value,
        flush_interval: flush_interval.value,
        tags,
        entity_id: origin.entity_id.map(|id| id.value),
        external_data: origin.external_data.map(|data| data.value),
        cardinality: origin.cardinality.map(|cardinality| cardinality.value),
        origin_detection: origin.detection.value,
        client_telemetry: client_telemetry.value,
        policy: Arc::clone(policy),
    })
}

/// What tells the agent which container the lines come from.
struct Origin {
    entity_id: Option<Sourced<String>>,
    external_data: Option<Sourced<String>>,
    cardinality: Option<Sourced<&'static str>>,
    detection: Sourced<bool>,
}

impl Origin {
    fn resolve(policy: &Policy, findings: &mut Findings<'_>) -> Self {
        let name = |raw: &str| name(raw, policy);
        let cardinality = |raw: &str| one_of(raw, CARDINALITIES);
        Origin {
            entity_id: findings.variable(DD_ENTITY_ID, name),
            external_data: findings.variable(DD_EXTERNAL_ENV, name),
            cardinality: findings
                .variable(DD_CARDINALITY, cardinality)
                .or(findings.variable(DATADOG_CARDINALITY, cardinality)),
            detection: findings
                .variable(DD_ORIGIN_DETECTION_ENABLED, switch)
                .unwrap_or(Sourced::default(true)),
        }
    }

    fn explain(&self, findings: &mut Findings<'_>) {
        findings.explain("dogstatsd.origin_detection", self.detection.value, self.detection.source);
        if let Some(id) = &self.entity_id {
            findings.explain("dogstatsd.entity_id", &id.value, id.source);
        }
        if let Some(data) = &self.external_data {
            findings.explain("dogstatsd.external_env", &data.value, data.source);
        }
        if let Some(cardinality) = &self.cardinality {
            findings.explain("dogstatsd.cardinality", cardinality.value, cardinality.source);
        }
    }
}

fn agent_address(
    options: &DogStatsd,
    surroundings: &Surroundings,
    findings: &mut Findings<'_>,
) -> Sourced<Address> {
    let in_code = options
        .address
        .as_deref()
        .and_then(|raw| findings.code("dogstatsd.address", address::address(raw)));
    let url = findings.variable(DD_DOGSTATSD_URL, address::address);
    let host = findings.variable(DD_AGENT_HOST, address::host);
    let port = findings.variable(DD_DOGSTATSD_PORT, address::port);
    let from_parts = match (host, port) {
        (None, None) => None,
        (host, port) => {
            let source = host.as_ref().map_or(DD_DOGSTATSD_PORT.name, |_| DD_AGENT_HOST.name);
            let host = host.map_or_else(|| "127.0.0.1".to_owned(), |host| host.value);
            let port = port.map_or(DEFAULT_PORT, |port| port.value);
            let value = Address::Udp { host, port };
            Some(Sourced { value, source: SettingSource::Variable(source) })
        }
    };
    in_code
        .or(url)
        .or(from_parts)
        .unwrap_or_else(|| Sourced::default(default_address(surroundings)))
}

fn default_address(surroundings: &Surroundings) -> Address {
    let socket = Path::new(DogStatsd::DEFAULT_SOCKET);
    match (surroundings.exists)(socket) {
        true => Address::Unix { path: socket.to_owned(), socket: UnixSocket::Either },
        false => Address::Udp { host: "127.0.0.1".to_owned(), port: DEFAULT_PORT },
    }
}

fn flush_interval(options: &DogStatsd, findings: &mut Findings<'_>) -> Sourced<Duration> {
    options
        .flush_interval
        .map(|interval| bounded_time(interval, &FLUSH_INTERVALS))
        .and_then(|checked| findings.code("dogstatsd.flush_interval", checked))
        .unwrap_or(Sourced::default(DogStatsd::DEFAULT_FLUSH_INTERVAL))
}

/// The tags of every line: who we are, this pipeline's own, then everybody's; as many as fit.
fn constant_tags(
    options: &DogStatsd,
    identity: &Identity,
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Vec<(String, String)> {
    let unified = identity.resource.unified_tags();
    let mut tags: Vec<_> = unified.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let keep = tags.len();
    let own = tags_in_code("dogstatsd.tag", &options.tags, policy, findings);
    for (key, value) in add_new(&mut tags, own) {
        findings.explain(format!("dogstatsd.tag.{key}"), value, SettingSource::Code);
    }
    add_new(&mut tags, identity.tags.iter().cloned());

    let mut bytes = 0;
    let fitting = tags.iter().take_while(|(key, value)| {
        bytes += key.len() + value.len() + 2;
        bytes <= MAX_CONSTANT_TAG_BYTES
    });
    let fitting = fitting.count().max(keep);
    if fitting < tags.len() {
        let left_out: Vec<_> = tags.drain(fitting..).map(|(key, _)| key).collect();
        findings.warnings.push(format!(
            "dogstatsd: the constant tags take more than {MAX_CONSTANT_TAG_BYTES} bytes of every \
             line; left out there: {}",
            super::findings::quoted(left_out.join(", "))
        ));
    }
    tags
}
