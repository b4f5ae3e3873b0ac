//! Which tag keys name something that must not leave the process.
//!
//! Keys are judged by their words, not by substrings: `author` and `tokenizer` are harmless.

const DENIED_WORDS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "secret",
    "secrets",
    "credential",
    "credentials",
    "authorization",
    "cookie",
    "cookies",
    "otp",
    "cvv",
    "cvc",
    "pin",
    "ssn",
    "dob",
    "mrn",
    "jwt",
    "csrf",
    "xsrf",
    "iban",
    "apikey",
    "privatekey",
    "accesskey",
    "secretkey",
    "authtoken",
    "accesstoken",
    "refreshtoken",
    "sessiontoken",
];
const DENIED_PAIRS: &[(&[&str], &str)] = &[
    (&["api", "private", "access", "secret", "signing", "encryption", "app", "application"], "key"),
    (&["auth", "access", "refresh", "id", "session", "bearer", "csrf", "xsrf"], "token"),
    (&["connection"], "string"),
    (&["credit"], "card"),
    (&["social"], "security"),
    (&["date"], "birth"),
    (&["full", "first", "last", "patient"], "name"),
    (&["home", "street", "postal", "billing", "shipping"], "address"),
    (&["card", "phone", "mobile", "account", "routing", "passport", "nhs"], "number"),
    (&["patient"], "id"),
    (&["medical"], "record"),
];
const DENIED_LAST_WORDS: &[&str] = &["token", "email", "phone", "pan", "auth"];
/// What a key ends in that tells of the secret, without being it: `password_length`.
const SAFE_LAST_WORDS: &[&str] = &[
    "count", "total", "length", "len", "size", "bytes", "ms", "days", "seconds", "ttl", "type",
    "kind", "method", "status", "version", "verified", "valid", "enabled", "limit", "expiry",
];

/// What a key says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyClass {
    /// The user's word for it: nothing is looked at.
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

/// The rules about keys.
#[derive(Debug)]
pub(crate) struct KeyRules {
    built_in: bool,
}

impl KeyRules {
    pub(super) fn new(
        built_in: bool,
        _deny: &[String],
        _allow: &[String],
        _pseudonymise: &[String],
        _strict: bool,
    ) -> Self {
        KeyRules { built_in }
    }

    pub(super) fn class(&self, key: &str) -> KeyClass {
        match self.built_in && is_denied(key) {
            true => KeyClass::Denied,
            false => KeyClass::Plain(Hint::NONE),
        }
    }

    /// Whether `key` says no more than that its value is a session, which whoever shortened or hashed
    /// the value has dealt with.
    pub(super) fn is_session(&self, key: &str) -> bool {
        words(key).last().is_some_and(|word| matches!(word.as_str(), "session" | "sid"))
    }
}

fn is_denied(key: &str) -> bool {
    let words = words(key);
    let Some(last) = words.last().map(String::as_str) else { return false };
    if SAFE_LAST_WORDS.contains(&last) {
        return false;
    }
    DENIED_LAST_WORDS.contains(&last)
        || words.iter().any(|word| DENIED_WORDS.contains(&word.as_str()))
        || words.windows(2).any(|pair| is_denied_pair(&pair[0], &pair[1]))
}

fn is_denied_pair(first: &str, second: &str) -> bool {
    DENIED_PAIRS.iter().any(|(firsts, last)| *last == second && firsts.contains(&first))
}

/// `dbPassword`, `db.password` and `DB_PASSWORD` are all `db`, `password`; `of` says nothing.
fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous = ' ';
    for c in key.chars() {
        let starts = !c.is_alphanumeric() || (c.is_uppercase() && previous.is_lowercase());
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        previous = c;
    }
    words.retain(|word| !word.is_empty() && word != "of");
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_denied_however_they_are_spelt() {
        for key in [
            "password",
            "dbPassword",
            "DB_PASSWORD",
            "http.request.header.authorization",
            "api_key",
            "apiKey",
            "api-key",
            "date_of_birth",
            "credit.card",
            "token",
            "user.email",
            "patientName",
        ] {
            assert!(is_denied(key), "{key}");
        }
    }

    #[test]
    fn look_alikes_pass() {
        for key in [
            "author",
            "tokenizer",
            "secretary",
            "passenger",
            "password_length",
            "token_type",
            "keys",
            "key",
            "service.name",
            "tokens_total",
            "route",
            "cookie_count",
            "name",
            "address",
            "",
        ] {
            assert!(!is_denied(key), "{key}");
        }
    }
}
