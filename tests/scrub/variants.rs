//! The same secrets in other clothes: bent as logs, URLs and cuts bend them, where that leaves a secret
//! one.

use crate::corpus::Case;

/// A way to bend a case; none where it would make no sense.
pub(crate) struct Bend {
    pub(crate) name: &'static str,
    pub(crate) apply: fn(&Case) -> Option<Case>,
}

pub(crate) const BENDS: &[Bend] = &[
    Bend { name: "alone", apply: |case| around(case, "", "") },
    Bend { name: "at the start", apply: |case| around(case, "", " was refused") },
    Bend { name: "at the end", apply: |case| around(case, "it was refused: ", "") },
    Bend { name: "in brackets", apply: |case| around(case, "refused [", "], twice") },
    Bend {
        name: "beside multibyte characters", apply: |case| around(case, "鍵は「", "」です")
    },
    Bend { name: "beside emoji", apply: |case| around(case, "🔑", "🔒") },
    Bend { name: "percent-encoded in a URL", apply: percent_encoded },
    Bend { name: "a JSON string", apply: json_string },
    Bend { name: "a JSON string in quotes of another", apply: nested_json_string },
    Bend { name: "in capitals", apply: |case| cased(case, str::to_uppercase) },
    Bend { name: "in small letters", apply: |case| cased(case, str::to_lowercase) },
    Bend { name: "across the cut", apply: |case| at_the_cut(case, 2) },
    Bend { name: "just before the cut", apply: |case| at_the_cut(case, 1) },
];

/// The characters that are left of a text.
const TEXT_CHARS: usize = 4_096;

/// The first secret, where it is one without anything around it.
fn self_contained(case: &Case) -> Option<&str> {
    let secret = case.secrets.first()?.as_str();
    let is_whole = match case.category.as_str() {
        "jwt" | "token_cloud" | "token_forge" | "token_payment" | "token_llm" | "token_misc"
        | "email" | "card" | "iban" | "ipv4" | "ipv6" => true,
        "token_chat" => secret.starts_with("xox") || secret.contains(":AA"),
        "ssn" => secret.contains('-'),
        "phone" => secret.starts_with('+'),
        _ => false,
    };
    is_whole.then_some(secret)
}

fn around(case: &Case, before: &str, after: &str) -> Option<Case> {
    let secret = self_contained(case)?;
    Some(Case {
        text: format!("{before}{secret}{after}"),
        secrets: vec![secret.to_owned()],
        ..bare(case)
    })
}

/// Without what was promised of its context, which is another one now.
fn bare(case: &Case) -> Case {
    Case { key: String::new(), must_keep: Vec::new(), ..case.clone() }
}

/// Only what has its form still: an e-mail address, and tokens of characters that stay as they are.
fn percent_encoded(case: &Case) -> Option<Case> {
    let secret = self_contained(case)?;
    let encoded = match case.category.as_str() {
        "email" => secret.replace('@', "%40"),
        "card" | "ssn" | "ipv4" | "ipv6" | "iban" | "phone" => return None,
        _ => secret.to_owned(),
    };
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~%".contains(&byte);
    encoded.bytes().all(is_unreserved).then(|| Case {
        text: format!("/go?next=https%3A%2F%2Fapp.example.com%2F%3Fv%3D{encoded}%26n%3D1&page=2"),
        secrets: vec![encoded],
        ..bare(case)
    })
}

/// As it stands inside the quotes of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Look-alikes too: they stay what they are.
fn json_string(case: &Case) -> Option<Case> {
    let is_by_key = ["deny_key", "pseudonym_key", "ip_key"].contains(&case.category.as_str());
    // Twice escaped is another thing.
    (!is_by_key && !case.text.contains('\\')).then(|| {
        let text = format!(r#"{{"level":"error","text":"{}"}}"#, escaped(&case.text));
        let secrets = case.secrets.iter().map(|secret| escaped(secret)).collect();
        Case { text, secrets, must_keep: Vec::new(), ..case.clone() }
    })
}

fn nested_json_string(case: &Case) -> Option<Case> {
    // Here quotes would be escaped twice.
    if case.text.contains('"') {
        return None;
    }
    let inner = json_string(case)?;
    let text = format!("reply: \"{}\"", escaped(&inner.text));
    let secrets = inner.secrets.iter().map(|secret| escaped(secret)).collect();
    Some(Case { text, secrets, ..inner })
}

/// Keys, schemes and names of headers come in any case; so do e-mail addresses and hexadecimal digits.
fn cased(case: &Case, to_case: fn(&str) -> String) -> Option<Case> {
    let fits = ["authorization", "cookie", "deny_key", "email", "ipv6", "json_field", "key_value"]
        .into_iter()
        .chain(["medical", "pseudonym_key", "query_parameter", "url_userinfo"])
        .any(|category| category == case.category);
    // Where words are told by their first letters, other letters make other words.
    let joins_words = |text: &str| {
        let mut pairs = text.chars().zip(text.chars().skip(1));
        pairs.any(|(left, right)| left.is_lowercase() && right.is_uppercase())
    };
    // The names of FHIR's resources come in one case alone.
    let is_fhir = case.text.contains("Patient/");
    let is_foreign = case.text.contains('\\') || joins_words(&case.key) || is_fhir;
    let is_camel = !["deny_key", "pseudonym_key"].contains(&case.category.as_str())
        && case.text.split([':', '=']).any(joins_words);
    (fits && !is_foreign && !is_camel).then(|| Case {
        text: to_case(&case.text),
        key: to_case(&case.key),
        secrets: case.secrets.iter().map(|secret| to_case(secret)).collect(),
        must_keep: Vec::new(),
        ..case.clone()
    })
}

/// Behind so much else that a text is cut within its first secret, after one part of so many.
fn at_the_cut(case: &Case, part: usize) -> Option<Case> {
    let is_masked = ["ipv4", "ipv6", "ip_key"].contains(&case.category.as_str());
    let is_by_key = ["deny_key", "pseudonym_key"].contains(&case.category.as_str());
    let secret =
        case.secrets.first().filter(|secret| !is_masked && !is_by_key && secret.len() >= 8)?;
    let (before, _) = case.text.split_once(secret.as_str())?;
    let shown: String = secret.chars().take(secret.chars().count() / part).collect();
    let room = TEXT_CHARS.checked_sub(before.chars().count() + shown.chars().count() + 1)?;
    let padding: String = "all is well, ".chars().cycle().take(room).collect();
    Some(Case {
        text: format!("{padding}\n{}", case.text),
        secrets: vec![shown],
        must_keep: Vec::new(),
        ..case.clone()
    })
}
