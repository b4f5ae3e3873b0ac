//! Detectors that the user brings.

mod detector;
mod prefixed;
mod watched;

pub use detector::Detector;

use super::detect::Finding;
use super::kind::Kind;
use crate::status::Notices;
use std::ops::Range;

/// A detector panicked or did not answer: nobody knows what the text has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unjudged;

/// All detectors of the user.
#[derive(Debug)]
pub(super) struct Custom {
    detectors: Vec<Detector>,
    names: Vec<&'static str>,
}

impl Custom {
    pub(super) fn new(detectors: &[Detector]) -> Self {
        let names = detectors.iter().map(|detector| detector.name).collect();
        Custom { detectors: detectors.to_vec(), names }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.detectors.is_empty()
    }

    pub(super) fn names(&self) -> &[&'static str] {
        &self.names
    }

    pub(super) fn name(&self, at: u8) -> &'static str {
        self.names.get(usize::from(at)).copied().unwrap_or("custom")
    }

    pub(super) fn warn_with(&self, notices: &Notices) {
        self.detectors.iter().for_each(|detector| detector.warn_with(notices));
    }

    /// Adds what the user's detectors find; of two that overlap the first detector's stays, and that of a
    /// built-in one goes. What is left is sorted, as before.
    pub(super) fn add(&self, text: &str, findings: &mut Vec<Finding>) -> Result<(), Unjudged> {
        if self.detectors.is_empty() {
            return Ok(());
        }
        let mut found = Vec::new();
        for (at, detector) in (0_u8..).zip(&self.detectors) {
            for range in detector.find(text)? {
                if let Some(Range { start, end }) = fitted(text, range) {
                    found.push(Finding { start, end, kind: Kind::Custom(at) });
                }
            }
        }
        if found.is_empty() {
            return Ok(());
        }
        // Widened to one where it overlaps with another, so that no end of either stays.
        found.append(findings);
        found.sort_by_key(|finding| finding.start);
        for finding in found {
            match findings.last_mut().filter(|last| finding.start < last.end) {
                None => findings.push(finding),
                Some(last) => {
                    last.end = last.end.max(finding.end);
                    last.kind = first_of(last.kind, finding.kind);
                }
            }
        }
        Ok(())
    }
}

fn first_of(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (Kind::Custom(one), Kind::Custom(other)) => Kind::Custom(one.min(other)),
        (Kind::Custom(_), Kind::BuiltIn(_)) => one,
        (Kind::BuiltIn(_), Kind::Custom(_)) => other,
        (Kind::BuiltIn(_), Kind::BuiltIn(_)) => one,
    }
}

/// A range inside of the text, of whole characters; `None` where nothing is in it.
fn fitted(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let (mut start, mut end) = (range.start, range.end.min(text.len()));
    if start >= end {
        return None;
    }
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::Sensitive;

    #[test]
    fn any_range_fits() {
        for (range, fit) in [
            (0..1, Some(0..1)),
            (2..3, Some(1..3)),
            (1..2, Some(1..3)),
            (3..99, Some(3..4)),
            (4..9, None),
            (9..99, None),
            (2..2, None),
            (Range { start: 3, end: 1 }, None),
        ] {
            assert_eq!(fitted("aéb", range.clone()), fit, "{range:?}");
        }
    }

    #[test]
    fn what_overlaps_becomes_one_and_the_first_detectors() {
        let finds = |name, range: Range<usize>| Detector::new(name, move |_| vec![range.clone()]);
        let custom = Custom::new(&[finds("first", 4..8), finds("second", 6..12)]);
        let built_in = |start, end| Finding { start, end, kind: Kind::BuiltIn(Sensitive::Email) };
        let mut findings = vec![built_in(0, 2), built_in(3, 5), built_in(14, 16)];
        custom.add("0123456789abcdef", &mut findings).unwrap();
        let first = Finding { start: 3, end: 12, kind: Kind::Custom(0) };
        assert_eq!(findings, [built_in(0, 2), first, built_in(14, 16)]);
    }
}
