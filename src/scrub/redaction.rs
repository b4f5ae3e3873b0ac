//! The rules, as a user writes them.

use super::Policy;
use super::counts::MAX_CUSTOM;
use super::custom::Detector;
use super::kind::Sensitive;
use super::pseudonym::HashKey;
use super::redactor::Redactor;
use crate::error::{Error, Problem};
use std::sync::Arc;

/// The longest entry of a list, in characters.
const MAX_ENTRY_CHARS: usize = 200;
/// The longest name of a detector, in characters.
const MAX_NAME_CHARS: usize = 40;
/// The setting that problems name.
pub(crate) const SETTING: &str = "redaction";

/// What is kept out of telemetry: rules about keys and values, for every tag, attribute, log field, text
/// and baggage. The default has the rules that the crate's documentation lists.
///
/// Setters never fail; [`build`](Self::build), or that of the telemetry, reports all problems together.
///
/// # Examples
///
/// ```
/// use lightship::{Redaction, Sensitive};
///
/// let rules = Redaction::default()
///     .deny("patient_name")
///     .allow("build.sha")
///     .without(Sensitive::Phone);
/// let telemetry = lightship::builder("clinic").redaction(rules).build()?;
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Redaction {
    built_in: bool,
    strict: bool,
    deny: Vec<String>,
    allow: Vec<String>,
    pseudonymise: Vec<String>,
    without: Vec<Sensitive>,
    detectors: Vec<Detector>,
}

impl Default for Redaction {
    fn default() -> Self {
        Redaction { built_in: true, ..Redaction::empty() }
    }
}

impl Redaction {
    /// No rules at all: the start of a list of your own.
    pub fn empty() -> Self {
        Redaction {
            built_in: false,
            strict: false,
            deny: Vec::new(),
            allow: Vec::new(),
            pseudonymise: Vec::new(),
            without: Vec::new(),
            detectors: Vec::new(),
        }
    }

    /// The default rules, and besides that only keys that [`allow`](Self::allow) lists pass, and those that
    /// the crate itself and OpenTelemetry's conventions give a bounded meaning, such as `http.route`.
    pub fn strict() -> Self {
        Redaction { strict: true, ..Redaction::default() }
    }

    /// A key whose values never leave: wherever its words stand in a key in this order, `patient_name`
    /// denies `form.patientName` too. Comes before [`allow`](Self::allow).
    pub fn deny(mut self, key: impl Into<String>) -> Self {
        self.deny.push(key.into());
        self
    }

    /// A key whose values leave as they are, whatever other rules say: this one exactly, in upper or
    /// lower case, or all that begin so where it ends in `.*`.
    pub fn allow(mut self, key: impl Into<String>) -> Self {
        self.allow.push(key.into());
        self
    }

    /// A key whose values are replaced by their keyed hashes on spans and in logs, and dropped from
    /// metrics: wherever its words stand at the end of a key.
    pub fn pseudonymise(mut self, key: impl Into<String>) -> Self {
        self.pseudonymise.push(key.into());
        self
    }

    /// Turns one of the built-in detectors off.
    pub fn without(mut self, kind: Sensitive) -> Self {
        self.without.push(kind);
        self
    }

    /// One more detector, at most 32. To replace a built-in one, turn that off as well.
    pub fn detector(mut self, detector: Detector) -> Self {
        self.detectors.push(detector);
        self
    }

    /// The rules on their own, to scrub what goes elsewhere; hashes are made with a key of this process.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_configuration`], with all problems of the rules.
    pub fn build(&self) -> Result<Redactor, Error> {
        let problems: Vec<Problem> = self
            .problems()
            .into_iter()
            .map(|(found, wanted)| Problem::new(SETTING, found, wanted))
            .collect();
        match problems.is_empty() {
            true => Ok(Redactor::new(Arc::new(self.compile(None)))),
            false => Err(Error::invalid_configuration(problems)),
        }
    }

    /// What is wrong, and what would be right.
    pub(crate) fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        for (list, entries) in
            [("deny", &self.deny), ("allow", &self.allow), ("pseudonymise", &self.pseudonymise)]
        {
            for entry in entries {
                let has_words = entry.chars().any(char::is_alphanumeric);
                if !has_words || entry.chars().count() > MAX_ENTRY_CHARS {
                    problems.push((
                        format!(
                            "`{}` can't be a key to {list}",
                            super::text(entry, MAX_ENTRY_CHARS)
                        ),
                        format!("write 1 to {MAX_ENTRY_CHARS} characters with a letter or a digit"),
                    ));
                }
            }
        }
        for (at, detector) in self.detectors.iter().enumerate() {
            let name = detector.name;
            let fits = matches!(name.len(), 1..=MAX_NAME_CHARS)
                && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
            if !fits {
                problems.push((
                    format!("`{}` can't be a detector's name", super::text(name, MAX_NAME_CHARS)),
                    format!("write 1 to {MAX_NAME_CHARS} characters `a-z`, `0-9` and `_`"),
                ));
            }
            if let Some(problem) = detector.problem() {
                problems.push((
                    format!("the detector `{name}` can't be used: {problem}"),
                    "take another prefix or pattern".to_owned(),
                ));
            }
            if self.detectors[..at].iter().any(|other| other.name == name) {
                problems.push((
                    format!("two detectors have the name `{name}`"),
                    "give each a name of its own".to_owned(),
                ));
            }
        }
        if self.detectors.len() > MAX_CUSTOM {
            problems.push((
                format!("there are {} detectors", self.detectors.len()),
                format!("take at most {MAX_CUSTOM}"),
            ));
        }
        problems
    }

    /// The rules in force; `None` makes hashes with a random key.
    pub(crate) fn compile(&self, key: Option<HashKey>) -> Policy {
        let Redaction { built_in, strict, deny, allow, pseudonymise, without, detectors } = self;
        Policy::new(super::policy::Rules {
            keys: super::key::KeyRules::new(*built_in, deny, allow, pseudonymise, *strict),
            detectors: super::detect::Detectors::new(|kind| *built_in && !without.contains(&kind)),
            custom: super::custom::Custom::new(detectors),
            key,
        })
    }
}
