//! What the policy says of names, keys, baggage, and what is constant for the whole process.

use super::{Cause, Finding, Hint, KeyClass, Policy, REDACTED_TAG, Sink, Unjudged, Value};
use super::{cut, looked_at};
use crate::scrub::kind::Kind;
use std::borrow::Cow;

/// Why a pair can't be constant for the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Objection {
    /// What the key is or does.
    Key(&'static str),
    /// What was found in the key, which can't be shown then.
    InKey(&'static str),
    /// What was found in the value.
    InValue(&'static str),
}

impl Policy {
    /// A metric's name, or that of a service check: what is found in it becomes `redacted`, so that
    /// what was to be the names of many is the name of one.
    pub(crate) fn name<'t>(&self, name: &'t str, max_chars: usize, sink: Sink) -> Cow<'t, str> {
        let looked_at = looked_at(name, max_chars);
        let Ok(findings) = self.findings(looked_at, Hint::NONE) else {
            self.counts.add(sink, Cause::Unjudged);
            return Cow::Borrowed(cut(REDACTED_TAG, max_chars));
        };
        if findings.is_empty() {
            return Cow::Borrowed(cut(name, max_chars));
        }
        let (mut kept, mut at) = (String::with_capacity(looked_at.len()), 0);
        for Finding { start, end, kind } in findings {
            self.counts.add(sink, Cause::Found(kind));
            kept.push_str(looked_at.get(at..start).unwrap_or_default());
            kept.push_str(REDACTED_TAG);
            at = end;
        }
        kept.push_str(looked_at.get(at..).unwrap_or_default());
        Cow::Owned(cut(&kept, max_chars).to_owned())
    }

    /// Whether a key may be shown; counted where something is found in it.
    pub(crate) fn is_key_clean(&self, key: &str, sink: Sink) -> bool {
        match self.first_cause(key, Hint::NONE) {
            Some(_) if self.class(key) == KeyClass::Allowed => true,
            Some(cause) => {
                self.counts.add(sink, cause);
                false
            }
            None => true,
        }
    }

    /// The value of a member of baggage; `None` where the member must not leave the process, for what
    /// is left of a text with a gap is nothing that others could work with.
    pub(crate) fn member<'t>(
        &self,
        key: &str,
        value: &'t str,
        max_chars: usize,
    ) -> Option<Cow<'t, str>> {
        let class = self.class(key);
        let cause = match class {
            KeyClass::Allowed => return Some(Cow::Borrowed(value)),
            KeyClass::Denied => Some(Cause::DeniedKey),
            KeyClass::Unlisted => Some(Cause::UnlistedKey),
            KeyClass::Plain(hint) => self.first_cause(looked_at(value, max_chars), hint),
            KeyClass::Pseudonym | KeyClass::Ip => {
                return match self.attribute(key, class, value, max_chars, Sink::Baggage) {
                    Value::Kept(value) => Some(value),
                    Value::Dropped => None,
                };
            }
        };
        match cause {
            None => Some(Cow::Borrowed(value)),
            Some(cause) => {
                self.counts.add(Sink::Baggage, cause);
                None
            }
        }
    }

    /// A pair that is constant for the whole process, as it may be shown. Whoever asks tells of
    /// objections, so these are not counted.
    pub(crate) fn constant<'t>(
        &self,
        key: &str,
        value: &'t str,
        max_chars: usize,
    ) -> Result<Cow<'t, str>, Objection> {
        let class = self.class(key);
        let hint = match class {
            KeyClass::Allowed => return Ok(Cow::Borrowed(value)),
            KeyClass::Denied => return Err(Objection::Key("names a secret or a person")),
            KeyClass::Unlisted => {
                return Err(Objection::Key("is not listed, as strict rules want"));
            }
            KeyClass::Plain(hint) => Some(hint),
            KeyClass::Pseudonym | KeyClass::Ip => None,
        };
        if let Some(cause) = self.first_cause(key, Hint::NONE) {
            return Err(Objection::InKey(self.name_of(cause)));
        }
        let Some(hint) = hint else {
            return match self.attribute(key, class, value, max_chars, Sink::Texts) {
                Value::Kept(value) => Ok(value),
                Value::Dropped => Ok(Cow::Borrowed(super::REDACTED)),
            };
        };
        // A list that was split may have taken apart what was one, as it is again in a line of DogStatsD.
        let mut joined = [":", "="].into_iter().map(|by| format!("{key}{by}{value}"));
        let found = self.first_cause(value, hint);
        match found.or_else(|| joined.find_map(|joined| self.first_cause(&joined, hint))) {
            Some(cause) => Err(Objection::InValue(self.name_of(cause))),
            None => Ok(Cow::Borrowed(value)),
        }
    }

    /// What is found in the name of the service, its environment or its version, whatever is said of
    /// keys.
    pub(crate) fn identity(&self, value: &str, is_version: bool) -> Result<(), Objection> {
        match self.first_cause(value, Hint { ip: !is_version }) {
            // Of a detector that fails nobody hears if nothing starts.
            None | Some(Cause::Unjudged) => Ok(()),
            Some(cause) => Err(Objection::InValue(self.name_of(cause))),
        }
    }

    /// What is said to whoever runs the service, who knows the addresses in it.
    pub(crate) fn notice<'t>(&self, text: &'t str, max_chars: usize) -> Cow<'t, str> {
        self.scrub(text, Hint { ip: false }, max_chars, Sink::Texts)
    }

    fn name_of(&self, cause: Cause) -> &'static str {
        match cause {
            Cause::Found(Kind::BuiltIn(kind)) => kind.as_str(),
            Cause::Found(Kind::Custom(at)) => self.custom.name(at),
            _ => "unjudged",
        }
    }

    fn first_cause(&self, text: &str, hint: Hint) -> Option<Cause> {
        match self.findings(text, hint) {
            Ok(findings) => findings.first().map(|finding| Cause::Found(finding.kind)),
            Err(Unjudged) => Some(Cause::Unjudged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::{Detector, Redaction};

    /// Finds `staff_` with four digits or more.
    fn policy(rules: Redaction) -> Policy {
        rules.detector(Detector::prefixed("staff", "staff_", 4)).compile(None)
    }

    #[test]
    fn in_a_name_only_what_was_found_is_replaced() {
        let policy = policy(Redaction::default());
        let name = |name, max| policy.name(name, max, Sink::Metrics).into_owned();
        assert_eq!(name("user.staff_0001.logins", 200), "user.redacted.logins");
        assert_eq!(name("staff_0001.staff_0002", 200), "redacted.redacted");
        assert_eq!(name("user.staff.logins", 6), "user.s");
        assert_eq!(name("user.staff_0001", 10), "user.redac", "it goes beyond the cut");
        assert_eq!(policy.redactions(), [("staff", "metrics", 4)]);
    }

    #[test]
    fn a_key_with_somebody_in_it_is_not_shown_unless_allowed() {
        let policy = policy(Redaction::default().allow("x.staff_0001"));
        for (key, is_clean) in [("route", true), ("x.staff_0001", true), ("of.staff_0001", false)] {
            assert_eq!(policy.is_key_clean(key, Sink::Metrics), is_clean, "{key}");
        }
        assert_eq!(policy.redactions(), [("staff", "metrics", 1)]);
    }

    #[test]
    fn what_is_constant_is_objected_to_or_goes_as_it_may() {
        let policy = policy(Redaction::default().allow("team.x"));
        let judged = |key, value| policy.constant(key, value, 200);
        assert_eq!(judged("team", "storage"), Ok("storage".into()));
        assert_eq!(judged("team.x", "of staff_0001"), Ok("of staff_0001".into()));
        assert_eq!(judged("api_key", "x"), Err(Objection::Key("names a secret or a person")));
        assert_eq!(judged("team", "of staff_0001"), Err(Objection::InValue("staff")));
        assert_eq!(judged("staff_0001", "x"), Err(Objection::InKey("staff")));
        assert_eq!(judged("amqp", "//ann:pw1@mq/a"), Err(Objection::InValue("url_password")));
        assert_eq!(policy.identity("staff_0001", false), Err(Objection::InValue("staff")));
        assert!(policy.redactions().is_empty());
        assert!(judged("user.id", "ada").unwrap().starts_with("h1:"));
        let strict = Redaction::strict().compile(None);
        let unlisted = Objection::Key("is not listed, as strict rules want");
        assert_eq!(strict.constant("team", "storage", 200), Err(unlisted));
        assert_eq!(strict.identity("storage", false), Ok(()));
    }

    #[test]
    fn a_member_of_baggage_goes_whole_or_stays() {
        let policy = policy(Redaction::default());
        assert_eq!(policy.member("tenant", "acme", 100).as_deref(), Some("acme"));
        assert_eq!(policy.member("tenant", "of staff_0001", 100), None);
        assert_eq!(policy.member("api_key", "x", 100), None);
        assert_eq!(policy.redactions(), [("denied_key", "baggage", 1), ("staff", "baggage", 1)]);
        let name = policy.member("user.id", "ada", 100).unwrap();
        assert!(name.starts_with("h1:") && name.len() == 19, "{name}");
    }
}
