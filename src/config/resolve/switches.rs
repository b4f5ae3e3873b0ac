//! What turns a pipeline off, and who said so.

use super::Surroundings;
use super::findings::{Findings, Wrong, quoted};
use super::text::{strict_switch, switch};
use crate::config::builder::Builder;
use crate::config::explanation::{SettingSource, Sourced};
use crate::config::variables::{
    DD_DOGSTATSD_DISABLE, OTEL_METRICS_EXPORTER, OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER, Variable,
};

/// Why a pipeline is off, for its status, and the source of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Off {
    pub(super) reason: String,
    pub(super) source: SettingSource,
}

impl Off {
    pub(super) fn by(variable: Variable, reason: impl Into<String>) -> Self {
        Off { reason: reason.into(), source: SettingSource::Variable(variable.name) }
    }

    pub(super) fn in_code() -> Self {
        Off { reason: "turned off in code".to_owned(), source: SettingSource::Code }
    }

    /// Of the logs of an instance whose spans go through the host's subscriber.
    pub(super) fn with_subscriber() -> Self {
        let reason = "the subscriber is the host's, and so are its lines".to_owned();
        Off { reason, source: SettingSource::Code }
    }

    fn not_built(feature: &str) -> Self {
        let reason = format!("this build is without the feature `{feature}`");
        Off { reason, source: SettingSource::Build }
    }

    fn not_named(variable: Variable, exporter: &str) -> Self {
        Off::by(variable, format!("{} does not name {exporter}", variable.name))
    }

    /// Explains the pipeline as off; returns the reason.
    pub(super) fn explained(self, setting: &str, findings: &mut Findings<'_>) -> String {
        findings.explain(setting, format!("off: {}", self.reason), self.source);
        self.reason
    }
}

/// What keeps each pipeline from running; off switches of the environment beat code, for they
/// belong to whoever runs the service.
#[derive(Debug)]
pub(super) struct Switches {
    pub(super) otlp: Option<Off>,
    /// Who turned a signal of OTLP on, or why it is off, where the whole pipeline isn't.
    pub(super) otlp_traces: Result<SettingSource, Off>,
    pub(super) otlp_metrics: Result<SettingSource, Off>,
    pub(super) dogstatsd: Option<Off>,
    pub(super) prometheus: Option<Off>,
    /// Who turned Prometheus on, if it is.
    pub(super) prometheus_source: SettingSource,
}

impl Switches {
    pub(super) fn resolve(
        builder: &Builder,
        surroundings: &Surroundings,
        findings: &mut Findings<'_>,
    ) -> Self {
        let all = pulled(OTEL_SDK_DISABLED, strict_switch, findings);
        let dogstatsd = pulled(DD_DOGSTATSD_DISABLE, switch, findings);
        let traces = Exporters::of_traces(findings);
        let metrics = Exporters::of_metrics(surroundings, findings);
        let prometheus = metrics.as_ref().map(|exporters| exporters.has("prometheus"));
        let disabled = |in_code: Option<bool>| (in_code == Some(true)).then(Off::in_code);
        let dogstatsd_in_code = builder.dogstatsd.as_ref().map(|options| options.disabled);
        let prometheus_in_code = builder.prometheus.as_ref().map(|options| options.disabled);
        Switches {
            otlp: (!surroundings.has_otlp)
                .then(|| Off::not_built("otlp"))
                .or(all.clone())
                .or(disabled(builder.otlp.as_ref().map(|options| options.disabled))),
            otlp_traces: traces_switch(builder, traces),
            otlp_metrics: metrics_switch(builder, metrics),
            dogstatsd: (!surroundings.has_dogstatsd)
                .then(|| Off::not_built("dogstatsd"))
                .or(all.clone())
                .or(dogstatsd)
                .or(disabled(dogstatsd_in_code)),
            prometheus: (!surroundings.has_prometheus)
                .then(|| Off::not_built("prometheus"))
                .or(all)
                .or(match prometheus_in_code {
                    Some(_) => disabled(prometheus_in_code),
                    None => (prometheus == Some(false))
                        .then(|| Off::not_named(OTEL_METRICS_EXPORTER, "prometheus")),
                }),
            prometheus_source: match (prometheus_in_code, prometheus) {
                (Some(_), _) => SettingSource::Code,
                (None, Some(_)) => SettingSource::Variable(OTEL_METRICS_EXPORTER.name),
                (None, None) => SettingSource::Default,
            },
        }
    }
}

fn traces_switch(builder: &Builder, named: Option<Exporters>) -> Result<SettingSource, Off> {
    let in_code = builder.otlp.as_ref();
    match (in_code.and_then(|options| options.traces), named) {
        (Some(true), _) => Ok(SettingSource::Code),
        (Some(false), _) => Err(Off::in_code()),
        (None, Some(named)) => named.switch("otlp"),
        // Options alone say where traces go, and so that they do.
        (None, None) => Ok(in_code.map_or(SettingSource::Default, |_| SettingSource::Code)),
    }
}

fn metrics_switch(builder: &Builder, named: Option<Exporters>) -> Result<SettingSource, Off> {
    match (builder.otlp.as_ref().and_then(|options| options.metrics), named) {
        (Some(true), _) => Ok(SettingSource::Code),
        (Some(false), _) => Err(Off::in_code()),
        (None, Some(named)) => named.switch("otlp"),
        (None, None) => {
            let reason = "not asked for; name otlp in OTEL_METRICS_EXPORTER".to_owned();
            Err(Off { reason, source: SettingSource::Default })
        }
    }
}

fn pulled(
    variable: Variable,
    check: fn(&str) -> Result<bool, Wrong>,
    findings: &mut Findings<'_>,
) -> Option<Off> {
    match findings.variable(variable, check) {
        Some(Sourced { value: true, .. }) => {
            Some(Off::by(variable, format!("{} is on", variable.name)))
        }
        _ => None,
    }
}

/// What a list of exporters names, of what is known.
struct Exporters {
    variable: Variable,
    names: Vec<String>,
}

impl Exporters {
    fn of_traces(findings: &mut Findings<'_>) -> Option<Self> {
        Self::read(OTEL_TRACES_EXPORTER, &["otlp", "none"], "write otlp or none", findings)
    }

    fn of_metrics(surroundings: &Surroundings, findings: &mut Findings<'_>) -> Option<Self> {
        let known = &["prometheus", "otlp", "none", "console"];
        let wanted = "write prometheus, otlp or none";
        let exporters = Self::read(OTEL_METRICS_EXPORTER, known, wanted, findings)?;
        let consequence = match exporters.has("prometheus") {
            true => "prometheus goes on",
            false => "the Prometheus page is off",
        };
        let absent = [("otlp", !surroundings.has_otlp), ("console", true)];
        for (name, _) in absent.iter().filter(|(name, absent)| *absent && exporters.has(name)) {
            let found = format!("`{name}` metrics are not in this build and are not sent");
            findings.warn_that(OTEL_METRICS_EXPORTER, Wrong::new(found, wanted), consequence);
        }
        Some(exporters)
    }

    /// `None` if it names nothing that is known.
    fn read(
        variable: Variable,
        known: &[&str],
        wanted: &str,
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        let list = findings.raw(variable)?.split(',').map(|name| name.trim().to_ascii_lowercase());
        let (names, unknown): (Vec<_>, Vec<_>) =
            list.filter(|name| !name.is_empty()).partition(|name| known.contains(&name.as_str()));
        if !unknown.is_empty() {
            let found = format!("{} is not known", quoted(unknown.join(",")));
            findings.warn(variable, Wrong::new(found, wanted));
        }
        let exporters = Exporters { variable, names };
        if exporters.has("none") && exporters.names.len() > 1 {
            let found = "`none` stands beside other names";
            findings.warn(variable, Wrong::new(found, "write none alone"));
        }
        (!exporters.names.is_empty()).then_some(exporters)
    }

    fn has(&self, wanted: &str) -> bool {
        self.names.iter().any(|name| name == wanted)
    }

    fn switch(&self, wanted: &str) -> Result<SettingSource, Off> {
        match self.has(wanted) {
            true => Ok(SettingSource::Variable(self.variable.name)),
            false => Err(Off::not_named(self.variable, wanted)),
        }
    }
}
