//! `label = value`, in all the ways it is written: `key=value`, `Key: value`, JSON, escaped, encoded.

use super::super::key::Label;
use super::super::kind::Sensitive;
use super::Finding;
use super::bytes::{DIGIT, LABEL, STOP, WORD, is, is_letter};
use super::harmless::Harmless;
use super::scan::Scan;

/// The longest label, in bytes.
pub(super) const MAX_LABEL: usize = 64;
/// The longest word before a label with a space.
const MAX_WORD: usize = 24;
/// So far back an ARN may begin.
const MAX_ARN: usize = 128;
/// Quotes as HTML writes them.
const ENTITIES: &[&[u8]] = &[b"&quot;", b"&#34;", b"&#39;", b"&apos;"];

/// A label and its separator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Labelled {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The byte before the label.
    pub(super) before: u8,
    /// `=` rather than `:`.
    pub(super) is_equals: bool,
    /// The separator was encoded, and so is what follows.
    pub(super) is_encoded: bool,
    /// The label stands in quotes: what follows is JSON or something like it.
    pub(super) is_quoted: bool,
    /// Behind the separator.
    pub(super) value: usize,
}

impl Labelled {
    /// Whether this is a parameter of a query.
    pub(super) fn is_in_query(self) -> bool {
        self.is_equals && matches!(self.before, b'?' | b'&')
    }
}

impl Scan<'_> {
    /// An `=` or a `:` of a width.
    pub(super) fn separator(&mut self, at: usize, width: usize) -> Option<Finding> {
        if self.before(at) == b'"' && self.is_harmless(at - 1) {
            return None;
        }
        let is_equals = match width {
            1 => self.text[at] == b'=',
            _ => matches!(self.text[at + width - 1], b'd' | b'D'),
        };
        if !is_equals {
            if let Some(finding) = self.password_at(at + width) {
                return Some(finding);
            }
            if self.before(at) == b':' || self.get(at + width) == b':' {
                return self.ipv6(at);
            }
            if let Some(authority) = self.authority(at, width) {
                return self.url(authority);
            }
        }
        if let Some(labelled) = self.label(at, width, is_equals)
            && let Some(finding) = self.labelled(labelled)
        {
            return Some(finding);
        }
        // Behind a quote there is neither.
        match is_equals || self.before(at) == b'"' {
            true => None,
            false => self.bot_token(at).or_else(|| self.ipv6(at)),
        }
    }

    /// Whether a name in quotes that ends there was found harmless before.
    #[inline(always)]
    pub(super) fn is_known(&self, end: usize) -> bool {
        let Some(harmless) = &self.harmless else { return false };
        let name = Harmless::name(&self.text[self.floor..], end - self.floor);
        name.is_some_and(|name| harmless.has(name))
    }

    /// Whether a name in quotes that ends there is no secret's: most colons stand behind such.
    fn is_harmless(&mut self, end: usize) -> bool {
        let start = self.skip_back(end, LABEL, MAX_LABEL);
        let is_harmless = self.before(start) == b'"'
            && start < end
            && self.keys.is_harmless(self.text, start, end);
        if is_harmless
            && let Some(harmless) = &mut self.harmless
            && let Some(name) = Harmless::name(&self.text[self.floor..], end - self.floor)
        {
            harmless.add(name);
        }
        is_harmless
    }

    fn label(&self, at: usize, width: usize, is_equals: bool) -> Option<Labelled> {
        // A time of day, a port, a line.
        let is_number = is(self.before(at), DIGIT) && is(self.get(at + width), DIGIT);
        if is_number && !is_equals && !is_letter(self.before(at - 1)) {
            return None;
        }
        let mut end = at;
        while end > self.floor && at - end < 2 && matches!(self.text[end - 1], b' ' | b'\t') {
            end -= 1;
        }
        let (end, is_quoted) = self.unquoted(end, is_equals)?;
        let mut start = self.skip_back(end, LABEL, MAX_LABEL);
        if start == end {
            return None;
        }
        let mut before = self.before(start);
        match before {
            b'%' => {
                if let Some((byte, width)) = self.encoded(start - 1)
                    && start + width - 1 < end
                {
                    start += width - 1;
                    before = byte;
                }
            }
            b'\\' => {
                let (byte, width) = match self.text[start] {
                    b'n' | b'r' | b't' => (b' ', 1),
                    b'u' if self.has(start, b"u0026") => (b'&', 5),
                    b'u' => (b'"', 5),
                    _ => (before, 0),
                };
                if start + width < end {
                    start += width;
                    before = byte;
                }
            }
            b';' if self.has(start.saturating_sub(5), b"&amp;") => before = b'&',
            _ => {}
        }
        let value = at + width;
        Some(Labelled { start, end, before, is_equals, is_encoded: width > 1, is_quoted, value })
    }

    /// Takes a closing quote or bracket off a label's end.
    fn unquoted(&self, end: usize, is_equals: bool) -> Option<(usize, bool)> {
        match self.before(end) {
            b'"' | b'\'' | b'`' => {
                let mut end = end - 1;
                while end > self.floor && self.text[end - 1] == b'\\' {
                    end -= 1;
                }
                Some((end, true))
            }
            b';' => {
                let entity = ENTITIES.iter().find(|entity| {
                    end >= self.floor + entity.len() && self.has(end - entity.len(), entity)
                });
                Some((end - entity.map_or(0, |entity| entity.len()), entity.is_some()))
            }
            // `user[password]=`, and not `[auth]: `, where it is the name of who writes.
            b']' if is_equals && end > self.floor => {
                let (end, _) = self.unquoted(end - 1, false)?;
                let start = self.skip_back(end, LABEL, MAX_LABEL);
                let opens = matches!(self.before(start), b'[' | b'"' | b'\'' | b':');
                (opens && !self.is_placeholder_end(start)).then_some((end, false))
            }
            b'2' | b'7' | b'D' | b'd' if end >= self.floor + 3 => {
                let encoded = |at: usize| match at >= self.floor {
                    true => self.encoded(at),
                    false => None,
                };
                match encoded(end - 3) {
                    Some((b'"' | b'\'', 3)) => {
                        let mut end = end - 3;
                        while end > self.floor + 3 && matches!(encoded(end - 3), Some((b'\\', 3))) {
                            end -= 3;
                        }
                        Some((end, true))
                    }
                    Some((b']', 3)) if is_equals => Some((end - 3, false)),
                    _ => match end.checked_sub(6).filter(|at| *at >= self.floor) {
                        Some(at) if self.has(at, b"\\u0022") => Some((at, true)),
                        _ => match end.checked_sub(5).and_then(encoded) {
                            Some((b'"' | b'\'', 5)) => Some((end - 5, true)),
                            _ => Some((end, false)),
                        },
                    },
                }
            }
            _ => Some((end, false)),
        }
    }

    /// `[REDACTED:token]=` has no label.
    fn is_placeholder_end(&self, start: usize) -> bool {
        self.before(start) == b':' && is(self.before(start - 1), WORD)
    }

    fn labelled(&mut self, mut labelled: Labelled) -> Option<Finding> {
        let text = self.text;
        let name = &text[labelled.start..labelled.end];
        // A time of day, a port.
        if is(name[0], DIGIT) && is(name[name.len() - 1], DIGIT) {
            return None;
        }
        // A line of a file.
        let is_place = !labelled.is_equals && matches!(labelled.before, b'/' | b'\\');
        if (is_place || name.contains(&b'.'))
            && is(self.get(labelled.value), DIGIT)
            && !labelled.is_equals
        {
            let rest = self.skip(labelled.value, DIGIT, 6);
            if rest - labelled.value < 6 && !is(self.get(rest), WORD) {
                return None;
            }
        }
        // Our own placeholder.
        if name == b"REDACTED" {
            return None;
        }
        let mut demand = self.keys.label(name);
        if demand == Label::Harmless {
            demand = match labelled.before {
                b' ' if self.keys.may_end_label(name) => {
                    let (start, demand) = self.spaced(labelled);
                    labelled.start = start;
                    demand
                }
                b'?' | b'&' if labelled.is_equals && self.keys.is_query_secret(name) => Label::Weak,
                _ => Label::Harmless,
            };
            if demand == Label::Harmless {
                return None;
            }
        }
        if labelled.before == b':' && self.is_in_arn(labelled.start) {
            return None;
        }
        let kind = match demand {
            Label::Cookie => Sensitive::Cookie,
            Label::Authorization => Sensitive::Authorization,
            _ => Sensitive::Secret,
        };
        if !self.is_on(kind) {
            return None;
        }
        let (start, end) = self.value(labelled, demand)?;
        self.hit(kind, start, end)
    }

    /// Whether a word stands in the name of a resource: `arn:aws:secretsmanager:..:secret:name`.
    fn is_in_arn(&self, at: usize) -> bool {
        let mut start = at;
        while start > self.floor.max(at.saturating_sub(MAX_ARN)) && !is(self.text[start - 1], STOP)
        {
            start -= 1;
        }
        self.text[start..at].windows(4).any(|bytes| matches!(bytes, b"arn:" | b"urn:"))
    }

    /// The words before `key:`, where they make it `api key:` or `date of birth:`.
    fn spaced(&self, labelled: Labelled) -> (usize, Label) {
        let mut start = labelled.start;
        for _ in 0..2 {
            if self.before(start) != b' ' {
                break;
            }
            let word = self.skip_back(start - 1, LABEL, MAX_WORD);
            if word == start - 1 {
                break;
            }
            start = word;
        }
        let demand = match start < labelled.start {
            true => self.keys.spaced_label(&self.text[start..labelled.end]),
            false => Label::Harmless,
        };
        (start, demand)
    }
}
