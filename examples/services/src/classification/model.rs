//! The stand-in for a model: it counts words, so that the same document is always the same, and takes
//! a moment, as a model would.

use super::api::{Classification, ClassifyRequest, Label};
use std::time::Duration;

/// Changes when the words do.
pub const MODEL_VERSION: &str = "keywords-1";
/// How long it takes, and for how many bytes one more millisecond.
const LATENCY: Duration = Duration::from_millis(3);
const BYTES_A_MILLISECOND: usize = 512;
/// A word in the name says more than one in the text.
const NAME_WEIGHT: u32 = 3;
/// Of two kinds with the same score the earlier one counts.
const KEYWORDS: &[(Label, &[&str])] = &[
    (Label::Invoice, &["invoice", "amount", "due", "payment", "total", "vat", "iban"]),
    (Label::Contract, &["contract", "agreement", "party", "parties", "clause", "hereby", "term"]),
    (Label::Report, &["report", "summary", "results", "quarter", "analysis", "figure", "findings"]),
    (Label::Letter, &["dear", "sincerely", "regards", "letter", "yours"]),
];

/// Says what a document is, from the words of its name and its beginning.
#[lightship::observe(name = "model.infer", fields(model.version = MODEL_VERSION))]
pub(crate) async fn infer(request: &ClassifyRequest) -> Classification {
    let reading = (request.excerpt.len() / BYTES_A_MILLISECOND) as u64;
    tokio::time::sleep(LATENCY + Duration::from_millis(reading)).await;
    classify(&request.file_name, &request.excerpt)
}

fn classify(name: &str, text: &str) -> Classification {
    let scores = KEYWORDS.iter().map(|(label, keywords)| {
        (*label, count(name, keywords) * NAME_WEIGHT + count(text, keywords))
    });
    let scores: Vec<_> = scores.collect();
    let all: u32 = scores.iter().map(|(_, score)| score).sum();
    let best = scores.into_iter().rev().max_by_key(|(_, score)| *score);
    let (label, score) = best.filter(|(_, score)| *score > 0).unwrap_or((Label::Other, 0));
    // One more for what it could be besides.
    let confidence = f64::from(score) / f64::from(all + 1);
    Classification { label, model_version: MODEL_VERSION.to_owned(), confidence }
}

fn count(text: &str, keywords: &[&str]) -> u32 {
    let words = text.split(|character: char| !character.is_alphanumeric());
    let known = |word: &&str| keywords.iter().any(|keyword| keyword.eq_ignore_ascii_case(word));
    // An excerpt has a few thousand words at most.
    words.filter(known).count() as u32
}

#[cfg(test)]
mod tests {
    use super::{Label, classify};

    #[test]
    fn words_decide() {
        for (name, text, label) in [
            ("a.pdf", "Amount due: 12, total with VAT 14", Label::Invoice),
            ("a.pdf", "This AGREEMENT between the parties", Label::Contract),
            ("quarter.pdf", "what we found", Label::Report),
            ("a.pdf", "Dear Ann, ... Yours", Label::Letter),
            ("a.pdf", "", Label::Other),
            ("a.pdf", "reportage, undue", Label::Other),
        ] {
            let classification = classify(name, text);
            assert_eq!(classification.label, label, "{name} {text}");
            assert!(classification.is_plausible(), "{classification:?}");
        }
    }

    #[test]
    fn a_name_outweighs_a_word_and_the_first_wins_a_draw() {
        assert_eq!(classify("contract.pdf", "total due").label, Label::Contract);
        assert_eq!(classify("a.pdf", "invoice contract").label, Label::Invoice);
        let (sure, unsure) = (classify("invoice.pdf", "total"), classify("a.pdf", "total clause"));
        assert!(sure.confidence > unsure.confidence && sure.confidence < 1.0);
    }
}
