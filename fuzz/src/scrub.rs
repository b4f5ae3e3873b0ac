//! What holds of the scrubbing policy, whatever it gets.

use lightship::{Redaction, Redactor};
use std::sync::LazyLock;

static REDACTOR: LazyLock<Redactor> =
    LazyLock::new(|| Redaction::default().build().expect("the default rules hold"));
const TEXT_CHARS: usize = 4_096;
const TAG_CHARS: usize = 200;

/// Scrubs a value under a key: nothing panics, nothing gets longer than it may, what was scrubbed is scrubbed,
/// and what the policy promises to find between spaces is found there, whatever else there is. The first line
/// of `data` is the key, the second says what is planted, the rest is the value.
pub fn stays_scrubbed(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (key, rest) = text.split_once('\n').unwrap_or(("", &text));
    let (seed, value) = rest.split_once('\n').unwrap_or((rest, ""));
    settles(key, value);
    for (planted, secret) in canaries(seed) {
        // In the middle, for what is before it may be what misleads.
        let middle = value.char_indices().nth(value.chars().count() / 2).map_or(0, |(at, _)| at);
        let (before, after) = value.split_at(middle);
        if !before.contains(&secret) && !after.contains(&secret) {
            goes(&format!("{before} {planted} {after}"), &secret);
        }
    }
}

fn settles(key: &str, value: &str) {
    let once = REDACTOR.attribute(key, value);
    assert!(once.chars().count() <= TEXT_CHARS, "{key:?}: {} bytes", once.len());
    assert_eq!(REDACTOR.attribute(key, &once), once, "attribute {key:?}: {value:?}");
    let once = REDACTOR.text(value);
    assert!(once.chars().count() <= TEXT_CHARS, "{} bytes", once.len());
    assert_eq!(REDACTOR.text(&once), once, "text: {value:?}");
    if let Some(once) = REDACTOR.tag(key, value) {
        assert!(once.chars().count() <= TAG_CHARS, "{key:?}: {} bytes", once.len());
        assert_eq!(REDACTOR.tag(key, &once), Some(once.clone()), "tag {key:?}: {value:?}");
    }
}

fn goes(text: &str, secret: &str) {
    assert!(!REDACTOR.text(text).contains(secret), "{secret:?} in {text:?}");
    assert!(!REDACTOR.attribute("message", text).contains(secret), "{secret:?} in {text:?}");
    assert!(!REDACTOR.tag("detail", text).unwrap_or_default().contains(secret), "{text:?}");
}

/// An e-mail address, a token and a pair, each with what must not survive of it.
fn canaries(seed: &str) -> [(String, String); 3] {
    let letters: Vec<char> = seed.chars().filter(char::is_ascii_alphanumeric).take(36).collect();
    let letter = |at: usize| letters.get(at % letters.len().max(1)).copied().unwrap_or('k');
    let token: String = "ghp_".chars().chain((0..36).map(letter)).collect();
    let name: String = "q7".chars().chain((0..letters.len().clamp(4, 24)).map(letter)).collect();
    let email = format!("{name}@example.org");
    let pair = format!("password={name}");
    [(email.clone(), email), (token.clone(), token), (pair, name)]
}
