//! One pass over a text: places where something may begin, and what is found there.
//!
//! A finding begins behind a byte that is no word's, and what follows it is looked at as if a placeholder
//! stood there: so a text that was scrubbed has nothing left to scrub.

use super::super::key::KeyRules;
use super::super::kind::{Kind, Sensitive};
use super::Finding;
use super::bytes::{DIGIT, HEX, WORD, hex_pair, is};

// What may begin at a byte, by this byte and the one before it.
const ANY: u8 = 1;
const NUMBER: u8 = 1 << 1;
const GAP: u8 = 1 << 2;
const SLASH: u8 = 1 << 3;
const DASH: u8 = 1 << 4;
const CAPITAL: u8 = 1 << 5;
const COUNTRY: u8 = 1 << 6;
const ESCAPE: u8 = 1 << 7;

/// What may begin at this byte ..
static BEGINS: [u8; 256] = {
    let mut begins = [0; 256];
    let mut at = 0;
    while at < 256 {
        begins[at] = match at as u8 {
            b'=' | b':' | b'@' | b'%' => ANY,
            b'0'..=b'9' => NUMBER | COUNTRY,
            b' ' => GAP,
            b'/' => SLASH,
            b'-' | b'_' => DASH,
            b'.' | b'K' | b'S' | b'I' | b'J' => CAPITAL,
            b'n' | b'r' | b't' | b'u' => ESCAPE,
            _ => 0,
        };
        at += 1;
    }
    begins
};

/// .. behind this one.
static BEHIND: [u8; 256] = {
    let mut behind = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        behind[at] =
            ANY | match byte {
                b'a'..=b'z' | b'-' => DASH,
                b'A'..=b'Z' => COUNTRY,
                b'0'..=b'9' | b'_' | b'.' => 0,
                _ => NUMBER,
            } | match byte {
                b'r' | b'R' | b'c' | b'C' | b'N' => GAP,
                b't' | b'T' => SLASH,
                b'A' | b'y' => CAPITAL,
                b'\\' => ESCAPE,
                _ => 0,
            } | match byte {
                b'G' => CAPITAL,
                _ => 0,
            };
        at += 1;
    }
    behind
};

/// The last byte of what stands in a finding's place.
const PLACEHOLDER: u8 = b']';

/// What may begin at each of at most eight bytes, one byte each, and the last of them.
#[inline(always)]
fn hits(bytes: &[u8], before: u8) -> (u64, u8) {
    let mut before = before;
    let mut hits = 0;
    for (lane, &byte) in bytes.iter().enumerate() {
        let begins = BEGINS[usize::from(byte)] & BEHIND[usize::from(before)];
        hits |= u64::from(begins) << (8 * lane);
        before = byte;
    }
    (hits, before)
}

/// A text, and how far it has been read.
pub(super) struct Scan<'t> {
    pub(super) text: &'t [u8],
    pub(super) keys: &'t KeyRules,
    pub(super) ip: bool,
    /// The kinds that are on, by their numbers.
    pub(super) on: u16,
    /// The end of the last finding: nothing looks back beyond.
    pub(super) floor: usize,
    /// Where the next thing may begin.
    pub(super) resume: usize,
}

impl<'t> Scan<'t> {
    /// Hands out findings in order until `found` says that this is enough.
    #[inline(always)]
    pub(super) fn run(mut self, mut found: impl FnMut(Finding) -> bool) {
        let text = self.text;
        let mut at = 0;
        let mut before = b'\n';
        while at < text.len() {
            let (mut hits, last) = match text.get(at..at + 8) {
                Some(bytes) => hits(bytes, before),
                None => hits(&text[at..], before),
            };
            let block = at;
            at += 8;
            before = last;
            while hits != 0 {
                let lane = hits.trailing_zeros() / 8;
                let begins = (hits >> (8 * lane)) as u8;
                hits &= !(0xFF << (8 * lane));
                let here = block + lane as usize;
                if here < self.resume {
                    continue;
                }
                if let Some(finding) = self.inspect(here, begins) {
                    if !found(finding) {
                        return;
                    }
                    self.floor = finding.end;
                    self.resume = finding.end;
                    at = finding.end;
                    before = PLACEHOLDER;
                    break;
                }
            }
            if at < self.resume {
                at = self.resume;
                before = text[at - 1];
            }
        }
    }

    fn inspect(&mut self, at: usize, begins: u8) -> Option<Finding> {
        match self.text[at] {
            b'=' | b':' => self.separator(at, 1),
            b'@' => self.email(at, 1),
            b'%' => self.percent(at),
            b'0'..=b'9' if begins & NUMBER != 0 => self.number(at),
            b'0'..=b'9' => self.compact_iban(at),
            b' ' => self.behind_space(at, at + 1),
            b'/' => self.patient(at),
            b'-' | b'_' => self.dash(at),
            b'K' | b'S' | b'I' | b'J' | b'.' => self.capital(at),
            _ => self.escape(at),
        }
    }

    /// A percent-encoded byte, perhaps encoded twice.
    fn percent(&mut self, at: usize) -> Option<Finding> {
        let (byte, width) = self.encoded(at)?;
        match byte {
            b'=' | b':' => self.separator(at, width),
            b'@' => self.email(at, width),
            b' ' => self.behind_space(at, at + width),
            b'+' if is(self.get(at + width), DIGIT) => self.international(at + width),
            _ => self.number_at(at + width),
        }
    }

    /// The byte that `%xx` or `%25xx` stands for, and the width.
    pub(super) fn encoded(&self, at: usize) -> Option<(u8, usize)> {
        if self.get(at) != b'%' {
            return None;
        }
        match hex_pair(self.get(at + 1), self.get(at + 2))? {
            b'%' => match hex_pair(self.get(at + 3), self.get(at + 4)) {
                Some(byte) => Some((byte, 5)),
                None => Some((b'%', 3)),
            },
            byte => Some((byte, 3)),
        }
    }

    /// `\n` and its like end what stands before them; `\u0040` is a byte.
    fn escape(&mut self, at: usize) -> Option<Finding> {
        if self.text[at] != b'u' {
            return self.number_at(at + 1);
        }
        if self.get(at + 1) != b'0' || self.get(at + 2) != b'0' || at < self.floor + 1 {
            return None;
        }
        match hex_pair(self.get(at + 3), self.get(at + 4))? {
            b'=' | b':' => self.separator(at - 1, 6),
            b'@' => self.email(at - 1, 6),
            _ => self.number_at(at + 5),
        }
    }

    /// What begins behind an escape, where the byte before looks like a word's.
    fn number_at(&mut self, at: usize) -> Option<Finding> {
        match is(self.get(at), DIGIT) {
            true => self.number(at),
            false => None,
        }
    }

    /// The byte there; none is 0.
    #[inline(always)]
    pub(super) fn get(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    /// The byte before, as it will be when findings are replaced.
    #[inline(always)]
    pub(super) fn before(&self, at: usize) -> u8 {
        match at {
            at if at > self.floor => self.text[at - 1],
            0 => b'\n',
            _ => PLACEHOLDER,
        }
    }

    /// Whether `bytes` stand there.
    #[inline(always)]
    pub(super) fn has(&self, at: usize, bytes: &[u8]) -> bool {
        self.text.get(at..).is_some_and(|rest| rest.starts_with(bytes))
    }

    /// Whether lower-case letters stand there, in upper or lower case.
    pub(super) fn has_letters(&self, at: usize, letters: &[u8]) -> bool {
        self.text
            .get(at..at + letters.len())
            .is_some_and(|bytes| bytes.eq_ignore_ascii_case(letters))
    }

    /// Whether a word can begin there: the byte before is no word's, or belongs to an escape.
    pub(super) fn begins_word(&self, at: usize) -> bool {
        !is(self.before(at), WORD) || self.is_behind_escape(at)
    }

    fn is_behind_escape(&self, at: usize) -> bool {
        let back = |bytes: usize| match at >= self.floor + bytes {
            true => self.text[at - bytes],
            false => 0,
        };
        (back(2) == b'\\' && matches!(back(1), b'n' | b'r' | b't'))
            || (is(back(1), HEX)
                && is(back(2), HEX)
                && (back(3) == b'%' || (back(6) == b'\\' && back(5) == b'u')))
    }

    /// The end of the bytes of a class, at most `most` of them.
    #[inline(always)]
    pub(super) fn skip(&self, at: usize, class: u8, most: usize) -> usize {
        let end = self.text.len().min(at.saturating_add(most));
        let mut at = at;
        while at < end && is(self.text[at], class) {
            at += 1;
        }
        at
    }

    /// The beginning of the bytes of a class that end there, at most `most` of them.
    #[inline(always)]
    pub(super) fn skip_back(&self, at: usize, class: u8, most: usize) -> usize {
        let start = self.floor.max(at.saturating_sub(most));
        let mut at = at;
        while at > start && is(self.text[at - 1], class) {
            at -= 1;
        }
        at
    }

    pub(super) fn is_on(&self, kind: Sensitive) -> bool {
        self.on & (1 << kind as u16) != 0
    }

    /// A finding, if its kind is on and it is one.
    pub(super) fn hit(&self, kind: Sensitive, start: usize, end: usize) -> Option<Finding> {
        let is_one = self.is_on(kind) && start >= self.floor && start < end;
        is_one.then_some(Finding { start, end, kind: Kind::BuiltIn(kind) })
    }
}
