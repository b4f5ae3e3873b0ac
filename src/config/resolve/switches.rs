//! What turns a pipeline off, and who said so.

use super::Surroundings;
use super::findings::{Findings, Wrong, quoted};
use super::text::{strict_switch, switch};
use crate::config::builder::Builder;
use crate::config::explanation::{SettingSource, Sourced};
use crate::config::variables::{
    DD_DOGSTATSD_DISABLE, OTEL_METRICS_EXPORTER, OTEL_SDK_DISABLED, Variable,
};

const KNOWN_EXPORTERS: &[&str] = &["prometheus", "none", "otlp", "console"];

/// Why a pipeline is off, for its status, and the source of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Off {
    pub(super) reason: String,
    pub(super) source: SettingSource,
}

impl Off {
    fn by(variable: Variable, reason: impl Into<String>) -> Self {
        Off { reason: reason.into(), source: SettingSource::Variable(variable.name) }
    }

    fn in_code() -> Self {
        Off { reason: "turned off in code".to_owned(), source: SettingSource::Code }
    }

    fn not_built(feature: &str) -> Self {
        let reason = format!("this build is without the feature `{feature}`");
        Off { reason, source: SettingSource::Build }
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
        let named = exporters(findings);
        let dogstatsd_in_code = builder.dogstatsd.as_ref().map(|options| options.disabled);
        let prometheus_in_code = builder.prometheus.as_ref().map(|options| options.disabled);
        Switches {
            dogstatsd: (!surroundings.has_dogstatsd)
                .then(|| Off::not_built("dogstatsd"))
                .or(all.clone())
                .or(dogstatsd)
                .or((dogstatsd_in_code == Some(true)).then(Off::in_code)),
            prometheus: (!surroundings.has_prometheus)
                .then(|| Off::not_built("prometheus"))
                .or(all)
                .or(match prometheus_in_code {
                    Some(true) => Some(Off::in_code()),
                    Some(false) => None,
                    None => (named == Some(false)).then(|| {
                        let reason = "OTEL_METRICS_EXPORTER does not name prometheus";
                        Off::by(OTEL_METRICS_EXPORTER, reason)
                    }),
                }),
            prometheus_source: match (prometheus_in_code, named) {
                (Some(_), _) => SettingSource::Code,
                (None, Some(_)) => SettingSource::Variable(OTEL_METRICS_EXPORTER.name),
                (None, None) => SettingSource::Default,
            },
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

/// Whether `OTEL_METRICS_EXPORTER` names prometheus; `None` if it names nothing that is known.
fn exporters(findings: &mut Findings<'_>) -> Option<bool> {
    let named = findings.variable(OTEL_METRICS_EXPORTER, |list| {
        let names = list.split(',').map(|name| name.trim().to_ascii_lowercase());
        Ok(names.filter(|name| !name.is_empty()).collect::<Vec<_>>())
    })?;
    let (known, unknown): (Vec<_>, Vec<_>) =
        named.value.into_iter().partition(|name| KNOWN_EXPORTERS.contains(&name.as_str()));
    if !unknown.is_empty() {
        let found = format!("{} is not known", quoted(unknown.join(",")));
        findings.warn(OTEL_METRICS_EXPORTER, Wrong::new(found, "write prometheus or none"));
    }
    let has = |wanted: &str| known.iter().any(|name| name == wanted);
    let consequence = match has("prometheus") {
        true => "prometheus goes on",
        false => "the Prometheus page is off",
    };
    for name in known.iter().filter(|name| matches!(name.as_str(), "otlp" | "console")) {
        let found = format!("`{name}` metrics are not in this build and are not sent");
        let wrong = Wrong::new(found, "write prometheus or none");
        findings.warn_that(OTEL_METRICS_EXPORTER, wrong, consequence);
    }
    if has("none") && known.len() > 1 {
        let found = "`none` stands beside other names";
        findings.warn(OTEL_METRICS_EXPORTER, Wrong::new(found, "write none alone"));
    }
    (!known.is_empty()).then(|| has("prometheus"))
}
