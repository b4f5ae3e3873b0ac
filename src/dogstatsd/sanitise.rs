//! Makes every text safe for a line: what comes out of here can't end a line, a field or a tag.
//!
//! The Go agent and the Rust data plane differ in what they accept; this stays inside both.

use crate::scrub::{Policy, Sink};
use std::borrow::Cow;

/// The longest metric or check name and the longest tag, in characters; Datadog cuts there too.
const MAX_CHARS: usize = 200;
/// Goes in front of what does not start with a letter.
const PREFIX: &str = "x_";
/// Tags that the agent takes as orders of the client itself.
const RESERVED_TAGS: &str = "dd.internal.";

/// A metric's name: a letter first, then `[A-Za-z0-9_.]`.
pub(super) fn name(raw: &str) -> Cow<'_, str> {
    bounded(raw, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
}

/// A service check's name, which may have spaces and dashes as well.
pub(super) fn check_name(raw: &str) -> Cow<'_, str> {
    bounded(raw, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | ' '))
}

/// The value of an event's field: a hostname, an aggregation key, a source type.
pub(super) fn field(raw: &str) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | ' ');
    raw.chars().take(MAX_CHARS).map(|c| if keep(c) { c } else { '_' }).collect()
}

/// The same after the policy has seen it.
pub(super) fn scrubbed_field(raw: &str, policy: &Policy) -> String {
    field(&policy.text(raw, MAX_CHARS, Sink::Texts))
}

/// `DD_EXTERNAL_ENV`, without what the data plane would refuse a whole line for.
pub(super) fn external_data(raw: &str) -> String {
    raw.chars().filter(|&c| matches!(c, 'a'..='z' | '0'..='9' | ',' | '-')).collect()
}

/// An event's title or text: line ends become the two characters `\n`, which the agent turns back.
pub(super) fn multiline(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => {}
            c if c.is_control() => out.push('_'),
            c => out.push(c),
        }
    }
    out
}

/// A service check's message: like [`multiline`], and free of the separator of fields.
pub(super) fn message(raw: &str) -> String {
    multiline(raw).replace('|', "_")
}

/// A tag as it stands on a line.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tag {
    pub(super) text: String,
    /// Whether more than upper and lower case was changed.
    pub(super) changed: bool,
}

/// `key:value` as Datadog keeps it: lower case, a letter first, `[letters digits _-./:]`.
pub(super) fn tag(key: &str, value: &str) -> Tag {
    let (key, value) = if key.is_empty() { (value, "") } else { (key, value) };
    let mut out = Normaliser::default();
    key.chars().for_each(|c| out.push(c, c != ':'));
    let starts_right = out.text.starts_with(char::is_alphabetic);
    if !starts_right || out.text.starts_with(RESERVED_TAGS) {
        out.text.insert_str(0, PREFIX);
        out.changed = true;
    }
    if !value.is_empty() {
        out.text.push(':');
        value.chars().for_each(|c| out.push(c, true));
    }
    out.finish()
}

/// A tag that only this crate writes, such as `dd.internal.entity_id`.
pub(super) fn own_tag(key: &str, value: &str) -> Tag {
    let mut out = Normaliser { text: format!("{key}:"), changed: false };
    value.chars().for_each(|c| out.push(c, true));
    out.finish()
}

#[derive(Default)]
struct Normaliser {
    text: String,
    changed: bool,
}

impl Normaliser {
    fn push(&mut self, c: char, allowed: bool) {
        if allowed && (c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':')) {
            // One capital has a lower case of two characters, the second of them no letter.
            self.text.extend(c.to_lowercase().take(1));
        } else {
            self.text.push('_');
            self.changed = true;
        }
    }

    fn finish(mut self) -> Tag {
        if let Some((end, _)) = self.text.char_indices().nth(MAX_CHARS) {
            self.text.truncate(end);
            self.changed = true;
        }
        let end = self.text.trim_end_matches(':').len();
        self.changed |= end < self.text.len();
        self.text.truncate(end);
        Tag { text: self.text, changed: self.changed }
    }
}

fn bounded(raw: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let starts_right = raw.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts_right && raw.len() <= MAX_CHARS && raw.chars().all(&keep) {
        return Cow::Borrowed(raw);
    }
    let prefix = if starts_right { "" } else { PREFIX };
    let cleaned = raw.chars().map(|c| if keep(c) { c } else { '_' });
    prefix.chars().chain(cleaned).take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag_text(key: &str, value: &str) -> (String, bool) {
        let tag = tag(key, value);
        (tag.text, tag.changed)
    }

    #[test]
    fn names_have_a_letter_first_and_nothing_that_separates() {
        assert!(matches!(name("api.requests_2"), Cow::Borrowed("api.requests_2")));
        assert_eq!(name("a:1|c\nevil"), "a_1_c_evil");
        assert_eq!(name("2xx"), "x_2xx");
        assert_eq!(name("größe"), "gr__e");
        assert_eq!(name(""), "x_");
        assert_eq!(name(&"a".repeat(300)).len(), 200);
        assert_eq!(check_name("db is-up|x"), "db is-up_x");
    }

    #[test]
    fn tags_are_normalised_as_datadog_does() {
        assert_eq!(tag_text("Method", "GET"), ("method:get".into(), false));
        assert_eq!(tag_text("route", "/users/{id}"), ("route:/users/_id_".into(), true));
        assert_eq!(tag_text("url", "http://a/b"), ("url:http://a/b".into(), false));
        assert_eq!(tag_text("a:b", "c|d,e\n#@"), ("a_b:c_d_e___".into(), true));
        assert_eq!(tag_text("größe", "groß"), ("größe:groß".into(), false));
        assert_eq!(tag_text("1st", "x"), ("x_1st:x".into(), true));
        assert_eq!(tag_text("k", "v::"), ("k:v".into(), true));
        assert_eq!(tag_text("k", ""), ("k".into(), false));
        assert_eq!(tag_text("", "bare"), ("bare".into(), false));
        assert_eq!(tag_text("İ", "x"), ("i:x".into(), false));
        assert_eq!(tag("k", &"é".repeat(500)).text.chars().count(), 200);
    }

    #[test]
    fn nobody_can_speak_in_the_name_of_the_client() {
        for key in ["dd.internal.entity_id", "DD.Internal.card", "dd.internal.jmx_check_name"] {
            let (text, changed) = tag_text(key, "spoof");
            assert!(text.starts_with("x_dd.internal.") && changed, "{text}");
        }
        assert_eq!(own_tag("dd.internal.entity_id", "Pod|1").text, "dd.internal.entity_id:pod_1");
        assert_eq!(tag_text("host", "web-1"), ("host:web-1".into(), false));
    }

    #[test]
    fn texts_stay_on_their_line() {
        assert_eq!(multiline("a\r\nb\u{1b}|c"), "a\\nb_|c");
        assert_eq!(message("a|b\nm:c"), "a_b\\nm:c");
        assert_eq!(field("web 1|t:error\n"), "web 1_t_error_");
        assert_eq!(external_data("it-false,cn-Web,pu-1\n|#x"), "it-false,cn-eb,pu-1x");
    }
}
