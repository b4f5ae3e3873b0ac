//! What Python's logfire 5.2 does by default, with `regex`: one set of patterns for keys and values, JSON
//! taken apart, and the whole value replaced.

use regex::{Regex, RegexSet};
use serde_json::Value;
use std::borrow::Cow;

/// Keys whose values it leaves alone; those of its list that occur outside of Python.
const SAFE_KEYS: &[&str] = &[
    "db.query.text",
    "db.statement",
    "error.type",
    "event.name",
    "exception.message",
    "exception.stacktrace",
    "exception.type",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "http.method",
    "http.route",
    "http.scheme",
    "http.status_code",
    "http.target",
    "http.url",
    "rpc.method",
    "url.full",
    "url.path",
    "url.query",
];

/// Two words with a joint between them, or none.
const PAIRS: [[&str; 2]; 5] = [
    ["private", "key"],
    ["api", "key"],
    ["social", "security"],
    ["credit", "card"],
    ["logfire", "token"],
];
const WORDS: [&str; 7] =
    ["password", "passwd", "mysql_pwd", "secret", "credential", "session", "cookie"];
/// Only where they are words of their own.
const ACRONYMS: [&str; 4] = ["csrf", "xsrf", "jwt", "ssn"];

pub(crate) struct Patterns {
    set: RegexSet,
    /// `regex` can't look ahead: what must not follow is found along with it.
    auth: Regex,
    whole: Vec<Regex>,
}

impl Patterns {
    pub(crate) fn new() -> Self {
        let pairs = PAIRS.map(|[left, right]| format!("{left}[._ -]?{right}"));
        let acronyms = ACRONYMS.map(|word| format!(r"(?:\b|_){word}(?:\b|_)"));
        let all: Vec<String> = WORDS
            .map(str::to_owned)
            .into_iter()
            .chain(pairs)
            .chain(acronyms)
            .chain([r"pylf_v\d+_".to_owned()])
            .map(|pattern| format!("(?i){pattern}"))
            .collect();
        let whole = |pattern: &String| Regex::new(&format!("^(?:{pattern})$")).expect("a pattern");
        Patterns {
            set: RegexSet::new(&all).expect("patterns"),
            auth: Regex::new(r"(?i)auth(ors?\b)?").expect("a pattern"),
            whole: all.iter().map(whole).collect(),
        }
    }

    pub(crate) fn scrub<'t>(&self, key: &str, text: &'t str) -> Cow<'t, str> {
        if SAFE_KEYS.contains(&key) {
            return Cow::Borrowed(text);
        }
        match self.matches(key) {
            true => Cow::Borrowed("[Scrubbed due to its key]"),
            false => self.value(text),
        }
    }

    fn matches(&self, text: &str) -> bool {
        self.set.is_match(text) || self.is_auth(text)
    }

    fn is_auth(&self, text: &str) -> bool {
        self.auth.captures_iter(text).any(|found| found.get(1).is_none())
    }

    fn value<'t>(&self, text: &'t str) -> Cow<'t, str> {
        // A value that is nothing but one of the words is no secret.
        let is_word = || {
            text.eq_ignore_ascii_case("auth") || self.whole.iter().any(|word| word.is_match(text))
        };
        if !self.matches(text) || is_word() {
            return Cow::Borrowed(text);
        }
        match serde_json::from_str(text) {
            Ok(json) => Cow::Owned(self.json(json).to_string()),
            Err(_) => Cow::Borrowed("[Scrubbed due to its text]"),
        }
    }

    fn json(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.value(&text).into_owned()),
            Value::Array(all) => all.into_iter().map(|value| self.json(value)).collect(),
            Value::Object(all) => all
                .into_iter()
                .map(|(key, value)| match () {
                    () if SAFE_KEYS.contains(&key.as_str()) => (key, value),
                    () if self.matches(&key) => (key, "[Scrubbed due to its key]".into()),
                    () => (key, self.json(value)),
                })
                .collect(),
            other => other,
        }
    }
}
