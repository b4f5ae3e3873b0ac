//! `Authorization:`, `Bearer`, `Cookie:`.

use super::super::kind::Sensitive;
use super::Finding;
use super::bytes::{DIGIT, STOP, TOKEN, WORD, is, is_letter};
use super::label::Labelled;
use super::masked::{is_about, is_masked, without_end};
use super::scan::Scan;
use super::value::{Close, JUDGED};

/// The longest scheme, in bytes.
const MAX_SCHEME: usize = 24;
const SCHEMES: &[&[u8]] = &[
    b"bearer",
    b"basic",
    b"token",
    b"negotiate",
    b"ntlm",
    b"apikey",
    b"api-key",
    b"key",
    b"jwt",
    b"dpop",
    b"splunk",
    b"genie",
];
/// Theirs are lists of parameters, to the end of the line.
const LISTS: &[&[u8]] = &[
    b"digest",
    b"aws4-hmac-sha256",
    b"oauth",
    b"hawk",
    b"signature",
    b"hmac",
    b"mac",
    b"sharedkey",
];
/// The shortest credentials that stand behind `Bearer` alone, in bytes.
const MIN_BEARER: usize = 16;
/// The most backslashes before a quote.
const MAX_SLASHES: usize = 15;

impl Scan<'_> {
    /// What stands behind `Authorization:`; the scheme stays.
    pub(super) fn credentials(
        &self,
        labelled: Labelled,
        start: usize,
        close: Close,
    ) -> Option<(usize, usize)> {
        let mut scheme = start;
        while scheme < start + MAX_SCHEME && is(self.get(scheme), TOKEN) {
            scheme += 1;
        }
        let name = &self.text[start.min(scheme)..scheme];
        let is_in = |list: &[&[u8]]| list.iter().any(|known| name.eq_ignore_ascii_case(known));
        let gap = self.gap(scheme);
        let has_scheme = gap > scheme && (is_in(SCHEMES) || is_in(LISTS));
        let from = if has_scheme { gap } else { start };
        let end = |most: usize| match close {
            Close::None if has_scheme && is_in(LISTS) => {
                self.header_end(labelled, from, true, most)
            }
            Close::None => self.word_end(labelled, from, most),
            close => self.closed(start, close, most),
        };
        let value = self.text.get(from..end(JUDGED))?;
        let is_word = value.len() < MIN_BEARER && value.iter().all(|byte| is_letter(*byte));
        let is_password = name.eq_ignore_ascii_case(b"basic") && says_user_and_password(value);
        let is_none = is_masked(value)
            || is_about(value)
            || (is_word
                && !is_password
                && (has_scheme && value.len() < 8 || !has_scheme && matches!(close, Close::None)));
        (!is_none).then(|| (from, end(usize::MAX)))
    }

    /// Behind the spaces there, encoded or not.
    fn gap(&self, at: usize) -> usize {
        let mut at = at;
        for _ in 0..3 {
            at += match self.get(at) {
                b' ' | b'+' | b'\t' => 1,
                b'%' if self.has(at, b"%20") => 3,
                _ => break,
            };
        }
        at
    }

    /// The end of a header's line, or of the quotes that it stands in; also before a space that does not
    /// stand behind a comma or semicolon, unless there may be such.
    fn header_end(&self, labelled: Labelled, start: usize, has_spaces: bool, most: usize) -> usize {
        let limit = self.text.len().min(start.saturating_add(most));
        let mut at = start;
        while at < limit {
            let byte = self.text[at];
            let ends = match byte {
                b'\n' | b'\r' => true,
                b' ' => !has_spaces && !matches!(self.before(at), b';' | b',' | b' '),
                b'\\' => matches!(self.get(at + 1), b'n' | b'r'),
                b'\'' | b'`' => labelled.before == byte,
                // One behind more backslashes is a part of it.
                b'"' => {
                    labelled.before == byte
                        && self.slashes_before(at) <= self.slashes_before(labelled.start - 1)
                }
                _ => false,
            };
            if ends {
                break;
            }
            at += 1;
        }
        at
    }

    fn slashes_before(&self, at: usize) -> usize {
        let start = self.floor.max(at.saturating_sub(MAX_SLASHES));
        self.text[start.min(at)..at].iter().rev().take_while(|byte| **byte == b'\\').count()
    }

    /// What stands behind `Cookie:` or `Set-Cookie:`, to the end of the line.
    pub(super) fn cookies(&self, labelled: Labelled, start: usize) -> Option<(usize, usize)> {
        let name = self.word_end(labelled, start, 64);
        let pair = &self.text[start..name];
        let equals = pair.iter().position(|byte| *byte == b'=');
        let has_value = match equals {
            Some(equals) => !is_masked(&pair[equals + 1..]) && equals > 0,
            None => {
                self.has(start, b"%")
                    || is_one_value(without_end(pair))
                    || pair.windows(3).any(|bytes| bytes.eq_ignore_ascii_case(b"%3d"))
            }
        };
        if !has_value || is_masked(pair) {
            return None;
        }
        if labelled.is_equals {
            return Some((start, name));
        }
        // Those of `Set-Cookie` have dates with spaces; those of `Cookie` stand behind semicolons.
        let has_dates = self.has_letters(labelled.start, b"set");
        let mut end = self.header_end(labelled, name, has_dates, usize::MAX);
        while end > start && matches!(self.text[end - 1], b' ' | b'\t') {
            end -= 1;
        }
        Some((start, end))
    }

    /// `Bearer x` and `Basic x` without a header's name; `at` is the space, `next` what follows.
    pub(super) fn behind_space(&mut self, at: usize, next: usize) -> Option<Finding> {
        let word = |letters: &[u8]| {
            let start = at.checked_sub(letters.len()).filter(|start| *start >= self.floor);
            start.is_some_and(|start| self.has_letters(start, letters) && self.begins_word(start))
        };
        let behind = || self.gap(next);
        if word(b"bearer") {
            return self.bearer(behind());
        }
        if word(b"basic") {
            return self.basic(behind());
        }
        match word(b"mrn") {
            true => self.record_number(next),
            false if is(self.get(next), DIGIT) && next > at + 1 => self.number(next),
            false => None,
        }
    }

    fn bearer(&self, start: usize) -> Option<Finding> {
        let end = self.credentials_end(start);
        let value = &self.text[start..end];
        let is_opaque =
            value.iter().any(|byte| is(*byte, DIGIT) || matches!(byte, b'.' | b'_' | b'-'));
        match value.len() >= MIN_BEARER && is_opaque && !is_masked(value) {
            true => self.hit(Sensitive::Authorization, start, end),
            false => None,
        }
    }

    /// Base64 that says `user:password`.
    fn basic(&self, start: usize) -> Option<Finding> {
        let end = self.credentials_end(start);
        let value = &self.text[start..end];
        match value.len() >= 8 && says_user_and_password(value) {
            true => self.hit(Sensitive::Authorization, start, end),
            false => None,
        }
    }

    fn credentials_end(&self, start: usize) -> usize {
        let mut at = start;
        while let Some(&byte) = self.text.get(at) {
            if is(byte, STOP)
                || !(is(byte, TOKEN) || matches!(byte, b'.' | b'~' | b'+' | b'/' | b'='))
            {
                break;
            }
            at += 1;
        }
        while at > start && self.text[at - 1] == b'.' {
            at -= 1;
        }
        at
    }
}

/// Whether this is a cookie without its name.
fn is_one_value(word: &[u8]) -> bool {
    word.len() >= MIN_BEARER
        && word.iter().all(|byte| is(*byte, WORD))
        && word.iter().any(|byte| is(*byte, DIGIT))
        && word.iter().any(|byte| is_letter(*byte))
}

/// Whether base64 has a printable text with a colon in it.
fn says_user_and_password(base64: &[u8]) -> bool {
    let mut bits = 0_u32;
    let mut count = 0;
    let mut colons = 0;
    for &byte in base64.iter().take(256) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return false,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            let decoded = (bits >> count) as u8;
            if decoded < b' ' {
                return false;
            }
            colons += usize::from(decoded == b':');
        }
    }
    colons > 0
}
