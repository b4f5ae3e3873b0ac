//! Telephone numbers: `+` and a country's code, or three groups as in North America.

use super::super::kind::Sensitive;
use super::Finding;
use super::bytes::{DIGIT, WORD, is};
use super::scan::Scan;

impl Scan<'_> {
    /// A digit behind a `+`.
    pub(super) fn international(&self, at: usize) -> Option<Finding> {
        let plus = at.checked_sub(1).filter(|plus| *plus >= self.floor)?;
        let (start, begins) = match self.encoded(at.saturating_sub(3)) {
            _ if self.text[plus] == b'+' => (
                plus,
                !matches!(self.before(plus), b'+' | b'-' | b'.' | b')' | b']')
                    && !is(self.before(plus), WORD)
                    || self.begins_word(plus),
            ),
            _ => (at, true),
        };
        if !begins || self.get(at) == b'0' {
            return None;
        }
        let mut count = 0;
        let mut here = at;
        let mut end = at;
        let mut groups = 1;
        loop {
            let run = self.skip(here, DIGIT, 16);
            if groups > 1 && (self.is_word_behind(run) || count + run - here > 15) {
                break;
            }
            count += run - here;
            end = if run > here { run } else { end };
            if count > 15 || (self.get(at) == b'1' && count >= 11) {
                break;
            }
            let next = self.phone_gap(run);
            if next == run || !is(self.get(next), DIGIT) || groups > 6 {
                break;
            }
            groups += 1;
            here = next;
        }
        let fits = match self.get(at) {
            b'1' => count == 11,
            _ => (10..=15).contains(&count),
        };
        (fits && self.ends_phone(end)).then(|| self.hit(Sensitive::Phone, start, end))?
    }

    /// Behind what may stand between two groups.
    fn phone_gap(&self, at: usize) -> usize {
        let mut at = at;
        for _ in 0..3 {
            at += match self.get(at) {
                b' ' | b'-' | b'.' | b'(' | b')' | b'/' => 1,
                b'%' => match self.encoded(at) {
                    Some((b' ' | b'(' | b')' | b'-', width)) => width,
                    _ => break,
                },
                _ => break,
            };
        }
        at
    }

    /// `(415) 555-0132`, `415-555-0132`, `1.415.555.0132`.
    pub(super) fn local_phone(&self, at: usize) -> Option<Finding> {
        let mut area = at;
        let mut start = at;
        if self.skip(at, DIGIT, 4) == at + 1 {
            if self.get(at) != b'1' {
                return None;
            }
            area = self.phone_gap(at + 1);
        }
        let area_end = self.skip(area, DIGIT, 4);
        if area_end != area + 3 {
            return None;
        }
        let is_bracketed = self.get(area_end) == b')' && self.before(area) == b'(';
        if is_bracketed && area == at {
            start = at - 1;
        }
        let (mut exchange, mut separator) = (area_end + 1, self.get(area_end));
        if is_bracketed {
            exchange = self.phone_gap(area_end);
            separator = b' ';
        }
        let exchange_end = self.skip(exchange, DIGIT, 4);
        let line_end = self.skip(exchange_end + 1, DIGIT, 5);
        let inner = self.get(exchange_end);
        let is_uniform = match is_bracketed {
            true => matches!(inner, b'-' | b' ' | b'.'),
            false => inner == separator && matches!(separator, b'-' | b' ' | b'.'),
        };
        let is_code = |at: usize| !is_bracketed && matches!(self.get(at), b'0' | b'1');
        let is_one = is_uniform
            && exchange_end == exchange + 3
            && line_end == exchange_end + 5
            && !is_code(area)
            && !self.has(area, b"000")
            && !self.has(exchange, b"000")
            && !(separator == b' ' && !is_bracketed && self.is_in_row(start, line_end))
            && self.before(start) != b'/'
            && self.ends_phone(line_end);
        is_one.then(|| self.hit(Sensitive::Phone, start, line_end))?
    }

    /// Whether more numbers stand before or behind: a row of them is no telephone number.
    fn is_in_row(&self, start: usize, end: usize) -> bool {
        let before = start.checked_sub(2).filter(|before| *before >= self.floor);
        let run = self.skip(end + 1, DIGIT, 16);
        let is_number = run > end + 1 && !self.is_word_behind(run);
        // What was a number may be gone already.
        let behind = self.get(end) == b' ' && (is_number || self.has(end + 1, b"[REDACTED"));
        behind
            || (self.before(start) == b' '
                && before.is_some_and(|before| is(self.text[before], DIGIT)))
    }

    fn ends_phone(&self, end: usize) -> bool {
        let is_encoded = self.encoded(end).is_some();
        self.ends_number(end) && (is_encoded || !matches!(self.get(end), b':' | b'%'))
    }
}
