//! The effective configuration, each value with where it came from.

use super::variables::Variable;
use crate::scrub::Policy;
use std::fmt;

/// What stands in the place of a secret.
pub(crate) const MASK: &str = "********";

/// The effective configuration, as `Telemetry::explain` returns it: every value with its source,
/// and what was wrong with variables. Secrets are masked.
///
/// The text form is a table for people.
///
/// # Examples
///
/// ```
/// let telemetry = lightship::builder("api").without_environment().build()?;
/// let explanation = telemetry.explain();
/// assert_eq!(explanation.get("service").unwrap().value(), "api");
/// println!("{explanation}");
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    settings: Vec<ExplainedSetting>,
    warnings: Vec<String>,
}

/// One effective value of an [`Explanation`].
///
/// # Examples
///
/// ```
/// use lightship::SettingSource;
///
/// let telemetry = lightship::builder("api")
///     .environment_variables([("DD_ENV", "production")])
///     .build()?;
/// let explanation = telemetry.explain();
/// let environment = explanation.get("environment").unwrap();
/// assert_eq!(environment.value(), "production");
/// assert_eq!(environment.source(), SettingSource::Variable("DD_ENV"));
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedSetting {
    name: String,
    value: String,
    source: SettingSource,
}

/// Where an effective value came from.
///
/// # Examples
///
/// ```
/// assert_eq!(lightship::SettingSource::Variable("DD_ENV").to_string(), "DD_ENV");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingSource {
    /// Set in code.
    Code,
    /// Set by the environment variable of this name.
    Variable(&'static str),
    /// Set nowhere.
    Default,
    /// Decided by the features that this build has.
    Build,
}

/// A value that has a source, until it is decided whether it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    pub(crate) source: SettingSource,
}

impl<T> Sourced<T> {
    pub(crate) fn code(value: T) -> Self {
        Sourced { value, source: SettingSource::Code }
    }

    pub(crate) fn variable(variable: Variable, value: T) -> Self {
        Sourced { value, source: SettingSource::Variable(variable.name) }
    }

    pub(crate) fn default(value: T) -> Self {
        Sourced { value, source: SettingSource::Default }
    }
}

impl Explanation {
    /// Every effective value, in a fixed order.
    pub fn settings(&self) -> &[ExplainedSetting] {
        &self.settings
    }

    /// The effective value of one setting, such as `dogstatsd.address`.
    pub fn get(&self, name: &str) -> Option<&ExplainedSetting> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// What was wrong with variables, one line each; the values in use are the defaults.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    pub(crate) fn add(
        &mut self,
        name: impl Into<String>,
        value: impl fmt::Display,
        source: SettingSource,
    ) {
        self.settings.push(ExplainedSetting {
            name: name.into(),
            value: value.to_string(),
            source,
        });
    }

    /// Takes out of the values what the rules find.
    pub(crate) fn scrub(&mut self, policy: &Policy) {
        for setting in &mut self.settings {
            setting.name = policy.notice(&setting.name, usize::MAX).into_owned();
            setting.value = policy.notice(&setting.value, usize::MAX).into_owned();
        }
    }

    pub(crate) fn set_warnings(&mut self, warnings: Vec<String>) {
        self.warnings = warnings;
    }
}

impl ExplainedSetting {
    /// The setting, such as `dogstatsd.address`; errors use the same name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value in use, on one line; `********` if it is a secret.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Where the value came from.
    pub fn source(&self) -> SettingSource {
        self.source
    }
}

impl fmt::Display for SettingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            SettingSource::Code => "code",
            SettingSource::Variable(name) => name,
            SettingSource::Default => "default",
            SettingSource::Build => "build",
        })
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |length: fn(&ExplainedSetting) -> usize| {
            self.settings.iter().map(length).max().unwrap_or(0)
        };
        let names = width(|setting| setting.name.chars().count());
        let sources = width(|setting| setting.source.to_string().chars().count());
        // The value is last, for it alone can be long.
        for ExplainedSetting { name, value, source } in &self.settings {
            writeln!(f, "{name:<names$}  {source:<sources$}  {value}")?;
        }
        self.warnings.iter().try_for_each(|warning| writeln!(f, "warning: {warning}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_aligned_and_warnings_follow() {
        let mut explanation = Explanation::default();
        explanation.add("service", "api", SettingSource::Code);
        explanation.add("dogstatsd.address", "udp://a:1", SettingSource::Variable("DD_AGENT_HOST"));
        explanation.set_warnings(vec!["DD_ENV: odd".into()]);
        assert_eq!(
            explanation.to_string(),
            "service            code           api\n\
             dogstatsd.address  DD_AGENT_HOST  udp://a:1\n\
             warning: DD_ENV: odd\n"
        );
    }
}
