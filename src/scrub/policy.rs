//! What becomes of a value, by its key, by what is in it, and by where it goes.

mod names;

pub(crate) use names::Objection;

use super::counts::{Cause, Counts, Sink};
use super::custom::{Custom, Unjudged};
use super::cut;
use super::detect::{self, Detectors, Finding};
use super::key::{Hint, KeyClass, KeyRules};
use super::kind::Kind;
use super::pseudonym::{HashKey, Pseudonym};
use super::redaction::Redaction;
use crate::status::Notices;
use crate::tag;
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock};

/// What stands in the place of a value whose key is denied.
pub(crate) const REDACTED: &str = "[REDACTED]";
/// What stands in the place of a tag's value in which something was found: a series has no room for
/// what is left of it.
pub(crate) const REDACTED_TAG: &str = "redacted";
/// What a text turns into that a detector of the user's did not judge.
const UNJUDGED: &str = "[REDACTED:unjudged]";
/// Before a pseudonym; names the way it was made.
const PSEUDONYM_PREFIX: &str = "h1:";
/// A text is looked at so many bytes beyond where it is cut: what begins before the cut and ends behind
/// it can be told then.
pub(super) const BEYOND_CUT: usize = 512;
const RANDOM_KEY: &str = "hashes are made with a key of this process alone, so that they differ from \
     one process to the next: set LIGHTSHIP_HASH_KEY, or `hash_key` in code";

static INSTALLED: RwLock<Option<Arc<Policy>>> = RwLock::new(None);

/// The rules in force, and the only place where they are applied.
pub(crate) struct Policy {
    keys: KeyRules,
    detectors: Detectors,
    custom: Custom,
    hash_key: HashKey,
    counts: Counts,
    /// Where the one warning about a random key goes.
    warn: OnceLock<Notices>,
    is_key_random: bool,
}

/// What [`Policy::new`] needs.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) keys: KeyRules,
    pub(super) detectors: Detectors,
    pub(super) custom: Custom,
    pub(super) key: Option<HashKey>,
}

/// What is left of an attribute.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Value<'t> {
    Kept(Cow<'t, str>),
    /// Key and all must go.
    Dropped,
}

impl Policy {
    pub(super) fn new(rules: Rules) -> Self {
        Policy {
            keys: rules.keys,
            detectors: rules.detectors,
            custom: rules.custom,
            is_key_random: rules.key.is_none(),
            hash_key: rules.key.unwrap_or_else(HashKey::random),
            counts: Counts::new(),
            warn: OnceLock::new(),
        }
    }

    /// The default rules, shared by all who have no others.
    pub(crate) fn shared_default() -> Arc<Policy> {
        static DEFAULT: LazyLock<Arc<Policy>> =
            LazyLock::new(|| Arc::new(Redaction::default().compile(None)));
        Arc::clone(&DEFAULT)
    }

    /// For what is shown outside of telemetry: the policy of whoever was installed last.
    pub(crate) fn of_process() -> Arc<Policy> {
        let installed = INSTALLED.read().unwrap_or_else(PoisonError::into_inner);
        installed.as_ref().map_or_else(Policy::shared_default, Arc::clone)
    }

    /// Makes this the policy of [`of_process`](Self::of_process).
    pub(crate) fn install(self: &Arc<Self>) {
        *INSTALLED.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(self));
    }

    /// Says once, to these, if hashes are made that differ from process to process.
    pub(crate) fn warn_with(&self, notices: Notices) {
        self.custom.warn_with(&notices);
        let _ = self.warn.set(notices);
    }

    pub(super) fn add(&self, sink: Sink, cause: Cause) {
        self.counts.add(sink, cause);
    }

    /// Whether a key says no more than that its value is a session: denied, unless the value was made for
    /// it.
    pub(crate) fn is_session(&self, key: &str) -> bool {
        self.keys.is_session(key)
    }

    /// What a key says; to be remembered where the same key comes often.
    pub(crate) fn class(&self, key: &str) -> KeyClass {
        self.keys.class(key)
    }

    /// A text of an attribute or a log's field; `class` is that of `key`.
    pub(crate) fn attribute<'t>(
        &self,
        key: &str,
        class: KeyClass,
        value: &'t str,
        max_chars: usize,
        sink: Sink,
    ) -> Value<'t> {
        if matches!(class, KeyClass::Plain(_)) && self.is_harmless(value, max_chars) {
            return Value::Kept(Cow::Borrowed(value));
        }
        if let Some(marks) = tag::marks(value) {
            return self.marked_attribute(key, class, &marks, max_chars, sink);
        }
        self.unmarked_attribute(key, class, value, max_chars, sink)
    }

    /// The same for a text whose marks were taken away: what still looks like one is anybody's text.
    pub(super) fn unmarked_attribute<'t>(
        &self,
        key: &str,
        class: KeyClass,
        value: &'t str,
        max_chars: usize,
        sink: Sink,
    ) -> Value<'t> {
        let text = match class {
            KeyClass::Allowed => Cow::Borrowed(cut(value, max_chars)),
            KeyClass::Plain(hint) => self.scrub(value, hint, max_chars, sink),
            KeyClass::Denied => {
                self.counts.add(sink, Cause::DeniedKey);
                Cow::Borrowed(cut(REDACTED, max_chars))
            }
            KeyClass::Unlisted => {
                self.counts.add(sink, Cause::UnlistedKey);
                return Value::Dropped;
            }
            KeyClass::Pseudonym => self.pseudonym_for(key, value, max_chars, sink),
            KeyClass::Ip => match detect::mask_ip(value) {
                Some(masked) => {
                    self.counts.add(sink, Cause::IpKey);
                    Cow::Owned(cut(&masked, max_chars).to_owned())
                }
                None => self.scrub(value, Hint::NONE, max_chars, sink),
            },
        };
        Value::Kept(text)
    }

    /// A text that has no key: a message, a name, a body.
    pub(crate) fn text<'t>(&self, text: &'t str, max_chars: usize, sink: Sink) -> Cow<'t, str> {
        if self.is_harmless(text, max_chars) {
            return Cow::Borrowed(text);
        }
        match tag::marks(text) {
            None => self.scrub(text, Hint::NONE, max_chars, sink),
            Some(marks) => {
                let text = self.without_marks(&marks, max_chars, sink);
                Cow::Owned(self.scrub(&text, Hint::NONE, max_chars, sink).into_owned())
            }
        }
    }

    /// Whether nothing would be replaced in a text that has no key; counts nothing.
    pub(crate) fn is_clean(&self, text: &str, max_chars: usize) -> bool {
        let findings = self.findings(looked_at(text, max_chars), Hint::NONE);
        findings.is_ok_and(|findings| findings.is_empty())
    }

    /// A tag's value for metrics; `None` where its key says that it must not be there.
    pub(crate) fn tag_value<'t>(
        &self,
        key: &str,
        value: &'t str,
        max_chars: usize,
    ) -> Option<Cow<'t, str>> {
        let cause = match self.class(key) {
            KeyClass::Allowed => return Some(Cow::Borrowed(cut(value, max_chars))),
            KeyClass::Plain(hint) => return Some(self.tag_text(value, hint, max_chars)),
            KeyClass::Denied => Cause::DeniedKey,
            KeyClass::Pseudonym => Cause::PseudonymKey,
            KeyClass::Ip => Cause::IpKey,
            KeyClass::Unlisted => Cause::UnlistedKey,
        };
        self.counts.add(Sink::Metrics, cause);
        None
    }

    #[inline]
    pub(super) fn tag_text<'t>(
        &self,
        value: &'t str,
        hint: Hint,
        max_chars: usize,
    ) -> Cow<'t, str> {
        match self.is_harmless(value, max_chars) {
            true => Cow::Borrowed(value),
            false => Cow::Borrowed(self.judged_tag(value, hint, max_chars)),
        }
    }

    #[inline(never)]
    fn judged_tag<'t>(&self, value: &'t str, hint: Hint, max_chars: usize) -> &'t str {
        let cause = match self.findings(looked_at(value, max_chars), hint) {
            Ok(findings) => findings.first().map(|finding| Cause::Found(finding.kind)),
            Err(Unjudged) => Some(Cause::Unjudged),
        };
        match cause {
            None => cut(value, max_chars),
            Some(cause) => {
                self.counts.add(Sink::Metrics, cause);
                cut(REDACTED_TAG, max_chars)
            }
        }
    }

    /// The name of a value, in the domain of its key.
    pub(crate) fn pseudonym(&self, key: &str, value: &str) -> Pseudonym {
        if self.is_key_random
            && let Some(notices) = self.warn.get()
        {
            static WARNED: std::sync::Once = std::sync::Once::new();
            WARNED.call_once(|| notices.write(RANDOM_KEY));
        }
        self.hash_key.pseudonym(key, value)
    }

    /// What is known of a value in a set. That processes without a common key count apart is no reason to
    /// warn: a count is not joined with anything.
    pub(crate) fn set_member(&self, set: &str, value: &str) -> u64 {
        let name = self.hash_key.pseudonym(set, value);
        u64::from_str_radix(name.as_str(), 16).unwrap_or_default()
    }

    /// How often something was replaced or dropped: kind, sink, count.
    pub(crate) fn redactions(&self) -> Vec<(&'static str, &'static str, u64)> {
        self.counts.list(self.custom.names())
    }

    fn pseudonym_for<'t>(
        &self,
        key: &str,
        value: &'t str,
        max_chars: usize,
        sink: Sink,
    ) -> Cow<'t, str> {
        // What has a name already keeps it.
        if is_pseudonym(value) || value.is_empty() {
            return Cow::Borrowed(cut(value, max_chars));
        }
        self.counts.add(sink, Cause::PseudonymKey);
        let text = format!("{PSEUDONYM_PREFIX}{}", self.pseudonym(key, value).as_str());
        Cow::Owned(cut(&text, max_chars).to_owned())
    }

    pub(super) fn scrub<'t>(
        &self,
        text: &'t str,
        hint: Hint,
        max_chars: usize,
        sink: Sink,
    ) -> Cow<'t, str> {
        let looked_at = looked_at(text, max_chars);
        let Ok(findings) = self.findings(looked_at, hint) else {
            self.counts.add(sink, Cause::Unjudged);
            return Cow::Borrowed(cut(UNJUDGED, max_chars));
        };
        for finding in &findings {
            self.counts.add(sink, Cause::Found(finding.kind));
        }
        let name = |kind| match kind {
            Kind::BuiltIn(kind) => kind.as_str(),
            Kind::Custom(at) => self.custom.name(at),
        };
        let find = |text: &str| self.detectors.find(text, hint, &self.keys);
        detect::replace(looked_at, &findings, max_chars, find, name)
    }

    /// Whether a text goes out as it is, for sure; most short ones do, and this is all that they cost.
    #[inline(always)]
    fn is_harmless(&self, text: &str, max_chars: usize) -> bool {
        self.custom.is_empty() && text.len() <= max_chars && Detectors::is_harmless(text)
    }

    fn findings(&self, text: &str, hint: Hint) -> Result<Vec<Finding>, Unjudged> {
        let mut findings = self.detectors.find(text, hint, &self.keys);
        self.custom.add(text, &mut findings)?;
        Ok(findings)
    }
}

/// Whether a value is what a pseudonym looks like.
fn is_pseudonym(value: &str) -> bool {
    value.strip_prefix(PSEUDONYM_PREFIX).is_some_and(|hex| {
        hex.len() == 16 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// The part of a long text that can still count.
fn looked_at(text: &str, max_chars: usize) -> &str {
    let kept = cut(text, max_chars).len();
    let mut end = text.len().min(kept + BEYOND_CUT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy").field("keys", &self.keys).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::MAX_TAG_CHARS;

    fn kept(key: &str, value: &str) -> String {
        let policy = Policy::shared_default();
        match policy.attribute(key, policy.class(key), value, MAX_TAG_CHARS, Sink::Spans) {
            Value::Kept(text) => text.into_owned(),
            Value::Dropped => "dropped".to_owned(),
        }
    }

    #[test]
    fn a_denied_key_keeps_its_name_and_loses_its_value() {
        assert_eq!(kept("db.password", "hunter2"), REDACTED);
        assert_eq!(kept("http.route", "/a"), "/a");
        assert_eq!(Policy::shared_default().tag_value("apiKey", "x", 10), None);
    }

    #[test]
    fn long_texts_are_looked_at_a_little_beyond_the_cut() {
        let long = "é".repeat(10_000);
        assert_eq!(looked_at(&long, 100).len(), 200 + BEYOND_CUT);
        assert_eq!(looked_at("short", 100), "short");
        assert_eq!(kept("note", &long).chars().count(), MAX_TAG_CHARS);
    }

    #[test]
    fn pseudonyms_are_told_by_their_form() {
        assert!(is_pseudonym("h1:0123456789abcdef"));
        for other in ["", "h1:", "h1:0123456789ABCDEF", "h2:0123456789abcdef", "0123456789abcdef"] {
            assert!(!is_pseudonym(other), "{other}");
        }
    }
}
