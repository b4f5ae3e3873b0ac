//! What comes out while resolving: problems in code, warnings about variables, effective values.

use crate::config::env::Environment;
use crate::config::explanation::{Explanation, SettingSource, Sourced};
use crate::config::variables::Variable;
use crate::error::Problem;
use crate::scrub::{self, Policy};
use std::fmt::Display;

/// The longest value that a message quotes, in characters.
const MAX_QUOTED_CHARS: usize = 100;

/// Why a value can't be used: what it is, and what would be right. Becomes a [`Problem`] if the
/// value is from code, a warning if it is from a variable.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) found: String,
    pub(super) wanted: String,
}

impl Wrong {
    pub(super) fn new(found: impl Into<String>, wanted: impl Into<String>) -> Self {
        Wrong { found: found.into(), wanted: wanted.into() }
    }

    /// Says which of several values of one setting is meant.
    pub(super) fn of(self, which: impl Display) -> Self {
        Wrong { found: format!("{which}: {}", self.found), wanted: self.wanted }
    }
}

/// A value as messages show it: without what the default rules find, bounded, one line.
pub(super) fn quoted(text: impl Display) -> String {
    let text = text.to_string();
    let policy = Policy::shared_default();
    let shown = policy.notice(text.trim(), MAX_QUOTED_CHARS);
    let shown = scrub::text(&shown, MAX_QUOTED_CHARS);
    let more = if text.trim().chars().nth(MAX_QUOTED_CHARS).is_some() { "..." } else { "" };
    format!("`{shown}{more}`")
}

/// Collects everything, so that all of it can be reported together.
#[derive(Debug)]
pub(super) struct Findings<'a> {
    env: &'a Environment,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<String>,
    explanation: Explanation,
}

impl<'a> Findings<'a> {
    pub(super) fn new(env: &'a Environment) -> Self {
        let warnings = env
            .unreadable()
            .iter()
            .map(|variable| format!("{}: the value is not UTF-8; it is ignored", variable.name));
        Findings {
            env,
            problems: Vec::new(),
            warnings: warnings.collect(),
            explanation: Explanation::default(),
        }
    }

    /// A value from code, unless it is a problem.
    pub(super) fn code<T>(
        &mut self,
        setting: &'static str,
        checked: Result<T, Wrong>,
    ) -> Option<Sourced<T>> {
        match checked {
            Ok(value) => Some(Sourced::code(value)),
            Err(Wrong { found, wanted }) => {
                let problem = Problem::new(setting, found, wanted);
                // What counts for two signals is checked for each of them.
                if !self.problems.contains(&problem) {
                    self.problems.push(problem);
                }
                None
            }
        }
    }

    /// A value from a variable, unless it is not set or wrong, which gives a warning.
    pub(super) fn variable<T>(
        &mut self,
        variable: Variable,
        check: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<Sourced<T>> {
        match check(self.env.get(variable)?) {
            Ok(value) => Some(Sourced::variable(variable, value)),
            Err(wrong) => {
                self.warn(variable, wrong);
                None
            }
        }
    }

    /// A value from a variable, where that says something at all.
    pub(super) fn variable_if<T>(
        &mut self,
        counts: bool,
        variable: Variable,
        check: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<Sourced<T>> {
        counts.then(|| self.variable(variable, check)).flatten()
    }

    /// A variable as it is set.
    pub(super) fn raw(&self, variable: Variable) -> Option<&'a str> {
        self.env.get(variable)
    }

    pub(super) fn warn(&mut self, variable: Variable, wrong: Wrong) {
        let raw = self.env.get(variable).unwrap_or_default();
        // A part of it, in lower case, can't be told for what it is.
        let wrong = match Policy::shared_default().notice(raw, usize::MAX) == raw {
            true => wrong,
            false => Wrong::new("the value has something in it that is not shown", wrong.wanted),
        };
        self.warn_that(variable, wrong, "it is ignored");
    }

    /// Warns of a wrong value that has a consequence of its own.
    pub(super) fn warn_that(&mut self, variable: Variable, wrong: Wrong, consequence: &str) {
        self.warn_of(variable.name, wrong, consequence);
    }

    /// Warns of a variable, or of a setting in code that a variable makes vain; once, also where it
    /// is read again.
    pub(super) fn warn_of(&mut self, name: impl Display, wrong: Wrong, consequence: &str) {
        let Wrong { found, wanted } = wrong;
        let warning = format!("{name}: {found}; {wanted}; {consequence}");
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    pub(super) fn explain(
        &mut self,
        setting: impl Into<String>,
        value: impl Display,
        source: SettingSource,
    ) {
        self.explanation.add(setting, value, source);
    }

    pub(super) fn into_explanation(mut self, policy: &Policy) -> (Explanation, Vec<String>) {
        self.explanation.scrub(policy);
        self.explanation.set_warnings(self.warnings.clone());
        (self.explanation, self.warnings)
    }
}
