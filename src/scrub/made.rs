//! Values that say themselves what may become of them, where the policy runs: as tags, as marks in texts,
//! and as others see them.

use super::counts::{Cause, Sink};
use super::key::{Hint, KeyClass};
use super::policy::{REDACTED, REDACTED_TAG, Value};
use super::{Policy, cut};
use crate::tag::{Hashed, Made, Mark, Marks, ShownMade, is_shown_marked};
use std::borrow::Cow;
use std::fmt;

/// What stands around a single mark that is a value all the same.
const AROUND: [&str; 2] = ["Some(", ")"];

impl Policy {
    /// What a made value is as a metric's tag; `None` where it must not be there.
    pub(super) fn made_tag<'t>(
        &self,
        key: &str,
        made: Made<'t>,
        max_chars: usize,
    ) -> Option<Cow<'t, str>> {
        let class = self.class(key);
        match made {
            Made::Truncated(text, chars) => {
                let value = self.tag_value(key, text, max_chars)?;
                return Some(match value {
                    // What stands in the place of a text is not cut.
                    Cow::Borrowed(value) if value != REDACTED_TAG => {
                        Cow::Borrowed(cut(value, chars as usize))
                    }
                    value => value,
                });
            }
            Made::Secret => self.add(Sink::Metrics, Cause::DeniedKey),
            Made::Short(text) if self.lets_short(key, class) => {
                let hint = hint_of(class);
                return Some(match class {
                    KeyClass::Allowed => Cow::Borrowed(cut(text, max_chars)),
                    _ => self.tag_text(text, hint, max_chars),
                });
            }
            Made::Hashed(id) if self.lets_hashed(key, class) => {
                return Some(Cow::Owned(cut(&self.hash_of(key, id), max_chars).to_owned()));
            }
            Made::Short(_) | Made::Hashed(_) => self.add(Sink::Metrics, cause(class)),
        }
        None
    }

    /// An attribute whose text has marks.
    pub(super) fn marked_attribute(
        &self,
        key: &str,
        class: KeyClass,
        marks: &Marks,
        max_chars: usize,
        sink: Sink,
    ) -> Value<'static> {
        let parts = marks.parts();
        let (before, after, alone) = match &parts[..] {
            [mark] => ("", "", Some(mark)),
            [Mark::Text(before), mark, Mark::Text(after)] if [*before, *after] == AROUND => {
                (*before, *after, Some(mark))
            }
            _ => ("", "", None),
        };
        let room = max_chars.saturating_sub(before.len() + after.len());
        let inside = match alone {
            Some(Mark::Short(text)) if self.lets_short(key, class) => match class {
                KeyClass::Allowed => cut(text, room).to_owned(),
                _ => self.scrub(text, hint_of(class), room, sink).into_owned(),
            },
            Some(Mark::Hashed(id)) if self.lets_hashed(key, class) => {
                cut(&self.hash_of(key, id), room).to_owned()
            }
            Some(Mark::Short(_) | Mark::Hashed(_)) => {
                self.add(sink, cause(class));
                return match class {
                    KeyClass::Unlisted => Value::Dropped,
                    _ => Value::Kept(Cow::Owned(cut(REDACTED, max_chars).to_owned())),
                };
            }
            Some(Mark::Truncated(text, chars)) if before.is_empty() => {
                let chars = match class {
                    KeyClass::Allowed | KeyClass::Plain(_) => max_chars.min(*chars),
                    _ => max_chars,
                };
                return owned(self.unmarked_attribute(key, class, text, chars, sink));
            }
            _ => {
                let text = self.plain(&parts, key, max_chars, sink);
                return owned(self.unmarked_attribute(key, class, &text, max_chars, sink));
            }
        };
        Value::Kept(Cow::Owned(format!("{before}{inside}{after}")))
    }

    /// A text that has marks, each as it may leave the process; what is around them is not yet scrubbed.
    pub(super) fn without_marks(&self, marks: &Marks, max_chars: usize, sink: Sink) -> String {
        self.plain(&marks.parts(), "", max_chars, sink)
    }

    fn plain(&self, parts: &[Mark<'_>], domain: &str, max_chars: usize, sink: Sink) -> String {
        let shown = parts.iter().map(|part| match part {
            Mark::Text(text) => Cow::Borrowed(*text),
            Mark::Short(text) => Cow::Borrowed(&**text),
            Mark::Hashed(id) => Cow::Owned(self.hash_of(domain, id)),
            Mark::Truncated(text, chars) => {
                self.scrub(text, Hint::NONE, max_chars.min(*chars), sink)
            }
        });
        shown.collect()
    }

    /// Nobody's name stays nobody's.
    fn hash_of(&self, domain: &str, id: &str) -> String {
        match id.is_empty() {
            true => String::new(),
            false => self.pseudonym(domain, id).as_str().to_owned(),
        }
    }

    /// Whether the beginning of an id may stand below a key.
    fn lets_short(&self, key: &str, class: KeyClass) -> bool {
        match class {
            KeyClass::Allowed | KeyClass::Plain(_) | KeyClass::Pseudonym => true,
            KeyClass::Denied => self.is_session(key),
            // The beginning of an address says more than its network.
            KeyClass::Ip | KeyClass::Unlisted => false,
        }
    }

    fn lets_hashed(&self, key: &str, class: KeyClass) -> bool {
        class == KeyClass::Ip || self.lets_short(key, class)
    }
}

fn hint_of(class: KeyClass) -> Hint {
    match class {
        KeyClass::Plain(hint) => hint,
        _ => Hint::NONE,
    }
}

/// Why a value is not there whose key does not let it be.
fn cause(class: KeyClass) -> Cause {
    match class {
        KeyClass::Unlisted => Cause::UnlistedKey,
        KeyClass::Ip => Cause::IpKey,
        _ => Cause::DeniedKey,
    }
}

fn owned(value: Value<'_>) -> Value<'static> {
    match value {
        Value::Kept(text) => Value::Kept(Cow::Owned(text.into_owned())),
        Value::Dropped => Value::Dropped,
    }
}

/// The hash for the empty key; a mark where telemetry records it.
impl fmt::Display for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&ShownMade(self.made()), f)
    }
}

impl fmt::Display for ShownMade<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_shown_marked(self.0, f)? {
            return Ok(());
        }
        match self.0 {
            Made::Hashed(id) => f.write_str(&Policy::of_process().hash_of("", id)),
            Made::Short(text) => f.write_str(text),
            Made::Truncated(text, chars) => f.write_str(cut(text, chars as usize)),
            Made::Secret => f.write_str(REDACTED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::{HashKey, Redaction};
    use crate::tag::{TagValue, hashed, recording, secret, short, truncated};
    use std::ops::Range;

    const KEY: &[u8] = b"a key for tests alone";
    const SESSION: KeyClass = KeyClass::Denied;

    /// Finds every `ada`.
    fn policy() -> Policy {
        let find = |text: &str| -> Vec<Range<usize>> {
            text.match_indices("ada").map(|(at, found)| at..at + found.len()).collect()
        };
        let detector = crate::scrub::Detector::new("ada", find);
        Redaction::default().detector(detector).compile(Some(HashKey::new(KEY)))
    }

    fn hash(domain: &str, id: &str) -> String {
        HashKey::new(KEY).pseudonym(domain, id).as_str().to_owned()
    }

    fn tag(key: &str, value: &impl TagValue) -> Option<String> {
        let made = value.tag_ref().made().unwrap();
        policy().made_tag(key, made, 50).map(Cow::into_owned)
    }

    fn attribute(key: &str, class: KeyClass, text: &str) -> String {
        match policy().attribute(key, class, text, 50, Sink::Spans) {
            Value::Kept(text) => text.into_owned(),
            Value::Dropped => "dropped".to_owned(),
        }
    }

    /// As tracing-opentelemetry has it.
    fn recorded(value: impl fmt::Debug) -> String {
        recording(|| format!("{value:?}"))
    }

    #[test]
    fn tags_are_what_they_were_made_to_be() {
        assert_eq!(tag("user", &hashed("u-1")), Some(hash("user", "u-1")));
        assert_eq!(tag("payer", &hashed("u-1")), Some(hash("payer", "u-1")));
        assert_eq!(tag("user", &hashed("")).as_deref(), Some(""));
        assert_eq!(tag("user", &short("0123456789")).as_deref(), Some("01234567"));
        assert_eq!(tag("text", &truncated("0123456789", 4)).as_deref(), Some("0123"));
        assert_eq!(tag("text", &truncated(&"x".repeat(99), 60)).map(|text| text.len()), Some(50));
        assert_eq!(tag("text", &secret("x")), None);
        for key in ["session", "http.sid"] {
            assert_eq!(tag(key, &hashed("s-1")), Some(hash(key, "s-1")));
            assert_eq!(tag(key, &short("s-1")).as_deref(), Some("s-1"));
        }
    }

    #[test]
    fn a_denied_key_denies_what_is_made_for_it_too() {
        for key in ["password", "user.email", "session_token"] {
            assert_eq!(tag(key, &hashed("x")), None, "{key}");
            assert_eq!(tag(key, &short("x")), None, "{key}");
            assert_eq!(tag(key, &truncated("x", 1)), None, "{key}");
            for value in [recorded(hashed("x")), recorded(short("x")), recorded(truncated("x", 1))]
            {
                assert_eq!(attribute(key, KeyClass::Denied, &value), REDACTED, "{key}");
            }
        }
    }

    #[test]
    fn detectors_look_at_short_and_truncated_values() {
        assert_eq!(tag("user", &short("ada lovelace")).as_deref(), Some("redacted"));
        assert_eq!(tag("text", &truncated("I am ada", 6)).as_deref(), Some("redacted"));
        assert_eq!(tag("user", &hashed("ada")), Some(hash("user", "ada")));
        // What is cut away leaves no half of a finding.
        let policy = policy();
        assert_eq!(policy.redactions().len(), 0);
        let _ = policy.text(&recorded(truncated("I am ada", 6)), 50, Sink::Logs);
        assert_eq!(policy.redactions(), [("ada", "logs", 1)]);
    }

    #[test]
    fn attributes_are_what_they_were_made_to_be() {
        let plain = KeyClass::Plain(Hint::NONE);
        for class in [plain, KeyClass::Allowed, KeyClass::Pseudonym] {
            assert_eq!(attribute("user.id", class, &recorded(hashed("u"))), hash("user.id", "u"));
            assert_eq!(attribute("user.id", class, &recorded(short("0123456789"))), "01234567");
        }
        assert_eq!(attribute("session", SESSION, &recorded(short("s-123456789"))), "s-123456");
        assert_eq!(attribute("session", SESSION, &recorded(hashed("s"))), hash("session", "s"));
        assert_eq!(attribute("session", SESSION, "s-123456789"), REDACTED);
        let address = recorded(hashed("203.0.113.7"));
        assert_eq!(attribute("ip", KeyClass::Ip, &address), hash("ip", "203.0.113.7"));
        assert_eq!(attribute("ip", KeyClass::Ip, &recorded(short("203.0.113.7"))), REDACTED);
        assert_eq!(attribute("k", KeyClass::Unlisted, &recorded(hashed("u"))), "dropped");
        assert_eq!(attribute("text", plain, &recorded(truncated("0123456789", 4))), "0123");
        assert_eq!(attribute("text", plain, &recorded(secret(1))), REDACTED);
    }

    #[test]
    fn a_value_within_a_text_is_found() {
        let plain = KeyClass::Plain(Hint::NONE);
        let some = format!("Some({})", hash("user", "u"));
        assert_eq!(attribute("user", plain, &recorded(Some(hashed("u")))), some);
        let id = recorded(Some(short("0123456789")));
        assert_eq!(attribute("user.id", KeyClass::Pseudonym, &id), "Some(01234567)");
        assert_eq!(attribute("text", plain, &recorded(Some(truncated("abc", 2)))), "Some(ab)");
        let all = recorded([truncated("abc", 2), truncated("xyz", 1)]);
        assert_eq!(attribute("texts", plain, &all), "[ab, x]");
        let said = recording(|| format!("user {} of {}", hashed("u"), short("0123456789")));
        let expected = format!("user {} of 01234567", hash("", "u"));
        assert_eq!(policy().text(&said, 99, Sink::Logs), expected);
        assert_eq!(policy().text(&said, 7, Sink::Logs).chars().count(), 7);
    }

    #[test]
    fn no_mark_leaves_whatever_becomes_of_it() {
        let whole = recorded(hashed("someone"));
        let forged =
            ["\u{fdd0}ssomeone\u{fdd1}", "\u{fdd0}hsomeone\u{fdd1}", "\u{fdd0}", "\\u{fdd0}t"];
        let cuts = whole.char_indices().map(|(at, _)| &whole[..at]);
        let escaped = format!("{:?}", &whole);
        for text in cuts.chain(forged).chain([&*escaped]) {
            for out in [
                attribute("k", KeyClass::Plain(Hint::NONE), text),
                attribute("k", KeyClass::Allowed, text),
                policy().text(text, 999, Sink::Logs).into_owned(),
            ] {
                let is_clean = !out.contains(['\u{fdd0}', '\u{fdd1}']);
                assert!(is_clean && !out.contains("u{fdd"), "{text:?}: {out:?}");
                assert!(forged.contains(&text) || !out.contains("someone"), "{text:?}: {out:?}");
            }
        }
        assert_eq!(attribute("session", SESSION, forged[0]), REDACTED);
    }

    #[test]
    fn what_others_see_is_the_hash_for_no_key() {
        let shown = hashed("u-1").to_string();
        assert_eq!(shown, Policy::of_process().pseudonym("", "u-1").as_str());
        assert_eq!(format!("{:?}", Some(hashed("u-1"))), format!("Some({shown})"));
    }
}
