//! The value behind a label: where it ends, and whether it is one.

use super::super::key::Label;
use super::bytes::{DIGIT, UPPER, WORD, is, is_letter};
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
pub(super) enum Close {
    None,
    /// A quote behind so many backslashes.
    Quote(u8, usize),
    /// An encoded quote.
    Encoded(&'static [u8]),
    /// The `]` of a list.
    List,
}

const ENCODED_QUOTES: &[&[u8]] = &[b"\\u0022", b"&quot;", b"&#34;", b"&#39;", b"&apos;"];

impl Scan<'_> {
    /// Where a value begins and ends, if it is what its label asks for.
    pub(super) fn value(&self, labelled: Labelled, demand: Label) -> Option<(usize, usize)> {
        let opening = self.opening(labelled);
        let start = opening.at;
        match (demand, opening.close) {
            (Label::Authorization, close) => {
                return self.credentials(labelled, start, close);
            }
            (Label::Cookie, Close::None) => return self.cookies(labelled, start),
            _ => {}
        }
        let end = match opening.close {
            Close::None => self.unquoted_end(labelled, demand, start),
            close => self.closed(start, close, JUDGED),
        };
        let judged = &self.text[start.min(end)..end.min(start + JUDGED)];
        let is_quoted = !matches!(opening.close, Close::None);
        if !self.is_value(judged, labelled, demand, is_quoted, opening.is_spaced) {
            return None;
        }
        // Bounded while it was not known to be one.
        let end = match is_quoted {
            true => self.closed(start, opening.close, usize::MAX),
            false if end - start >= JUDGED => self.word_end(labelled, end, usize::MAX),
            false => end,
        };
        Some((start, end))
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
        // `Some("..")`, `b".."`, and no call
        let word = self.skip(at, WORD, 24);
        let inner = match self.get(word) {
            b'(' if is(self.get(at), UPPER) => word + 1,
            _ => word,
        };
        let (at, close) = match self.quote(inner) {
            // `msg="no token=" level=info`, `"Password: "`: that quote ends what is around.
            Some((width, _))
                if labelled.is_equals && !is_spaced && self.get(inner + width) == b' '
                    || (!labelled.is_quoted
                        && self.get(inner) == labelled.before
                        && !is(self.get(inner + width), WORD)) =>
            {
                (at, Close::None)
            }
            Some((width, close)) if inner > word || word - at <= 1 => (inner + width, close),
            _ => match self.get(at) {
                b'[' if !self.has(at, b"[REDACTED")
                    && !self.has(at, b"[^")
                    && !labelled.is_encoded =>
                {
                    self.list(at + 1)
                }
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

    /// Where what closes a value stands; at the end of the line or the text if nothing does. Looks at no
    /// more than `most` bytes.
    pub(super) fn closed(&self, start: usize, close: Close, most: usize) -> usize {
        let limit = self.text.len().min(start.saturating_add(most));
        let rest = self.text.get(start..limit).unwrap_or_default();
        let found = match close {
            Close::None => None,
            Close::Encoded(quote) => rest.windows(quote.len()).position(|bytes| bytes == quote),
            Close::List => {
                rest.iter().position(|byte| *byte == b']').map(|end| match rest[..end].last() {
                    Some(b'"') => end - 1,
                    _ => end,
                })
            }
            Close::Quote(quote, slashes) => quote_end(rest, quote, slashes),
        };
        let line = || rest.iter().position(|byte| *byte == b'\n' && limit == self.text.len());
        start + found.or_else(line).unwrap_or(rest.len())
    }

    pub(super) fn is_value(
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

/// The end of a text in quotes that stand behind so many backslashes.
fn quote_end(text: &[u8], quote: u8, slashes: usize) -> Option<usize> {
    let mut at = 0;
    let mut run = 0;
    loop {
        match *text.get(at)? {
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

/// `name=value`, which is a pair of its own.
fn is_pair(value: &[u8]) -> bool {
    let name = value.iter().position(|byte| !is(*byte, WORD) && !matches!(byte, b'-' | b'.'));
    name.is_some_and(|at| {
        at > 0
            && matches!(value[at], b'=' | b':')
            && value.get(at + 1).is_some_and(|next| !matches!(next, b'=' | b'/'))
    })
}
