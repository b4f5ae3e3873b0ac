//! Numbers behind a word that says whose they are: `MRN 1234567`, `NHS 943 476 5919`, `SSN 123456789`.

use super::super::kind::Sensitive;
use super::Finding;
use super::bytes::{DIGIT, UPPER, WORD, is, is_letter};
use super::number::is_ssn;
use super::scan::Scan;

/// The longest word that counts.
const MAX_WORD: usize = 8;
/// The longest id.
const MAX_ID: usize = 64;

impl Scan<'_> {
    /// A digit behind a space or the like; the word before says what it is.
    pub(super) fn labelled_number(&self, at: usize) -> Option<Finding> {
        let mut end = at;
        let mut word: &[u8] = b"";
        let mut is_number = false;
        for _ in 0..3 {
            let before = end;
            while end > self.floor
                && before - end < 3
                && matches!(self.text[end - 1], b' ' | b'#' | b':' | b'.' | b'(' | b'=')
            {
                end -= 1;
            }
            let mut start = end;
            while start > self.floor && end - start < MAX_WORD && is_letter(self.text[start - 1]) {
                start -= 1;
            }
            word = &self.text[start..end];
            if start == end || is(self.before(start), WORD) {
                return None;
            }
            let says_number = [b"no".as_slice(), b"number", b"num", b"is", b"id"]
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known));
            if !says_number {
                break;
            }
            is_number = true;
            end = start;
        }
        let is_word = |known: &[u8]| word.eq_ignore_ascii_case(known);
        match word.len() {
            3 if is_word(b"mrn") => self.record_number(at),
            3 if is_word(b"dob") => self.birth_date(at),
            3 if is_word(b"nhs") => self.nhs_number(at, is_number),
            3 if is_word(b"mbi") => self.beneficiary(at),
            5 if is_word(b"birth") => self.birth_date(at),
            8 if is_word(b"medicare") => self.beneficiary(at),
            3 if is_word(b"ssn") => self.bare_ssn(at),
            8 if is_word(b"security") => self.bare_ssn(at),
            _ => None,
        }
    }

    /// Letters, digits and dashes, at least four of them digits.
    pub(super) fn record_number(&self, at: usize) -> Option<Finding> {
        let mut end = at;
        while end < at + MAX_ID
            && (is(self.get(end), DIGIT | UPPER)
                || (self.get(end) == b'-' && is(self.get(end + 1), DIGIT | UPPER)))
        {
            end += 1;
        }
        let digits = self.text[at.min(end)..end].iter().filter(|byte| is(**byte, DIGIT)).count();
        (digits >= 4 && !is(self.get(end), WORD))
            .then(|| self.hit(Sensitive::MedicalId, at, end))?
    }

    fn birth_date(&self, at: usize) -> Option<Finding> {
        let mut end = self.skip(at, DIGIT, 5);
        let mut parts = 1;
        while parts < 3 {
            let next = match self.get(end) {
                b'-' | b'/' | b'.' | b' ' => end + 1,
                _ => break,
            };
            let part = self.skip(next, WORD, 12);
            let text = &self.text[next..part];
            let is_part = text.iter().all(|byte| is(*byte, DIGIT)) && text.len() <= 4
                || (text.len() >= 3
                    && text.iter().all(|byte| is_letter(*byte))
                    && is(text[0], UPPER));
            if text.is_empty() || !is_part {
                break;
            }
            end = part;
            parts += 1;
        }
        let is_one = parts == 3 || end - at == 8;
        (is_one && !is(self.get(end), WORD)).then(|| self.hit(Sensitive::MedicalId, at, end))?
    }

    /// Ten digits; where `NHS` alone stands before them, with the right check digit.
    fn nhs_number(&self, at: usize, is_number: bool) -> Option<Finding> {
        let groups = self.groups(at);
        let number = groups.first(&[10]).or_else(|| groups.first(&[3, 3, 4]))?;
        let fits = is_number || has_nhs_check(number.digits);
        (fits && self.ends_number(number.end))
            .then(|| self.hit(Sensitive::MedicalId, at, number.end))?
    }

    /// Eleven letters and digits, of which some places are digits and some are letters.
    fn beneficiary(&self, at: usize) -> Option<Finding> {
        let mut end = at;
        for (place, kind) in b"9ax9ax9aa99".iter().enumerate() {
            if matches!(place, 4 | 7) && self.get(end) == b'-' {
                end += 1;
            }
            let byte = self.get(end).to_ascii_uppercase();
            let is_letter =
                is(byte, UPPER) && !matches!(byte, b'S' | b'L' | b'O' | b'I' | b'B' | b'Z');
            let fits = match kind {
                b'9' => is(byte, DIGIT),
                b'a' => is_letter,
                _ => is_letter || is(byte, DIGIT),
            };
            if !fits {
                return None;
            }
            end += 1;
        }
        (self.get(at) != b'0' && !is(self.get(end), WORD))
            .then(|| self.hit(Sensitive::MedicalId, at, end))?
    }

    fn bare_ssn(&self, at: usize) -> Option<Finding> {
        let groups = self.groups(at);
        let number = groups.first(&[9]).or_else(|| groups.first(&[3, 2, 4]))?;
        let fits = is_ssn(number.digits) && self.ends_number(number.end);
        fits.then(|| self.hit(Sensitive::Ssn, at, number.end))?
    }

    /// `Patient/123`, as FHIR writes it; `at` is the slash.
    pub(super) fn patient(&self, at: usize) -> Option<Finding> {
        const NAME: &[u8] = b"patient";
        let start = at.checked_sub(NAME.len()).filter(|start| *start >= self.floor)?;
        if !self.has_letters(start, NAME) || !self.begins_word(start) {
            return None;
        }
        let from = at + 1;
        let mut end = from;
        while end < from + MAX_ID
            && (self.get(end).is_ascii_alphanumeric() || matches!(self.get(end), b'-' | b'.'))
        {
            end += 1;
        }
        while end > from && self.text[end - 1] == b'.' {
            end -= 1;
        }
        let id = &self.text[from..end];
        let digits = id.iter().filter(|byte| is(**byte, DIGIT)).count();
        let is_version = id.len() == 2 && id[0].eq_ignore_ascii_case(&b'v');
        (digits > 0 && !is_version).then(|| self.hit(Sensitive::MedicalId, from, end))?
    }
}

/// The check digit of ten: weights 10 to 2, modulo 11.
fn has_nhs_check(digits: &[u8]) -> bool {
    let Some((check, others)) = digits.split_last() else { return false };
    let sum: u32 =
        others.iter().zip((2..=10).rev()).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    others.len() == 9 && (11 - sum % 11) % 11 == u32::from(*check)
}
