//! The one policy that every value passes on its way out: tags, attributes, log fields, texts, baggage.
//!
//! ```text
//! key -> class -> (plain: detectors -> replace) -> cut
//! ```
//!
//! [`Policy`] has the rules in force and applies them; [`Redaction`] is how a user writes them. A sink
//! asks its own `Policy`, so that instances may differ.

mod counts;
mod custom;
mod detect;
mod key;
mod kind;
mod made;
mod policy;
mod pseudonym;
mod redaction;
mod redactor;
mod tags;

pub(crate) use counts::Sink;
pub use custom::Detector;
pub(crate) use key::{Hint, KeyClass};
pub use kind::Sensitive;
pub(crate) use policy::{Objection, Policy, REDACTED, Value};
pub(crate) use pseudonym::HashKey;
pub use redaction::Redaction;
pub(crate) use redaction::SETTING as REDACTION_SETTING;
pub(crate) use redactor::MAX_TEXT_CHARS;
pub use redactor::Redactor;
// What one backend alone uses, and the tests of others.
#[cfg_attr(not(feature = "dogstatsd"), allow(unused_imports))]
pub(crate) use tags::tags;
pub(crate) use tags::{Candidates, ScrubbedTag, ScrubbedTags, candidates};

use std::borrow::Cow;

/// The longest `key:value`, in characters; Datadog cuts there too.
pub const MAX_TAG_CHARS: usize = 200;
/// The longest metric name, in characters.
pub const MAX_NAME_CHARS: usize = 200;

/// A metric's name as it is written, bounded and free of control characters; empty if nothing is left
/// of it.
pub(crate) fn metric_name(raw: &str) -> Cow<'_, str> {
    clean(raw.trim(), MAX_NAME_CHARS)
}

/// The same as a policy lets it out. Asks the user's detectors, so no lock may be held.
pub(crate) fn scrubbed_name<'t>(raw: &'t str, policy: &Policy) -> Cow<'t, str> {
    match clean(raw.trim(), MAX_NAME_CHARS + policy::BEYOND_CUT) {
        Cow::Borrowed(name) => policy.name(name, MAX_NAME_CHARS, Sink::Metrics),
        // Judged as it was written, too: a key's lines are none when they are one.
        Cow::Owned(_) => {
            let judged = policy.name(raw.trim(), MAX_NAME_CHARS, Sink::Metrics);
            let name = clean(&judged, MAX_NAME_CHARS + policy::BEYOND_CUT);
            Cow::Owned(policy.name(&name, MAX_NAME_CHARS, Sink::Metrics).into_owned())
        }
    }
}

/// A text that is not a tag, such as a service's name or an event's title: bounded, one line.
pub(crate) fn text(raw: &str, max_chars: usize) -> Cow<'_, str> {
    clean(raw.trim(), max_chars)
}

/// At most so many characters of a text; costs next to nothing where it is short.
pub(crate) fn cut(text: &str, max_chars: usize) -> &str {
    if text.len() <= max_chars {
        return text;
    }
    let end = text.char_indices().nth(max_chars).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Cuts at a character boundary and turns control characters into `_`; borrowed where nothing
/// had to be replaced.
fn clean(text: &str, max_chars: usize) -> Cow<'_, str> {
    let text = cut(text, max_chars);
    let is_odd = match text.is_ascii() {
        true => text.bytes().any(|byte| byte.is_ascii_control()),
        false => text.chars().any(is_unprintable),
    };
    match is_odd {
        true => text.chars().map(|c| if is_unprintable(c) { '_' } else { c }).collect(),
        false => Cow::Borrowed(text),
    }
}

/// Control characters, and the separators that editors and terminals take for line ends.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(cut("h\u{e9}llo", 2), "h\u{e9}");
        assert_eq!(cut("h\u{e9}llo", 5), "h\u{e9}llo");
        assert_eq!(cut("\u{1f980}\u{1f980}", 1), "\u{1f980}");
        assert_eq!(cut("abc", 0), "");
    }

    #[test]
    fn names_keep_what_is_printable() {
        assert_eq!(metric_name(" api.requests "), "api.requests");
        assert_eq!(metric_name("a\u{2028}b\0"), "a_b_");
        assert_eq!(metric_name("\t "), "");
    }
}
