//! What holds of any text.

use crate::corpus::Case;
use crate::{TAG_CHARS, cases, redactor, scrubbed};
use lightship::Redactor;
use proptest::prelude::*;
use std::borrow::Cow;
use std::sync::LazyLock;

static REDACTOR: LazyLock<Redactor> = LazyLock::new(redactor);
static CASES: LazyLock<Vec<Case>> = LazyLock::new(cases);
/// The characters that are left of a text.
const TEXT_CHARS: usize = 4_096;

/// Keys of every class, and any other.
fn key() -> impl Strategy<Value = String> {
    let known = proptest::sample::select(vec![
        "",
        "message",
        "password",
        "user.id",
        "client.address",
        "url.full",
        "app.version",
        "session",
    ]);
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => "[a-zA-Z._-]{0,20}"]
}

/// What detectors look at, in any order: much nearer to a finding than any text at random.
fn bait() -> impl Strategy<Value = String> {
    let crumbs = vec![
        "@",
        "%40",
        "eyJ",
        ".",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----END",
        "://",
        ":",
        "=",
        "&",
        "?",
        "password",
        "token",
        "Authorization: ",
        "Bearer ",
        "Cookie: ",
        "\"",
        "\\\"",
        "{",
        "}",
        "4",
        "1.2",
        "2a00::",
        "+",
        "(415) 555-",
        "0132",
        "DE89",
        "sk-",
        "ghp_",
        "Patient/",
        "MRN ",
        "\n",
        " ",
        "é",
        "鍵",
        "\u{200d}",
        // Between tags and the policy these have a meaning, and so has their escaped form.
        "\u{fdd0}",
        "\u{fdd1}",
        "u{fdd",
        "\\u{fdd0}",
        "a",
        "Z9",
        "%",
        "'",
        "[REDACTED:email]",
        "***",
        "ssn",
        "-",
        "_",
        "h1:",
        "redacted",
    ];
    proptest::collection::vec(proptest::sample::select(crumbs), 0..40).prop_map(|all| all.concat())
}

/// Something of the corpus within something else.
fn spliced() -> impl Strategy<Value = String> {
    let case = (0..CASES.len()).prop_map(|at| CASES[at].text.clone());
    (any_text(), case.clone(), any_text(), case).prop_map(|(a, b, c, d)| format!("{a}{b}{c}{d}"))
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), bait(), "\\PC{0,60}"]
}

/// Of every length around the limits.
fn long() -> impl Strategy<Value = String> {
    (
        prop_oneof![any_text(), spliced()],
        0..6_000_usize,
        prop_oneof![Just("a"), Just("é "), Just("🔑")],
    )
        .prop_map(|(text, times, filler)| format!("{}{text}", filler.repeat(times / filler.len())))
}

fn holds(key: &str, text: &str) -> Result<(), TestCaseError> {
    let once = REDACTOR.text(text);
    prop_assert!(once.chars().count() <= TEXT_CHARS);
    prop_assert_eq!(REDACTOR.text(&once), once.as_ref(), "text, twice");
    let once = REDACTOR.attribute(key, text);
    prop_assert!(once.chars().count() <= TEXT_CHARS);
    prop_assert_eq!(REDACTOR.attribute(key, &once), once.as_ref(), "attribute, twice");
    if let Some(once) = REDACTOR.tag(key, text) {
        prop_assert!(once.chars().count() <= TAG_CHARS);
        let again = REDACTOR.tag(key, &once);
        prop_assert_eq!(again.as_ref(), Some(&once), "tag, twice");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn twice_is_once_and_no_longer_than_allowed(key in key(), text in any_text()) {
        holds(&key, &text)?;
    }

    #[test]
    fn that_holds_near_secrets(key in key(), text in spliced()) {
        holds(&key, &text)?;
    }

    #[test]
    fn that_holds_at_the_limits(key in key(), text in long()) {
        holds(&key, &text)?;
    }

    #[test]
    fn tokens_between_spaces_go_whatever_is_around(before in any_text(), at in any::<prop::sample::Index>(), after in any_text()) {
        let is_promised = |case: &&Case| {
            (case.category.starts_with("token_") && case.category != "token_chat") || ["jwt", "email"].contains(&case.category.as_str())
        };
        let promised: Vec<_> = CASES.iter().filter(is_promised).collect();
        let secret = &at.get(&promised).secrets[0];
        // What is there already is not what was put in.
        let text = format!("{before} {secret} {after}");
        prop_assert!(!REDACTOR.text(&text).contains(secret.as_str()));
        prop_assert!(!REDACTOR.tag("detail", &text).unwrap_or_default().contains(secret.as_str()));
    }

    #[test]
    fn plain_words_are_lent_back(words in proptest::collection::vec("[a-z]{2,9}", 0..12)) {
        let text = words.join(" ");
        prop_assert!(matches!(REDACTOR.text(&text), Cow::Borrowed(lent) if lent == text));
        prop_assert!(matches!(REDACTOR.attribute("note", &text), Cow::Borrowed(lent) if lent == text));
    }
}

/// What marks values on their way from a tag to the policy may come from anybody.
#[test]
fn nobody_is_led_round_in_circles() {
    let nested = format!("{}{}", "\\u{fd\u{fdd0}".repeat(20_000), "d0}".repeat(20_000));
    for text in ["u{fdd", "\\u{fdd0}", "\\u{fd\u{fdd0}d0}", &nested] {
        for key in ["note", "user.id", "client.address"] {
            let _ = REDACTOR.attribute(key, text);
        }
        let _ = (REDACTOR.text(text), REDACTOR.tag("note", text));
    }
    assert_eq!(REDACTOR.attribute("note", "page u{fdd of 7"), "page u{fdd of 7");
}

#[test]
fn that_holds_of_the_corpus() {
    for case in CASES.iter() {
        let once = scrubbed(&REDACTOR, case);
        let again = Case { text: once.clone(), ..case.clone() };
        assert_eq!(scrubbed(&REDACTOR, &again), once, "{case:?}");
    }
}

#[test]
fn what_stays_is_lent_back() {
    for case in CASES.iter().filter(|case| !case.is_positive()) {
        let scrubbed = REDACTOR.attribute(&case.key, &case.text);
        assert!(scrubbed != case.text || matches!(scrubbed, Cow::Borrowed(_)), "{case:?}");
    }
}
