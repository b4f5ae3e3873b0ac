//! Percent-encoded texts: they are looked at once more as what they stand for, also where they were encoded
//! twice.
//!
//! What was found already is replaced first, as it will be in the end: so a text that was scrubbed reads
//! here as it did when it was scrubbed.

use super::super::kind::Kind;
use super::bytes::hex_pair;
use super::{Finding, rewrite};

/// So often a text is decoded.
pub(super) const MAX_TIMES: usize = 3;

/// A text, and where each of its bytes stands in the one that it was decoded from.
pub(super) struct Decoded {
    pub(super) text: Vec<u8>,
    /// One more than there are bytes: the end.
    places: Vec<usize>,
}

impl Decoded {
    pub(super) fn of(text: &str) -> Self {
        Decoded { text: text.as_bytes().to_vec(), places: (0..=text.len()).collect() }
    }

    /// This, decoded once, without the findings in it, which are in order.
    pub(super) fn next(&self, findings: &[Finding]) -> Self {
        let mut next = Decoded {
            text: Vec::with_capacity(self.text.len()),
            places: Vec::with_capacity(self.text.len() + 1),
        };
        let mut findings = findings.iter().peekable();
        let mut at = 0;
        while at < self.text.len() {
            if let Some(finding) = findings.next_if(|finding| finding.start <= at) {
                let found = self.text.get(at..finding.end).unwrap_or_default();
                let mut placeholder = String::new();
                let found = std::str::from_utf8(found).unwrap_or_default();
                rewrite::placeholder(found, finding.kind, name, &mut placeholder);
                next.text.extend_from_slice(placeholder.as_bytes());
                next.places.resize(next.text.len(), self.places[at]);
                at = finding.end.max(at);
                continue;
            }
            let (byte, width) = match encoded(&self.text[at..]) {
                Some(byte) => (byte, 3),
                None => (self.text[at], 1),
            };
            next.text.push(byte);
            next.places.push(self.places[at]);
            at += width;
        }
        next.places.push(self.places[self.text.len()]);
        next
    }

    /// A finding in this, as one in the text at the beginning of it all, whole characters of it.
    pub(super) fn original(&self, finding: Finding, text: &str) -> Finding {
        let (mut start, mut end) = (self.places[finding.start], self.places[finding.end]);
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        Finding { start, end, ..finding }
    }
}

/// The byte that `%xx` stands for, if a text begins so.
fn encoded(text: &[u8]) -> Option<u8> {
    match text {
        [b'%', high, low, ..] => hex_pair(*high, *low),
        _ => None,
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::BuiltIn(kind) => kind.as_str(),
        Kind::Custom(_) => "",
    }
}

/// Adds findings to those that there are; where they overlap, they are one.
pub(super) fn merge(findings: &mut Vec<Finding>, more: impl Iterator<Item = Finding>) {
    let before = findings.len();
    findings.extend(more.filter(|finding| finding.start < finding.end));
    if findings.len() == before {
        return;
    }
    findings.sort_by_key(|finding| finding.start);
    findings.dedup_by(|next, kept| {
        let is_one = next.start < kept.end;
        if is_one {
            kept.end = kept.end.max(next.end);
        }
        is_one
    });
}

#[cfg(test)]
mod tests {
    use super::super::super::kind::Sensitive;
    use super::*;

    fn finding(start: usize, end: usize) -> Finding {
        Finding { start, end, kind: Kind::BuiltIn(Sensitive::Email) }
    }

    #[test]
    fn places_lead_back_to_the_first_text() {
        let text = "a%2525b%c3%a9";
        let once = Decoded::of(text).next(&[]);
        assert_eq!(once.text, "a%25bé".as_bytes());
        let twice = once.next(&[]);
        assert_eq!(twice.text, "a%bé".as_bytes());
        assert_eq!(twice.original(finding(1, 2), text), finding(1, 6));
        assert_eq!(twice.original(finding(3, 5), text), finding(7, 13));
    }

    #[test]
    fn what_was_found_is_decoded_as_its_placeholder() {
        let text = "x%3Dann@example.com%20y";
        let decoded = Decoded::of(text).next(&[finding(4, 19)]);
        assert_eq!(decoded.text, b"x=[REDACTED:email] y");
        assert_eq!(decoded.original(finding(0, 2), text), finding(0, 4));
        assert_eq!(decoded.original(finding(2, 18), text), finding(4, 19));
    }

    #[test]
    fn findings_that_overlap_are_one() {
        let mut findings = vec![finding(2, 4), finding(8, 9)];
        merge(&mut findings, [finding(3, 6), finding(6, 7), finding(0, 0)].into_iter());
        assert_eq!(findings, [finding(2, 6), finding(6, 7), finding(8, 9)]);
    }

    #[test]
    fn what_is_not_encoded_stays() {
        for text in ["%", "%2", "%zz", "100% of", "%e"] {
            assert_eq!(Decoded::of(text).next(&[]).text, text.as_bytes(), "{text}");
        }
    }
}
