//! Numbers in groups: what they can be is told by the lengths of their groups.

use super::super::kind::Sensitive;
use super::Finding;
use super::bytes::{DIGIT, WORD, is, is_letter};
use super::scan::Scan;

/// More groups than anything here has.
const MAX_GROUPS: usize = 6;
/// More digits than anything here has.
const MAX_DIGITS: usize = 20;

/// Digits in groups, with one byte between each two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Groups {
    lengths: [u8; MAX_GROUPS],
    separators: [u8; MAX_GROUPS],
    ends: [usize; MAX_GROUPS],
    count: usize,
    digits: [u8; MAX_DIGITS],
    digit_count: usize,
}

/// The first of some groups.
pub(super) struct Number<'g> {
    pub(super) digits: &'g [u8],
    /// What stands between the groups; 0 where there is one.
    pub(super) separator: u8,
    pub(super) end: usize,
}

impl Groups {
    /// The first groups, if they have these lengths and the same separator between them. Others may
    /// follow: an expiry date stands behind a card's number.
    pub(super) fn first(&self, lengths: &[u8]) -> Option<Number<'_>> {
        let fits = self.lengths[..self.count].starts_with(lengths);
        let last = lengths.len().checked_sub(1).filter(|_| fits)?;
        let separators = &self.separators[..last];
        let separator = separators.first().copied().unwrap_or(0);
        let is_uniform = separators.iter().all(|other| *other == separator);
        let count = lengths.iter().map(|length| usize::from(*length)).sum();
        let digits = self.digits.get(..count).filter(|_| is_uniform)?;
        Some(Number { digits, separator, end: self.ends[last] })
    }

    /// The first group alone.
    pub(super) fn head(&self) -> Option<Number<'_>> {
        self.first(&self.lengths[..self.count.min(1)])
    }
}

impl Scan<'_> {
    /// A digit that no word's byte, dot or dash stands before.
    pub(super) fn number(&mut self, at: usize) -> Option<Finding> {
        let run = self.skip(at, DIGIT, usize::MAX);
        self.resume = run;
        let length = run - at;
        let before = self.before(at);
        let next = self.get(run);
        let may_go_on = matches!(next, b' ' | b'-' | b'.' | b')' | b'%' | b'+');
        let is_alone = matches!(before, b'"' | b',' | b'[' | b'=' | b'/' | b'\n')
            || (before == b':' && !is(self.before(at - 1), WORD));
        if !may_go_on && length < 13 && is_alone {
            return None;
        }
        if matches!(before, b' ' | b'#' | b':' | b'(')
            && self.may_be_labelled(before, self.before(at - 1))
            && let Some(finding) = self.labelled_number(at)
        {
            return Some(finding);
        }
        if before == b'+' {
            return self.international(at);
        }
        match (length, next) {
            (13..=19, _) => self.card(at),
            // The second group of a date is shorter.
            (4, b' ' | b'-' | b'.' | b'%' | b'+') => match self.long_group(run) {
                None => self.spaced_iban(at),
                card => card,
            },
            (1 | 3, b'-' | b'.' | b' ' | b')' | b'%' | b'+') => {
                let number = match self.get(run) {
                    b'.' => self.ipv4(at),
                    b'-' => self.ssn(at),
                    _ => None,
                };
                let number = number.or_else(|| self.local_phone(at));
                if number.is_none() && before == b' ' {
                    return self.spaced_iban(at);
                }
                number
            }
            (2, b'.') => self.ipv4(at),
            (1..=4, _) if before == b' ' => self.spaced_iban(at),
            _ => None,
        }
    }

    /// Whether a label may stand before a number, or one of two bytes between them.
    #[inline(always)]
    fn may_be_labelled(&self, before: u8, earlier: u8) -> bool {
        is_letter(earlier)
            || (earlier != before && matches!(earlier, b' ' | b'#' | b':' | b'.' | b'(' | b'='))
    }

    fn long_group(&self, run: usize) -> Option<Finding> {
        match is(self.get(run + 3), DIGIT) {
            true => self.card(run - 4),
            false => None,
        }
    }

    /// Reads groups of digits; a separator counts where a digit follows.
    pub(super) fn groups(&self, at: usize) -> Groups {
        let mut groups = Groups {
            lengths: [0; MAX_GROUPS],
            separators: [0; MAX_GROUPS],
            count: 0,
            digits: [0; MAX_DIGITS],
            digit_count: 0,
            ends: [at; MAX_GROUPS],
        };
        let mut at = at;
        while groups.count < MAX_GROUPS {
            let start = at;
            while is(self.get(at), DIGIT) && groups.digit_count < MAX_DIGITS {
                groups.digits[groups.digit_count] = self.get(at) - b'0';
                groups.digit_count += 1;
                at += 1;
            }
            // What a word goes on from is none of the number's groups.
            if at == start || (groups.count > 0 && self.is_word_behind(at)) {
                groups.digit_count -= at - start;
                break;
            }
            groups.lengths[groups.count] = (at - start) as u8;
            groups.ends[groups.count] = at;
            groups.count += 1;
            let (separator, width) = match self.get(at) {
                separator @ (b' ' | b'-' | b'.') => (separator, 1),
                b'+' => (b' ', 1),
                b'%' => match self.encoded(at) {
                    Some((b' ', width)) => (b' ', width),
                    _ => break,
                },
                _ => break,
            };
            if !is(self.get(at + width), DIGIT) {
                break;
            }
            groups.separators[groups.count - 1] = separator;
            at += width;
        }
        groups
    }

    /// Whether digits that end there are the beginning of a word, or of a mail address.
    pub(super) fn is_word_behind(&self, at: usize) -> bool {
        is(self.get(at), WORD) || self.is_at_sign(at)
    }

    /// Whether a word stands there, or what may be a placeholder of one.
    pub(super) fn goes_on(&self, at: usize) -> bool {
        is(self.get(at), WORD) || self.get(at) == b'['
    }

    /// Whether a number ends there: no word goes on, and no digit behind a dot or a dash.
    pub(super) fn ends_number(&self, end: usize) -> bool {
        let next = self.get(end);
        let goes_on = matches!(next, b'.' | b'-') && self.goes_on(end + 1);
        !is(next, WORD) && !goes_on
    }

    /// The three groups of a social security number.
    fn ssn(&self, at: usize) -> Option<Finding> {
        let groups = self.groups(at);
        let number = groups.first(&[3, 2, 4])?;
        let is_one =
            number.separator == b'-' && is_ssn(number.digits) && self.ends_number(number.end);
        is_one.then(|| self.hit(Sensitive::Ssn, at, number.end))?
    }
}

/// Whether nine digits can be a social security number.
pub(super) fn is_ssn(digits: &[u8]) -> bool {
    let [a, b, c, d, e, rest @ ..] = digits else { return false };
    let area = [*a, *b, *c];
    rest.len() == 4
        && area != [0, 0, 0]
        && area != [6, 6, 6]
        && *a != 9
        && (*d, *e) != (0, 0)
        && rest != [0, 0, 0, 0]
}

/// The check digit of cards and others: doubled at every second place from the right.
pub(super) fn has_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| match (place % 2 == 1, u32::from(digit)) {
            (true, digit) if digit > 4 => digit * 2 - 9,
            (true, digit) => digit * 2,
            (false, digit) => digit,
        })
        .sum();
    sum.is_multiple_of(10)
}
