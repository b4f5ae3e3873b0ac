//! From what was set to what counts: code, environment and defaults in one, checked.

mod address;
mod dogstatsd;
mod findings;
mod identity;
mod metrics;
mod pairs;
mod prometheus;
mod switches;
mod text;
mod token;

use super::builder::Builder;
use super::env::Environment;
use super::explanation::Explanation;
use super::settings::{SamplerSettings, Settings, SpanLimits, SpansSettings};
use crate::error::Error;
use crate::filter::Filter;
use findings::Findings;
use std::path::Path;
use std::time::Duration;
use switches::Switches;
use tracing::level_filters::LevelFilter;

/// A configuration that can be built.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) settings: Settings,
    /// What was wrong with variables, one line each; to be written once.
    pub(crate) warnings: Vec<String>,
    pub(crate) explanation: Explanation,
}

/// Decides every setting, or reports all problems of the code together.
pub(crate) fn resolve(builder: &Builder, env: &Environment) -> Result<Resolved, Error> {
    resolve_in(builder, env, &Surroundings::real())
}

/// What a default depends on besides variables; tests bring their own.
struct Surroundings {
    exists: fn(&Path) -> bool,
    has_dogstatsd: bool,
    has_prometheus: bool,
}

impl Surroundings {
    fn real() -> Self {
        Surroundings {
            exists: Path::exists,
            has_dogstatsd: cfg!(feature = "dogstatsd"),
            has_prometheus: cfg!(feature = "prometheus"),
        }
    }
}

fn resolve_in(
    builder: &Builder,
    env: &Environment,
    surroundings: &Surroundings,
) -> Result<Resolved, Error> {
    let mut findings = Findings::new(env);
    let identity = identity::resolve(builder, &mut findings);
    let switches = Switches::resolve(builder, surroundings, &mut findings);
    let dogstatsd = dogstatsd::resolve(builder, &identity, &switches, surroundings, &mut findings);
    let prometheus = prometheus::resolve(builder, switches, &mut findings);
    let metrics = metrics::resolve(builder, &mut findings);
    if !findings.problems.is_empty() {
        return Err(Error::invalid_configuration(findings.problems));
    }
    let settings = Settings {
        resource: identity.resource,
        otlp: Err("not there yet".to_owned()),
        dogstatsd,
        prometheus,
        logs: Err("not there yet".to_owned()),
        metrics,
        spans: SpansSettings {
            sampler: SamplerSettings { parent_based: true, ratio: 1.0 },
            filter: Filter::at_least(LevelFilter::INFO),
            limits: SpanLimits {
                attributes: 128,
                events: 128,
                links: 128,
                attributes_per_event: 128,
                attributes_per_link: 128,
                value_length: 4_096,
            },
            queue: 2_048,
            batch: 512,
            delay: Duration::from_secs(5),
            context_activation: false,
        },
        flush_on_panic: cfg!(panic = "abort"),
    };
    let (explanation, warnings) = findings.into_explanation();
    Ok(Resolved { settings, warnings, explanation })
}

#[cfg(test)]
mod tests;
