//! From what was set to what counts: code, environment and defaults in one, checked.

mod address;
mod dogstatsd;
mod file;
mod filter;
mod findings;
mod identity;
mod logs;
mod metrics;
mod otlp;
mod pairs;
mod prometheus;
mod propagation;
mod redaction;
mod spans;
mod switches;
mod text;
mod token;

use super::builder::Builder;
use super::env::Environment;
use super::explanation::{Explanation, Sourced};
use super::settings::Settings;
use crate::error::Error;
use findings::Findings;
use std::io::IsTerminal;
use std::path::Path;
use switches::Switches;

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
    stdout_is_terminal: bool,
    has_otlp: bool,
    has_grpc: bool,
    has_dogstatsd: bool,
    has_prometheus: bool,
}

impl Surroundings {
    fn real() -> Self {
        Surroundings {
            exists: Path::exists,
            stdout_is_terminal: std::io::stdout().is_terminal(),
            has_otlp: cfg!(feature = "otlp"),
            has_grpc: cfg!(feature = "grpc"),
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
    let policy = redaction::resolve(builder, &mut findings);
    let identity = identity::resolve(builder, &policy, &mut findings);
    let switches = Switches::resolve(builder, surroundings, &mut findings);
    let otlp = otlp::resolve(builder, &switches, surroundings, &mut findings);
    let spans = spans::resolve(builder, &policy, &mut findings);
    let dogstatsd =
        dogstatsd::resolve(builder, &identity, &switches, surroundings, &policy, &mut findings);
    let prometheus = prometheus::resolve(builder, switches, &mut findings);
    let service = &identity.resource.service;
    let metrics = metrics::resolve(builder, &policy, service, &mut findings);
    let logs = logs::resolve(builder, surroundings, &mut findings);
    let flush_on_panic = flush_on_panic(builder, &mut findings);
    if !findings.problems.is_empty() {
        return Err(Error::invalid_configuration(findings.problems));
    }
    let (explanation, warnings) = findings.into_explanation(&policy);
    let settings = Settings {
        resource: identity.resource,
        otlp,
        dogstatsd,
        prometheus,
        logs,
        metrics,
        spans,
        policy,
        flush_on_panic,
    };
    Ok(Resolved { settings, warnings, explanation })
}

/// Where a panic unwinds, the guard's drop flushes.
fn flush_on_panic(builder: &Builder, findings: &mut Findings<'_>) -> bool {
    let fallback = Sourced::default(cfg!(panic = "abort"));
    let Sourced { value, source } = builder.flush_on_panic.map_or(fallback, Sourced::code);
    findings.explain("flush_on_panic", value, source);
    value
}

#[cfg(test)]
mod tests;
