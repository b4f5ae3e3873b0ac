//! Where a value ends that is not in quotes, by what its label asks for.

use super::super::key::Label;
use super::bytes::{DIGIT, STOP, UPPER, WORD, is, is_letter};
use super::label::Labelled;
use super::scan::Scan;
use super::value::JUDGED;

/// The longest phrase or address.
const MAX_PHRASE: usize = 120;

impl Scan<'_> {
    pub(super) fn unquoted_end(&self, labelled: Labelled, demand: Label, start: usize) -> usize {
        let end = self.word_end(labelled, start, JUDGED);
        let end = match demand {
            _ if labelled.is_encoded || end == start => end,
            Label::Digits => self.groups_end(start).max(end),
            Label::Name => self.names_end(end),
            Label::Address => self.line_end(end),
            Label::Phrase => self.phrase_end(end),
            Label::Date => self.date_end(end),
            _ => self.after_scheme(labelled, start, end),
        };
        end.max(start)
    }

    /// The end of a value without spaces.
    pub(super) fn word_end(&self, labelled: Labelled, start: usize, most: usize) -> usize {
        let limit = self.text.len().min(start.saturating_add(most));
        let mut at = start;
        while at < limit {
            let byte = self.text[at];
            let ends = match byte {
                b'%' if labelled.is_encoded => {
                    self.encoded(at).is_some_and(|(byte, _)| is(byte, STOP))
                }
                b'#' => labelled.is_in_query(),
                // Quotation marks, dashes and spaces of prose; those of Chinese and Japanese.
                0xC2 => self.get(at + 1) == 0xA0,
                0xE2 | 0xE3 => self.get(at + 1) == 0x80,
                0xEF => self.get(at + 1) == 0xBC,
                byte => is(byte, STOP),
            };
            if ends {
                break;
            }
            at += 1;
        }
        // A full stop behind the value.
        while at > start
            && at < start.saturating_add(most)
            && matches!(self.text[at - 1], b'.' | b':')
        {
            at -= 1;
        }
        at
    }

    /// `token: Bearer x` has its value behind the scheme.
    fn after_scheme(&self, labelled: Labelled, start: usize, end: usize) -> usize {
        let scheme = &self.text[start..end];
        let is_scheme =
            [b"bearer".as_slice(), b"basic"].iter().any(|name| scheme.eq_ignore_ascii_case(name));
        match is_scheme && self.get(end) == b' ' {
            true => self.word_end(labelled, end + 1, JUDGED),
            false => end,
        }
    }

    /// Digits in groups: `+1 (415) 555-0132`, `GB29 NWBK 6016 1331 9268 19`.
    fn groups_end(&self, start: usize) -> usize {
        let limit = self.text.len().min(start + JUDGED);
        let mut at = start;
        let mut end = start;
        while at < limit {
            match self.text[at] {
                byte if byte.is_ascii_alphanumeric() => end = at + 1,
                b'+' | b'(' | b')' | b'-' | b'.' | b'/' => {}
                b' ' if is(self.get(at + 1), DIGIT) || self.get(at + 1) == b'(' => {}
                b' ' if self.is_capital_group(at + 1) => {}
                _ => break,
            }
            at += 1;
        }
        end
    }

    /// Four capitals or digits, as in an IBAN.
    fn is_capital_group(&self, at: usize) -> bool {
        self.skip(at, UPPER | DIGIT, 5) == at + 4 && !is(self.get(at + 4), WORD)
    }

    fn names_end(&self, end: usize) -> usize {
        let mut end = end;
        for _ in 0..3 {
            let begins = self.get(end) == b' '
                && (is(self.get(end + 1), UPPER) || is_foreign_letter(self.get(end + 1)));
            let next = self.plain_word(end + 1);
            if !begins || next == end + 1 {
                break;
            }
            end = next;
        }
        end
    }

    fn phrase_end(&self, end: usize) -> usize {
        let mut end = end;
        for _ in 0..8 {
            let next = self.plain_word(end + 1);
            if self.get(end) != b' ' || next <= end + 1 {
                break;
            }
            end = next;
        }
        end
    }

    /// A word of letters, if no label.
    fn plain_word(&self, start: usize) -> usize {
        let mut at = start;
        while is_letter(self.get(at))
            || is_foreign_letter(self.get(at))
            || matches!(self.get(at), b'-' | b'\'')
        {
            at += 1;
            if at > start + JUDGED {
                return start;
            }
        }
        match self.get(at) {
            b'=' | b':' | b'[' | b'(' => start,
            _ => at,
        }
    }

    /// The rest of a line, up to the next pair.
    fn line_end(&self, end: usize) -> usize {
        let limit = self.text.len().min(end + MAX_PHRASE);
        let mut at = end;
        let mut space = None;
        while at < limit {
            match self.text[at] {
                b' ' => space = Some(at),
                b'=' | b':' => return space.unwrap_or(end).max(end),
                b'\n' | b'\r' | b';' | b'|' | b'"' | b'{' | b'}' | b'<' | b'>' | b'\\' | b'&'
                | b'[' => break,
                _ => {}
            }
            at += 1;
        }
        while at > end && matches!(self.text[at - 1], b' ' | b'.' | b',') {
            at -= 1;
        }
        at
    }

    /// `12 March 1980`, `Jan 2, 1980`.
    fn date_end(&self, end: usize) -> usize {
        let mut end = end;
        for _ in 0..2 {
            let mut at = end;
            if self.get(at) == b',' {
                at += 1;
            }
            if self.get(at) != b' ' {
                break;
            }
            let next = self.skip(at + 1, WORD, 10);
            let word = &self.text[at + 1..next];
            let is_number = !word.is_empty() && is(word[0], DIGIT);
            let is_month = word.len() >= 3 && is(word[0], UPPER);
            if !(is_number || is_month) {
                break;
            }
            end = next;
        }
        end
    }
}

/// A byte of a letter that is not ASCII: of two bytes, or of those of three that are no punctuation.
fn is_foreign_letter(byte: u8) -> bool {
    matches!(byte, 0x80..=0xBF | 0xC3..=0xDF | 0xE4..=0xED)
}
