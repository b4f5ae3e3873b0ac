//! One pass over a text: places where something may begin, and what is found there.
//!
//! A finding begins behind a byte that is no word's, and what follows it is looked at as if a placeholder
//! stood there: so a text that was scrubbed has nothing left to scrub.

use super::super::key::KeyRules;
use super::super::kind::{Kind, Sensitive};
use super::Finding;
use super::bytes::{DIGIT, HEX, UPPER, WORD, hex_pair, is};
use super::harmless::Harmless;
use super::{screen, token};

/// The last byte of what stands in a finding's place.
const PLACEHOLDER: u8 = b']';

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
    /// Where the password of the last URL begins and ends.
    pub(super) password: (usize, usize),
    /// Names that were judged, in a long text.
    pub(super) harmless: Option<&'t mut Harmless>,
    /// Something was percent-encoded outside of the findings.
    pub(super) is_encoded: bool,
}

impl<'t> Scan<'t> {
    /// Hands out findings in order; `found` says where they end. Whether anything is percent-encoded.
    #[inline(always)]
    pub(super) fn run(mut self, mut found: impl FnMut(Finding) -> usize) -> bool {
        let mut at = 0;
        while at < self.text.len() {
            let first = screen::first_lane(self.text, at);
            let edge;
            // What stands behind a finding is judged as if a placeholder stood before it.
            let window = match screen::window(self.text, first) {
                Some(window) if at != self.floor => window,
                _ => {
                    edge = screen::edge(self.text, at, self.before(at));
                    &edge
                }
            };
            let mut lanes = screen::likely(window, at - first);
            at = first + screen::LANES;
            while let Some(lane) = lanes.next() {
                let here = first + lane;
                let (byte, before) = (window[lane + 1], window[lane]);
                if here < self.resume
                    || screen::begins(byte, before) == 0
                    || self.is_common(here, byte, before)
                {
                    continue;
                }
                if let Some(finding) = self.inspect(here, before) {
                    let end = found(finding);
                    self.floor = end;
                    self.resume = end;
                    at = end;
                    break;
                }
            }
            at = at.max(self.resume);
        }
        self.is_encoded
    }

    /// What most places turn out to be: a name in JSON that was judged before, a dash that no token has.
    #[inline(always)]
    fn is_common(&self, at: usize, byte: u8, before: u8) -> bool {
        match byte {
            b':' => before == b'"' && self.is_known(at - 1),
            b'-' | b'_' => !token::may_have_dash(self.before(at.saturating_sub(1)), before),
            _ => false,
        }
    }

    fn inspect(&mut self, at: usize, before: u8) -> Option<Finding> {
        match self.text[at] {
            b'=' | b':' => self.separator(at, 1),
            b'@' => self.email(at, 1),
            b'%' => self.percent(at),
            b'>' => self.element(at),
            b'0'..=b'9' if is(before, UPPER) => self.compact_iban(at),
            b'0'..=b'9' => self.number(at),
            b' ' => self.behind_space(at, at + 1),
            b'/' if before == b'm' => self.hook(at),
            b'/' => self.patient(at),
            b'-' | b'_' => self.dash(at),
            b'B' => self.pem(at),
            b'K' | b'S' | b'I' | b'J' | b'.' => self.capital(at),
            _ => self.escape(at),
        }
    }

    /// A percent-encoded byte: the text is decoded later, and looked at again.
    fn percent(&mut self, at: usize) -> Option<Finding> {
        self.is_encoded |= self.encoded(at).is_some();
        None
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
        let bytes = self.text.get(at..end).unwrap_or_default();
        at + bytes.iter().position(|byte| !is(*byte, class)).unwrap_or(bytes.len())
    }

    /// The beginning of the bytes of a class that end there, at most `most` of them.
    #[inline(always)]
    pub(super) fn skip_back(&self, at: usize, class: u8, most: usize) -> usize {
        let start = self.floor.max(at.saturating_sub(most));
        let bytes = self.text.get(start..at).unwrap_or_default();
        start + bytes.iter().rposition(|byte| !is(*byte, class)).map_or(0, |last| last + 1)
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
