//! What the scrubbing policy catches of the labelled corpus, and what it leaves alone: the gate. The table
//! and each miss: `cargo test --test scrub -- --nocapture`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod corpus;
mod properties;
mod variants;

use corpus::{Case, Scores};
use lightship::{Redaction, Redactor};
use std::net::IpAddr;

/// Of the texts with secrets, how many have to lose them.
const RECALL: f64 = 0.97;
/// Of the texts without, how many have to come back as they are.
const UNCHANGED: f64 = 0.98;
/// What no category of more than two cases may fall below.
const CATEGORY: f64 = 0.75;
/// Of the texts with secrets, how many have to keep what is around those.
const CONTEXT: f64 = 0.95;
/// More than this is cut from a tag's value.
const TAG_CHARS: usize = 200;

fn cases() -> Vec<Case> {
    corpus::load(&corpus::files())
}

fn redactor() -> Redactor {
    Redaction::default().build().unwrap()
}

/// As it is scrubbed in spans and logs: by its key, or as a body where it has none.
fn scrubbed(redactor: &Redactor, case: &Case) -> String {
    match case.key.as_str() {
        "" => redactor.text(&case.text).into_owned(),
        key => redactor.attribute(key, &case.text).into_owned(),
    }
}

fn assert_good(what: &str, scores: &Scores) {
    println!("== {what}\n{scores}");
    let poor: Vec<_> = scores
        .categories()
        .filter(|(_, tally)| tally.cases > 2 && tally.rate() < CATEGORY)
        .map(|(name, _)| name)
        .collect();
    assert!(poor.is_empty(), "{what}: below {CATEGORY}: {poor:?}");
    assert!(scores.recall() >= RECALL, "{what}: recall is {:.3}", scores.recall());
    assert!(scores.unchanged() >= UNCHANGED, "{what}: unchanged are {:.3}", scores.unchanged());
}

#[test]
fn secrets_go_and_look_alikes_stay() {
    let redactor = redactor();
    let scores = Scores::of(&cases(), |case| scrubbed(&redactor, case));
    assert_good("attributes and bodies", &scores);
    assert!(scores.context.rate() >= CONTEXT, "context kept is {:.3}", scores.context.rate());
}

/// A secret that lost its half is still one.
#[test]
fn no_half_of_a_secret_is_left() {
    let redactor = redactor();
    let mut left = Vec::new();
    for case in cases() {
        let output = scrubbed(&redactor, &case);
        let context =
            case.secrets.iter().fold(case.text.clone(), |text, part| text.replace(part, ""));
        // Of addresses the network stays.
        for secret in case.secrets.iter().filter(|secret| secret.parse::<IpAddr>().is_err()) {
            let letters: Vec<char> = secret.chars().collect();
            let halves = letters.windows((letters.len() / 2).max(6));
            let halves = halves.map(|half| half.iter().collect::<String>());
            let is_left = |half: &String| output.contains(half) && !context.contains(half);
            left.extend(halves.into_iter().find(is_left).map(|half| format!("{half}: {output}")));
        }
    }
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn a_field_is_scrubbed_as_a_body_is() {
    let redactor = redactor();
    let cases: Vec<_> = cases().into_iter().filter(|case| case.key.is_empty()).collect();
    let scores = Scores::of(&cases, |case| redactor.attribute("message", &case.text).into_owned());
    assert_good("the field message", &scores);
}

#[test]
fn no_secret_becomes_a_tag() {
    let redactor = redactor();
    let cases: Vec<_> = cases()
        .into_iter()
        .filter(|case| case.is_positive() || case.text.chars().count() <= TAG_CHARS)
        // Of keys for addresses no tag is made, whosever address it is.
        .filter(|case| case.category != "not_ip_key")
        .collect();
    let scores = Scores::of(&cases, |case| {
        let key = if case.key.is_empty() { "detail" } else { &case.key };
        // A tag that is dropped is an empty one here: nothing of it is left.
        redactor.tag(key, &case.text).unwrap_or_default().into_owned()
    });
    assert_good("tags", &scores);
}

#[test]
fn what_was_bent_is_still_caught() {
    let redactor = redactor();
    let cases = cases();
    for bend in variants::BENDS {
        let bent: Vec<_> = cases.iter().filter_map(|case| (bend.apply)(case)).collect();
        assert!(bent.len() >= 40, "{}: {} cases are too few", bend.name, bent.len());
        let scores = Scores::of(&bent, |case| scrubbed(&redactor, case));
        assert_good(bend.name, &scores);
    }
}

/// What the corpus itself promises.
#[test]
fn the_corpus_is_worth_its_name() {
    let cases = cases();
    let positives = cases.iter().filter(|case| case.is_positive()).count();
    assert!(cases.len() >= 360 && positives >= 160, "{} cases, {positives}", cases.len());
    assert!(positives * 2 < cases.len(), "less than half are look-alikes");
    let scores = Scores::of(&cases, |case| case.text.clone());
    assert!(scores.recall() == 0.0 && scores.unchanged() == 1.0, "a secret is not in its text");
    assert!(scores.positives.len() >= 20);
    for (name, tally) in &scores.positives {
        assert!(tally.cases >= 8, "{name} has {} cases", tally.cases);
        assert!(!scores.negatives.contains_key(name), "{name} has both");
    }
    for case in &cases {
        assert!(case.must_keep.iter().all(|part| case.text.contains(part)), "{case:?}");
    }
}
