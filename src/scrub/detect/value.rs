//! The value behind a label: where it ends, and whether it is one.

use super::super::key::Label;
use super::bytes::{DIGIT, WORD, is, is_letter};
use super::label::Labelled;
use super::masked::{is_about, is_masked};
use super::scan::Scan;

/// So much of a value is judged; one that is longer is no placeholder.
pub(super) const JUDGED: usize = 64;
/// The spaces before a value.
const MAX_SPACES: usize = 16;

/// How a value begins.
struct Opening {
    /// Its first byte.
    at: usize,
    /// What closes it; empty where it is not in quotes.
    close: Close,
    /// A space stands before it.
    is_spaced: bool,
}

#[derive(Clone, Copy)]
enum Close {
    None,
    /// A quote behind so many backslashes.
    Quote(u8, usize),
    /// An encoded quote.
    Encoded(&'static [u8]),
    /// The `]` of a list.
    List,
}

const ENCODED_QUOTES: &[&[u8]] =
    &[b"%22", b"%27", b"%2522", b"%5C%22", b"\\u0022", b"&quot;", b"&#34;"];

impl Scan<'_> {
    /// Where a value begins and ends, if it is what its label asks for.
    pub(super) fn value(&self, labelled: Labelled, demand: Label) -> Option<(usize, usize)> {
        let opening = self.opening(labelled);
        let start = opening.at;
        match (demand, opening.close) {
            (Label::Authorization, close) => {
                return self.credentials(labelled, start, self.bound(start, close));
            }
            (Label::Cookie, Close::None) => return self.cookies(labelled, start),
            _ => {}
        }
        let end = match opening.close {
            Close::None => self.unquoted_end(labelled, demand, start),
            close => self.closed(start, close),
        };
        let judged = &self.text[start.min(end)..end.min(start + JUDGED)];
        let is_quoted = !matches!(opening.close, Close::None);
        if !self.is_value(judged, labelled, demand, is_quoted, opening.is_spaced) {
            return None;
        }
        // Bounded while it was not known to be one.
        match end - start >= JUDGED && !is_quoted {
            true => Some((start, self.word_end(labelled, end, usize::MAX))),
            false => Some((start, end)),
        }
    }

    fn opening(&self, labelled: Labelled) -> Opening {
        let mut at = labelled.value;
        // `=>`, `==`, `:=`
        if matches!((labelled.is_equals, self.get(at)), (true, b'>' | b'=') | (false, b'=')) {
            at += 1;
        }
        let before = at;
        while at - before < MAX_SPACES {
            at += match self.get(at) {
                b' ' | b'\t' => 1,
                b'+' if labelled.is_encoded => 1,
                b'%' if self.has(at, b"%20") => 3,
                _ => break,
            };
        }
        let is_spaced = at > before;
        // `Some("..")`, `b".."`
        let word = self.skip(at, WORD, 24);
        let inner = match self.get(word) {
            b'(' if word > at => word + 1,
            _ => word,
        };
        let (at, close) = match self.quote(inner) {
            Some((width, close)) if inner > word || word - at <= 1 => (inner + width, close),
            _ => match self.get(at) {
                b'[' if !self.has(at, b"[REDACTED") && !labelled.is_encoded => self.list(at + 1),
                _ => (at, Close::None),
            },
        };
        Opening { at, close, is_spaced }
    }

    /// An opening quote: its width, and what closes it.
    fn quote(&self, at: usize) -> Option<(usize, Close)> {
        let mut slashes = 0;
        while slashes < 15 && self.get(at + slashes) == b'\\' {
            slashes += 1;
        }
        match self.get(at + slashes) {
            quote @ (b'"' | b'\'' | b'`') => Some((slashes + 1, Close::Quote(quote, slashes))),
            b'%' | b'&' | b'u' => ENCODED_QUOTES
                .iter()
                .find(|quote| self.has(at, quote))
                .map(|quote| (quote.len(), Close::Encoded(quote))),
            _ => None,
        }
    }

    /// A list's inside, without the quotes at its ends, so that it stays a list.
    fn list(&self, at: usize) -> (usize, Close) {
        match self.get(at) {
            b'"' => (at + 1, Close::List),
            b'{' | b'[' => (at, Close::None),
            _ => (at, Close::List),
        }
    }

    fn bound(&self, start: usize, close: Close) -> Option<usize> {
        match close {
            Close::None => None,
            close => Some(self.closed(start, close)),
        }
    }

    /// Where what closes a value stands; at the end of the line or the text if nothing does.
    fn closed(&self, start: usize, close: Close) -> usize {
        let rest = self.text.get(start..).unwrap_or_default();
        let found = match close {
            Close::None => None,
            Close::Encoded(quote) => rest.windows(quote.len()).position(|bytes| bytes == quote),
            Close::List => {
                rest.iter().position(|byte| *byte == b']').map(|end| match rest[..end].last() {
                    Some(b'"') => end - 1,
                    _ => end,
                })
            }
            Close::Quote(quote, slashes) => {
                self.quote_end(start, quote, slashes).map(|end| end - start)
            }
        };
        let line = || rest.iter().position(|byte| *byte == b'\n');
        start + found.or_else(line).unwrap_or(rest.len())
    }

    fn quote_end(&self, start: usize, quote: u8, slashes: usize) -> Option<usize> {
        let mut at = start;
        let mut run = 0;
        loop {
            match *self.text.get(at)? {
                b'\\' => run += 1,
                // Deeper quotes are a part of the value; those of what is around it end it.
                byte if byte == quote
                    && (run <= slashes && (slashes > 0 || run == 0)
                        || (slashes == 0 && run % 2 == 0)) =>
                {
                    return Some(at - run.min(slashes));
                }
                b'"' if run == 0 && slashes > 0 => return Some(at),
                _ => run = 0,
            }
            at += 1;
        }
    }

    fn is_value(
        &self,
        value: &[u8],
        labelled: Labelled,
        demand: Label,
        is_quoted: bool,
        is_spaced: bool,
    ) -> bool {
        if is_masked(value) || is_about(value) || value.starts_with(b"-----BEGIN") {
            return false;
        }
        if !is_quoted && is_code(value, is_spaced) {
            return false;
        }
        let is_prose = is_spaced && !labelled.is_equals && !labelled.is_quoted && !is_quoted;
        let letters = || count(value, is_letter);
        let digits = || count(value, |byte| is(byte, DIGIT));
        let is_opaque = || match (digits(), letters()) {
            (1.., 1..) => true,
            // An address, a version.
            (_, 0) if value.contains(&b'.') => false,
            (digits, _) => digits >= 6 || value.len() >= 16,
        };
        // A part of it is gone already: it was no secret when it was whole.
        if has_placeholder(value) {
            return false;
        }
        match demand {
            Label::Mail => false,
            Label::Digits | Label::Date => digits() >= 4,
            Label::Opaque => is_opaque() || (!is_prose && letters() > 0),
            Label::Weak if labelled.is_in_query() => {
                value.len() >= 6 && is_opaque() || (letters() >= 4 && value.len() >= 8)
            }
            Label::Weak => value.len() >= 6 && is_opaque(),
            Label::Cookie => value.contains(&b'=') || is_opaque(),
            _ => true,
        }
    }
}

fn has_placeholder(value: &[u8]) -> bool {
    value.contains(&b'[') && value.windows(9).any(|bytes| bytes == b"[REDACTED")
}

fn count(value: &[u8], is_one: impl Fn(u8) -> bool) -> usize {
    value.iter().filter(|byte| is_one(**byte)).count()
}

/// Whether what stands without quotes is a call, a placeholder of SQL, a template, or the next pair.
fn is_code(value: &[u8], is_spaced: bool) -> bool {
    let first = value[0];
    let is_call = is_letter(first) && value.len() < JUDGED && value.contains(&b'(');
    let is_place = matches!(first, b':' | b'?' | b'{' | b'<' | b'(' | b'[');
    is_call || is_place || (is_spaced && (first == b'@' || is_pair(value)))
}

/// `name=value`, which is a pair of its own.
fn is_pair(value: &[u8]) -> bool {
    let name = value.iter().position(|byte| !is(*byte, WORD) && !matches!(byte, b'-' | b'.'));
    name.is_some_and(|at| {
        at > 0
            && matches!(value[at], b'=' | b':')
            && value.get(at + 1).is_some_and(|next| !matches!(next, b'=' | b'/'))
    })
}
