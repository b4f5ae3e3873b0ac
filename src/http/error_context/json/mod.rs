//! JSON, scrubbed by the keys that its values stand under.
//!
//! It is walked once from the left and rewritten as it goes, so that it may end anywhere. What is no JSON
//! is a text.

mod string;

use crate::logs::escape_json;
use crate::scrub::{KeyClass, Policy, REDACTED, Sink, Value};
use std::borrow::Cow;
use std::rc::Rc;

/// JSON in a string of JSON is walked, too, so deep.
const MAX_NESTED: usize = 4;
/// What has room is not cut: a placeholder may be longer than what it stands for.
const NO_CUT: usize = usize::MAX;

/// Scrubs the values that begin in the first `limit` bytes, and leaves out the rest.
pub(super) fn scrub(policy: &Policy, text: &str, limit: usize) -> String {
    nested(policy, text, limit, 0)
}

fn nested(policy: &Policy, text: &str, limit: usize, depth: usize) -> String {
    let out = String::with_capacity(text.len().min(limit) + REDACTED.len());
    let mut walk = Walk {
        policy,
        text,
        limit,
        depth,
        at: 0,
        out,
        around: Vec::new(),
        key: None,
        loose: false,
    };
    while walk.at < text.len().min(limit) {
        walk.step();
    }
    if !walk.loose {
        return walk.out;
    }
    let max_chars = if text.len() <= limit { NO_CUT } else { limit };
    policy.text(&walk.out, max_chars, Sink::Texts).into_owned()
}

/// A key, and what it says of its value.
type Key = Option<(Rc<str>, KeyClass)>;

struct Walk<'t> {
    policy: &'t Policy,
    text: &'t str,
    limit: usize,
    depth: usize,
    at: usize,
    out: String,
    /// The keys of the objects and arrays that are open.
    around: Vec<Key>,
    key: Key,
    /// Whether something was no JSON.
    loose: bool,
}

impl<'t> Walk<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Copies so many bytes.
    fn copy(&mut self, bytes: usize) {
        self.out.push_str(self.rest().get(..bytes).unwrap_or_default());
        self.at += bytes;
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        match first {
            ' ' | '\t' | '\r' | '\n' | ',' | ':' => self.copy(1),
            '{' | '[' if self.denies() => {
                self.at += container_len(rest);
                self.redact();
            }
            '{' | '[' => {
                self.around.push(self.key.clone());
                self.copy(1);
            }
            '}' | ']' => {
                self.key = self.around.pop().flatten();
                self.copy(1);
            }
            '"' => self.string(rest),
            '-' | '0'..='9' => self.number(rest),
            _ => match ["true", "false", "null"].iter().find(|word| rest.starts_with(**word)) {
                Some(word) => self.copy(word.len()),
                None => {
                    self.loose = true;
                    self.copy(first.len_utf8());
                }
            },
        }
    }

    fn denies(&self) -> bool {
        matches!(self.key, Some((_, KeyClass::Denied)))
    }

    fn redact(&mut self) {
        self.put(REDACTED, true);
    }

    fn put(&mut self, text: &str, is_closed: bool) {
        self.out.push('"');
        escape_json(&mut self.out, text);
        if is_closed {
            self.out.push('"');
        }
    }

    fn string(&mut self, rest: &'t str) {
        let (mut raw, is_closed) = string::first(rest);
        let token = 1 + raw.len() + usize::from(is_closed);
        if !is_closed && raw.len() <= self.room() {
            // The text ends here, and nobody knows what the last word would have been.
            raw = raw.rfind(char::is_whitespace).map_or("", |space| &raw[..space]);
        }
        let text = string::unescaped(raw);
        let behind = rest.get(token..).unwrap_or_default().trim_start();
        if behind.starts_with(':') {
            return self.name(text, token);
        }
        let shown = self.judged(raw, &text);
        let whole = 1 + raw.len() + usize::from(is_closed);
        match *shown == *text {
            true => self.copy(whole),
            false => {
                self.at += whole;
                self.put(&shown, is_closed);
            }
        }
        self.at += token - whole;
    }

    /// What may still be shown.
    fn room(&self) -> usize {
        self.limit.saturating_sub(self.at + 1)
    }

    /// A key, in which something may be found as well.
    fn name(&mut self, name: Cow<'t, str>, token: usize) {
        let shown = self.policy.text(&name, NO_CUT, Sink::Texts);
        match *shown == *name {
            true => self.copy(token),
            false => {
                self.at += token;
                self.put(&shown, true);
            }
        }
        let class = self.policy.class(&name);
        self.key = Some((Rc::from(&*name), class));
    }

    /// What may be shown of a string that is written as `raw`.
    fn judged<'v>(&self, raw: &str, text: &'v str) -> Cow<'v, str> {
        // What is behind the limit may end anywhere, so it is looked at and not shown.
        let room = self.room();
        let max_chars = match raw.len() <= room {
            true => NO_CUT,
            false => string::unescaped(super::body::up_to(raw, room)).chars().count(),
        };
        let is_judged_by_key = matches!(
            self.key,
            Some((_, KeyClass::Denied | KeyClass::Pseudonym | KeyClass::Allowed))
        );
        if !is_judged_by_key && self.depth < MAX_NESTED && text.trim_start().starts_with(['{', '['])
        {
            let limit = text.char_indices().nth(max_chars).map_or(text.len(), |(at, _)| at);
            return Cow::Owned(nested(self.policy, text, limit, self.depth + 1));
        }
        self.value(text, max_chars)
    }

    fn value<'v>(&self, text: &'v str, max_chars: usize) -> Cow<'v, str> {
        let Some((key, class)) = &self.key else {
            return self.policy.text(text, max_chars, Sink::Texts);
        };
        match self.policy.attribute(key, *class, text, max_chars.max(REDACTED.len()), Sink::Texts) {
            Value::Kept(text) => text,
            Value::Dropped => Cow::Borrowed(REDACTED),
        }
    }

    fn number(&mut self, rest: &'t str) {
        let is_part = |c: char| matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
        let number = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        if number.len() == rest.len() && !self.around.is_empty() {
            // More digits may have followed.
            self.at += number.len();
            return;
        }
        let shown = self.value(number, NO_CUT);
        match *shown == *number {
            true => self.copy(number.len()),
            false => {
                self.at += number.len();
                self.put(&shown, true);
            }
        }
    }
}

/// The bytes of an object or array, to its end or that of the text.
fn container_len(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(&byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => {
                let (raw, is_closed) = string::first(&text[at..]);
                at += raw.len() + usize::from(is_closed);
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests;
