//! What a key says about its value, by its words: `author` and `tokenizer` are harmless.

mod lists;
mod structural;
mod user;
mod words;

use lists::Summary;
use user::{AllowList, Entries};
pub(super) use words::WordSet;

/// What a key says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyClass {
    /// Known to be harmless, by the user's word or by convention: nothing is looked at.
    Allowed,
    Plain(Hint),
    /// Names a secret or a person.
    Denied,
    /// Names who somebody is, without saying it.
    Pseudonym,
    /// Holds the address of a person's machine.
    Ip,
    /// Strict rules do not list it.
    Unlisted,
}

/// What a key tells detectors of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hint {
    /// Off where four numbers with dots are a version.
    pub(crate) ip: bool,
}

impl Hint {
    /// For texts that have no key.
    pub(crate) const NONE: Hint = Hint { ip: true };
}

/// What a word before `=` or `:` in a text asks of the value behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// Nothing: it is no secret's name.
    Harmless,
    /// Any value is a secret.
    Secret,
    /// A value that nobody writes in prose: `token`, `credentials`.
    Opaque,
    /// The same, and long enough or with digits: `session`, `auth`.
    Weak,
    /// Numbers, with groups: `phone`, `card number`.
    Digits,
    /// Words up to the end of a phrase.
    Phrase,
    Name,
    Address,
    Date,
    /// A mail address is found by its form alone.
    Mail,
    Cookie,
    Authorization,
}

/// The rules about keys.
#[derive(Debug)]
pub(crate) struct KeyRules {
    built_in: bool,
    strict: bool,
    /// Whether there is anything but the built-in lists.
    has_own: bool,
    deny: Entries,
    allow: AllowList,
    pseudonymise: Entries,
}

impl KeyRules {
    pub(super) fn new(
        built_in: bool,
        deny: &[String],
        allow: &[String],
        pseudonymise: &[String],
        strict: bool,
    ) -> Self {
        KeyRules {
            built_in,
            strict,
            has_own: strict || ![deny, allow, pseudonymise].iter().all(|list| list.is_empty()),
            deny: Entries::new(deny),
            allow: AllowList::new(allow),
            pseudonymise: Entries::new(pseudonymise),
        }
    }

    /// Some ten nanoseconds for a key of common length; never allocates.
    #[inline]
    pub(super) fn class(&self, key: &str) -> KeyClass {
        if !self.has_own {
            return self.built_in(key);
        }
        if self.deny.are_in(key.as_bytes()) {
            return KeyClass::Denied;
        }
        if self.pseudonymise.end_key(key.as_bytes()) {
            return KeyClass::Pseudonym;
        }
        if self.allow.has(key) {
            return KeyClass::Allowed;
        }
        match self.built_in(key) {
            KeyClass::Plain(_) if self.strict && !structural::is_structural(key) => {
                KeyClass::Unlisted
            }
            class => class,
        }
    }

    fn built_in(&self, key: &str) -> KeyClass {
        if !self.built_in {
            return KeyClass::Plain(Hint::NONE);
        }
        let summary = Summary::of(key.as_bytes());
        let plain = KeyClass::Plain(Hint { ip: summary.any & lists::VERSION == 0 });
        if summary.any == 0 || summary.last & lists::SAFE_LAST != 0 {
            return plain;
        }
        match () {
            () if summary.is_denied() => KeyClass::Denied,
            () if summary.is_trace() => KeyClass::Allowed,
            () if is_model_data(key) => plain,
            () if summary.is_pseudonym() && !is_clouds(key) => KeyClass::Pseudonym,
            () if summary.is_ip() => KeyClass::Ip,
            () => plain,
        }
    }

    /// What is asked of a value behind `label` in a text.
    #[inline]
    pub(super) fn label(&self, label: &[u8]) -> Label {
        if !self.deny.is_empty() && self.deny.are_in(label) {
            return Label::Secret;
        }
        if !self.built_in {
            return Label::Harmless;
        }
        let summary = Summary::of(label);
        match summary.is_denied() {
            true => demand(summary),
            false => Label::Harmless,
        }
    }

    /// Whether a part of a text is no secret's name, told fast where it is not even like one.
    #[inline(always)]
    pub(super) fn is_harmless(&self, text: &[u8], start: usize, end: usize) -> bool {
        let summary = Summary::of_part(text, start, end);
        (!self.built_in || !summary.is_denied())
            && (self.deny.is_empty() || !self.deny.are_in(&text[start..end]))
    }

    /// The same for words with spaces between them, of which only the last two count: `api key`.
    pub(super) fn spaced_label(&self, label: &[u8]) -> Label {
        let summary = Summary::of(label);
        match self.built_in && summary.is_denied_pair() {
            true => demand(summary),
            false => Label::Harmless,
        }
    }

    /// Whether a label may be the end of one with spaces.
    pub(super) fn may_end_label(&self, label: &[u8]) -> bool {
        self.built_in && Summary::of(label).ends_pair()
    }

    /// Whether a query's parameter is sensitive there, besides those that are so anywhere.
    pub(super) fn is_query_secret(&self, label: &[u8]) -> bool {
        self.built_in && Summary::of(label).last & lists::QUERY != 0
    }

    /// Whether `key` says no more than that its value is a session, which whoever shortened or hashed
    /// the value has dealt with.
    pub(super) fn is_session(&self, key: &str) -> bool {
        Summary::of(key.as_bytes()).is_session() && !self.deny.are_in(key.as_bytes())
    }
}

/// What a denied label asks of its value; the strictest of its words decides.
fn demand(summary: Summary) -> Label {
    let last = summary.last;
    if summary.last_pair() & lists::PATIENT != 0 {
        return Label::Secret;
    }
    let demands = [
        (lists::HEADER, Label::Authorization),
        (lists::COOKIE, Label::Cookie),
        (lists::PHRASE, Label::Phrase),
        (lists::DATE, Label::Date),
        (lists::MAIL, Label::Mail),
        (lists::DIGITS, Label::Digits),
        (lists::OPEN, Label::Opaque),
        (lists::WEAK, Label::Weak),
    ];
    if let Some((_, label)) = demands.iter().find(|(bit, _)| last & bit != 0) {
        return *label;
    }
    match summary.last_pair() {
        pair if pair & lists::NAME != 0 => Label::Name,
        pair if pair & lists::ADDRESS != 0 => Label::Address,
        _ => Label::Secret,
    }
}

/// Whether a key names an account with a cloud, which is a company's and not a person's.
fn is_clouds(key: &str) -> bool {
    const CLOUDS: &[&str] = &["cloud", "aws", "gcp", "azure"];
    let first = key.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    CLOUDS.iter().any(|cloud| first.eq_ignore_ascii_case(cloud))
}

/// Whether a key is one of OpenTelemetry's about models, and not one that holds what people wrote.
fn is_model_data(key: &str) -> bool {
    const WRITTEN: &[&str] = &[
        "messages",
        "instructions",
        "tool.call",
        "retrieval",
        "prompt",
        "completion",
        "content",
        "description",
        "definitions",
        "explanation",
    ];
    key.strip_prefix("gen_ai.")
        .is_some_and(|rest| !WRITTEN.iter().any(|written| rest.contains(written)))
}

#[cfg(test)]
mod tests;
