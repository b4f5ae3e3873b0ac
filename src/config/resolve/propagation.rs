//! In which headers contexts travel: code, else the variables, else OpenTelemetry's default.

use super::findings::{Findings, Wrong, quoted};
use crate::config::explanation::Sourced;
use crate::config::settings::PropagationSettings;
use crate::config::variables::{
    DD_TRACE_PROPAGATION_STYLE, DD_TRACE_PROPAGATION_STYLE_EXTRACT,
    DD_TRACE_PROPAGATION_STYLE_INJECT, OTEL_PROPAGATORS, Variable,
};
use crate::config::{Builder, Propagator};
use crate::scrub::Policy;
use std::sync::Arc;

/// What Datadog's tracers called `b3` once.
const B3_OF_OLD: &str = "b3 single header";
const NONE: &str = "none";

pub(super) fn resolve(
    builder: &Builder,
    policy: &Arc<Policy>,
    findings: &mut Findings<'_>,
) -> PropagationSettings {
    let in_code = builder.propagators.as_ref();
    let in_code = in_code.map(|chosen| Sourced::code(once(chosen.iter().copied())));
    let otel = read(OTEL_PROPAGATORS, findings);
    let extract = read(DD_TRACE_PROPAGATION_STYLE_EXTRACT, findings);
    let inject = read(DD_TRACE_PROPAGATION_STYLE_INJECT, findings);
    let both = read(DD_TRACE_PROPAGATION_STYLE, findings);
    let PropagationSettings { extract: by_default, .. } = PropagationSettings::default();
    let mut chosen = |setting, datadog: Option<Sourced<Vec<Propagator>>>| {
        let ranked = [in_code.clone(), otel.clone(), datadog, both.clone()];
        let first = ranked.into_iter().flatten().next();
        let Sourced { value, source } = first.unwrap_or(Sourced::default(by_default.clone()));
        let names: Vec<_> = value.iter().map(|propagator| propagator.name()).collect();
        let shown = if names.is_empty() { NONE.to_owned() } else { names.join(",") };
        findings.explain(setting, shown, source);
        value
    };
    PropagationSettings {
        extract: chosen("propagators.extract", extract),
        inject: chosen("propagators.inject", inject),
        policy: Arc::clone(policy),
    }
}

/// What a list names, of what is known; `None` if that is nothing, not even `none`.
fn read(variable: Variable, findings: &mut Findings<'_>) -> Option<Sourced<Vec<Propagator>>> {
    let names = findings.raw(variable)?.split(',').map(str::trim).filter(|name| !name.is_empty());
    let (mut known, mut unknown, mut has_none) = (Vec::new(), Vec::new(), false);
    for name in names {
        match Propagator::named(name) {
            Some(propagator) => known.push(propagator),
            None if name.eq_ignore_ascii_case(NONE) => has_none = true,
            None => unknown.push(name),
        }
    }
    let names = Propagator::ALL.map(Propagator::name).join(", ");
    let wanted = format!("write some of {names}, or {NONE} alone");
    if !unknown.is_empty() {
        let found = format!("{} is not known", quoted(unknown.join(",")));
        findings.warn(variable, Wrong::new(found, wanted));
    } else if has_none && !known.is_empty() {
        findings.warn(variable, Wrong::new("`none` stands beside other names", wanted));
    }
    (has_none || !known.is_empty()).then(|| Sourced::variable(variable, once(known.into_iter())))
}

/// Without what stands there a second time.
fn once(propagators: impl Iterator<Item = Propagator>) -> Vec<Propagator> {
    propagators.fold(Vec::new(), |mut all, propagator| {
        if !all.contains(&propagator) {
            all.push(propagator);
        }
        all
    })
}

impl Propagator {
    const ALL: [Propagator; 5] = [
        Propagator::TraceContext,
        Propagator::Baggage,
        Propagator::Datadog,
        Propagator::B3,
        Propagator::B3Multi,
    ];

    fn name(self) -> &'static str {
        match self {
            Propagator::TraceContext => "tracecontext",
            Propagator::Baggage => "baggage",
            Propagator::Datadog => "datadog",
            Propagator::B3 => "b3",
            Propagator::B3Multi => "b3multi",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let is_old = name.eq_ignore_ascii_case(B3_OF_OLD);
        let name = if is_old { "b3" } else { name };
        Self::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(name))
    }
}
