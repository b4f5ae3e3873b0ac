//! What Datadog's tracers look for in query strings by default: their documented setting
//! `DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP`, put together from its parts.

use regex::Regex;
use std::borrow::Cow;

/// Names whose values go; `~` is a joint of words.
const NAMES: &[&str] = &[
    "(?:(?:old|new)~)?p(?:ass)?w(?:or)?d[12]?",
    "pass(?:~phrase)?",
    "secret",
    "(?:api|private|public|access|secret|app(?:lication)?)~key(?:~id)?",
    "token",
    "consumer~(?:id|key|secret)",
    "sign(?:ed|ature)?",
    "auth(?:entication|orization)?",
];
const SPACE: &str = r"(?:\s|%20)";
const QUOTE: &str = r#"(?:"|%22)"#;
/// Values that go whatever their names are; `_` is a space.
const VALUES: &[&str] = &[
    r"bearer_+[a-z0-9.\x5f-]+",
    "token(?::|%3A)[a-z0-9]{13}",
    r"gh[opsu]\x5f[0-9a-zA-Z]{36}",
    r"ey[I-L](?:[\w=-]|%3D)+\.ey[I-L](?:[\w=-]|%3D)+(?:\.(?:[\w.+/=-]|%3D|%2F|%2B)+)?",
    r"-{5}BEGIN(?:[a-z\s]|%20)+PRIVATE_KEY-{5}[^-]+-{5}END(?:[a-z\s]|%20)+PRIVATE_KEY(?:-{5})?",
    "(?:ssh-(?:rsa|dss)|ecdsa-[a-z0-9]+-[a-z0-9]+)_+(?:[a-z0-9/.+]|%2F|%5C|%2B){100,}(?:=|%3D)*",
];

pub(crate) struct Query(Regex);

impl Query {
    pub(crate) fn new() -> Self {
        let names = NAMES.join("|").replace('~', "[-_]?");
        let values = VALUES.join("|").replace('_', SPACE);
        let assigned = format!("{SPACE}*(?:=|%3D)[^&]+");
        let text = format!(r#"{QUOTE}(?:%2[^2]|%[^2]|[^"%])+{QUOTE}"#);
        let quoted = format!("{QUOTE}{SPACE}*(?::|%3A){SPACE}*{text}");
        let pattern = format!("(?i){QUOTE}?(?:{names})(?:{assigned}|{quoted})|(?:{values})");
        Query(Regex::new(&pattern).expect("a pattern"))
    }

    pub(crate) fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.0.replace_all(text, "<redacted>")
    }
}
