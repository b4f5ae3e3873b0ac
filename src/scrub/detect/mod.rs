//! What is found in a text, whatever its key says.
//!
//! ```text
//! text -> scan (places where something may begin) -> detector and its checks -> findings -> rewrite
//! ```

mod bytes;
mod card;
mod element;
mod email;
mod encoded;
mod extent;
mod glance;
mod harmless;
mod header;
mod iban;
mod ip;
mod label;
mod masked;
mod medical;
mod number;
mod pem;
mod phone;
mod rewrite;
mod scan;
mod screen;
mod token;
mod url;
mod value;

use super::key::{Hint, KeyRules};
use super::kind::{Kind, Sensitive};
use encoded::Decoded;
use harmless::Harmless;
pub(super) use ip::mask as mask_ip;
pub(super) use rewrite::replace;
use scan::Scan;

/// Nothing that is shorter is looked at.
const MIN_BYTES: usize = 6;

/// Texts that are longer may have so many names that it pays to remember them.
const MANY_NAMES: usize = 256;

/// A part of a text that must not leave the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Kind,
}

/// The detectors that are on.
#[derive(Debug)]
pub(crate) struct Detectors {
    on: u16,
}

impl Detectors {
    pub(super) fn new(enabled: impl Fn(Sensitive) -> bool) -> Self {
        let bit = |kind: &Sensitive| match enabled(*kind) {
            true => 1 << *kind as u16,
            false => 0,
        };
        Detectors { on: Sensitive::ALL.iter().map(bit).fold(0, |on, bit| on | bit) }
    }

    /// Whether nothing can be in a text, told by a short look at it; few clean texts are not told so. It has
    /// no mark of ours either.
    #[inline(always)]
    pub(super) fn is_harmless(text: &str) -> bool {
        glance::is_harmless(text.as_bytes())
    }

    /// Sorted, not overlapping; allocates only where there is something.
    pub(super) fn find(&self, text: &str, hint: Hint, keys: &KeyRules) -> Vec<Finding> {
        let mut findings = Vec::new();
        if text.len() >= MIN_BYTES
            && self.on != 0
            && self.collect(text.as_bytes(), hint, keys, &mut findings)
        {
            self.find_encoded(text, hint, keys, &mut findings);
        }
        findings
    }

    /// What is found once a text is decoded.
    #[cold]
    fn find_encoded(&self, text: &str, hint: Hint, keys: &KeyRules, findings: &mut Vec<Finding>) {
        let mut decoded = Decoded::of(text);
        let mut here = findings.clone();
        for _ in 0..encoded::MAX_TIMES {
            decoded = decoded.next(&here);
            here.clear();
            let goes_on = self.collect(&decoded.text, hint, keys, &mut here);
            encoded::merge(findings, here.iter().map(|found| decoded.original(*found, text)));
            if !goes_on {
                break;
            }
        }
    }

    /// One scan; whether anything is encoded. A function of its own, so that the scan is compiled once.
    fn collect(
        &self,
        text: &[u8],
        hint: Hint,
        keys: &KeyRules,
        findings: &mut Vec<Finding>,
    ) -> bool {
        let mut names;
        let harmless = match text.len() < MANY_NAMES {
            true => None,
            false => {
                names = Harmless::NONE;
                Some(&mut names)
            }
        };
        let scan = Scan {
            text,
            keys,
            ip: hint.ip,
            on: self.on,
            floor: 0,
            resume: 0,
            password: (0, 0),
            is_encoded: false,
            harmless,
        };
        scan.run(|mut finding| {
            // Bounded reads may end inside a character.
            while text.get(finding.end).is_some_and(|byte| byte & 0xC0 == 0x80) {
                finding.end += 1;
            }
            findings.push(finding);
            finding.end
        })
    }
}

#[cfg(test)]
mod tests;
