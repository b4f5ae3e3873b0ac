//! International bank account numbers.

use super::super::kind::Sensitive;
use super::Finding;
use super::bytes::{DIGIT, UPPER, WORD, is, is_letter};
use super::scan::Scan;

/// The countries that take part, and the lengths of their numbers.
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];
const GROUP: usize = 4;

impl Scan<'_> {
    /// A digit behind a capital.
    pub(super) fn compact_iban(&self, at: usize) -> Option<Finding> {
        let start = at.checked_sub(2).filter(|start| *start >= self.floor)?;
        if !is_letter(self.text[start]) || !is(self.get(at + 1), DIGIT) || !self.begins_word(start)
        {
            return None;
        }
        match self.is_separated(start + GROUP) {
            true => self.iban(start),
            false => match is(self.get(start + GROUP), WORD) {
                true => self.iban(start),
                false => None,
            },
        }
    }

    /// A digit that begins a group behind the first: back to the letters of the country.
    pub(super) fn spaced_iban(&self, at: usize) -> Option<Finding> {
        let mut start = at;
        for _ in 0..3 {
            if !matches!(self.before(start), b' ' | b'-') {
                return None;
            }
            let end = start - 1;
            start = self.skip_back(end, WORD, GROUP + 1);
            if end - start != GROUP {
                return None;
            }
            if is_letter(self.text[start])
                && is_letter(self.text[start + 1])
                && is(self.text[start + 2], DIGIT)
            {
                return self.iban(start);
            }
        }
        None
    }

    fn is_separated(&self, at: usize) -> bool {
        matches!(self.get(at), b' ' | b'-') && self.get(at + 1).is_ascii_alphanumeric()
    }

    fn iban(&self, start: usize) -> Option<Finding> {
        let country =
            [self.get(start).to_ascii_uppercase(), self.get(start + 1).to_ascii_uppercase()];
        let at = LENGTHS.binary_search_by(|(name, _)| (*name).cmp(&country)).ok()?;
        let length = LENGTHS[at].1;
        let separator = match self.is_separated(start + GROUP) {
            true => Some(self.get(start + GROUP)),
            false => None,
        };
        let mut letters = [0; 34];
        let mut at = start;
        for (index, letter) in letters[..length].iter_mut().enumerate() {
            if index > 0 && index % GROUP == 0 && separator == Some(self.get(at)) {
                at += 1;
            }
            *letter = self.get(at);
            if !letter.is_ascii_alphanumeric() {
                return None;
            }
            at += 1;
        }
        let is_one =
            is(letters[2], DIGIT) && is(letters[3], DIGIT) && !is(self.get(at), WORD | UPPER);
        (is_one && has_right_rest(&letters[..length]))
            .then(|| self.hit(Sensitive::Iban, start, at))?
    }
}

/// Whether the number made of all letters, the first four behind the others, leaves 1 when divided by 97.
fn has_right_rest(letters: &[u8]) -> bool {
    let (check, account) = letters.split_at(GROUP);
    let rest = account.iter().chain(check).fold(0_u32, |rest, letter| match letter {
        b'0'..=b'9' => (rest * 10 + u32::from(letter - b'0')) % 97,
        _ => (rest * 100 + u32::from(letter.to_ascii_uppercase() - b'A') + 10) % 97,
    });
    rest == 1
}
