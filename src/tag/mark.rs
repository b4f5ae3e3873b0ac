//! Made values on their way through `tracing`, which knows texts alone: as marks in these.
//!
//! ```text
//! U+FDD0 s <sealed> U+FDD1          short
//! U+FDD0 h <sealed> U+FDD1          hashed
//! U+FDD0 t <chars>;<text> U+FDD1    truncated
//! ```
//!
//! Marks are written while our own layers record, and for them alone: the same value is shown to others
//! as it may leave the process. A span is cleaned on a thread of ours, later; until then its marks stand
//! in its attributes. Noncharacters are never part of a text that is meant to be exchanged.

use super::Made;
use super::seal;
use std::cell::Cell;
use std::fmt::{self, Write};

const START: char = '\u{fdd0}';
const END: char = '\u{fdd1}';
/// The first byte of both.
const FIRST_BYTE: u8 = 0xef;
/// What a `Debug` makes of them in a text within a text, behind one or more backslashes.
const ESCAPED: &str = "u{fdd";

thread_local! {
    static RECORDING: Cell<bool> = const { Cell::new(false) };
}

pub(crate) fn is_mark(c: char) -> bool {
    matches!(c, START | END)
}

pub(super) fn is_recording() -> bool {
    RECORDING.get()
}

/// Runs `body`, which records values of the host's for our own pipeline: they are marked in it.
#[inline]
pub(crate) fn recording<R>(body: impl FnOnce() -> R) -> R {
    /// Puts back what was, also by a panic.
    struct Before(bool);

    impl Drop for Before {
        fn drop(&mut self) {
            RECORDING.set(self.0);
        }
    }

    let _before = Before(RECORDING.replace(true));
    body()
}

pub(super) fn write(made: Made<'_>, out: &mut impl Write) -> fmt::Result {
    match made {
        Made::Short(text) => {
            out.write_str("\u{fdd0}s")?;
            seal::write(text, out)?;
        }
        Made::Hashed(id) => {
            out.write_str("\u{fdd0}h")?;
            seal::write(id, out)?;
        }
        Made::Truncated(text, chars) => {
            write!(out, "\u{fdd0}t{chars};")?;
            text.split(is_mark).try_for_each(|part| out.write_str(part))?;
        }
        Made::Secret => return out.write_str(super::value::REDACTED),
    }
    out.write_char(END)
}

/// A text that has marks, or what looks like them: without escapes, to be read with [`Marks::parts`].
#[derive(Debug)]
pub(crate) struct Marks(String);

/// A part of such a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mark<'t> {
    /// Free of marks.
    Text(&'t str),
    Short(String),
    Hashed(String),
    Truncated(&'t str, usize),
}

/// Whether anything in a text was marked by us.
pub(crate) fn has_marks(text: &str) -> bool {
    text.contains(is_mark)
}

/// The marks of a text; `None`, at no cost to speak of, where it has none.
#[inline]
pub(crate) fn marks(text: &str) -> Option<Marks> {
    let (chunks, rest) = text.as_bytes().as_chunks::<32>();
    let may_have = chunks.iter().any(|chunk| may_begin_mark(chunk)) || may_begin_mark(rest);
    match may_have && (has_marks(text) || text.contains(ESCAPED)) {
        true => Some(Marks(unescaped(text))),
        false => None,
    }
}

/// Written so that compilers look at many bytes at a time.
#[inline(always)]
fn may_begin_mark(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |may, byte| may | (*byte == FIRST_BYTE) | (*byte == b'\\'))
}

/// With `\u{fdd0}` and `\u{fdd1}` as the characters that they stand for, however often they were
/// escaped.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split(ESCAPED);
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let mark = match part.get(..2) {
            Some("0}") if out.ends_with('\\') => START,
            Some("1}") if out.ends_with('\\') => END,
            _ => {
                out.push_str(ESCAPED);
                out.push_str(part);
                continue;
            }
        };
        out.truncate(out.trim_end_matches('\\').len());
        out.push(mark);
        out.push_str(&part[2..]);
    }
    out
}

impl Marks {
    /// The text and the marks in it, from its beginning to its end. What only looks like a mark is text
    /// without the characters that mark it.
    pub(crate) fn parts(&self) -> Vec<Mark<'_>> {
        let mut parts = Vec::new();
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once(START) {
            push_text(&mut parts, before);
            rest = after;
            let ended = after.split_once(END);
            let whole = ended.filter(|(inside, _)| !inside.contains(START));
            if let Some((part, behind)) = whole.and_then(|(inside, behind)| {
                let part = read(inside)?;
                Some((part, behind))
            }) {
                parts.push(part);
                rest = behind;
            }
        }
        push_text(&mut parts, rest);
        parts
    }
}

fn push_text<'t>(parts: &mut Vec<Mark<'t>>, text: &'t str) {
    let texts = text.split(is_mark).filter(|text| !text.is_empty());
    parts.extend(texts.map(Mark::Text));
}

/// What stands between the two characters.
fn read(inside: &str) -> Option<Mark<'_>> {
    let payload = inside.get(1..)?;
    match inside.as_bytes()[0] {
        b's' => seal::open(payload).map(Mark::Short),
        b'h' => seal::open(payload).map(Mark::Hashed),
        b't' => {
            let (chars, text) = payload.split_once(';')?;
            Some(Mark::Truncated(text, chars.parse::<u32>().ok()? as usize))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::{hashed, secret, short, truncated};

    fn parts(text: &str) -> Vec<String> {
        let shown = |part: &Mark<'_>| format!("{part:?}");
        marks(text).map(|marks| marks.parts().iter().map(shown).collect()).unwrap_or_default()
    }

    #[test]
    fn values_are_marked_while_we_record_and_then_alone() {
        let show = || format!("{} {:?} {}", short("0123456789"), truncated("abc", 2), secret(1));
        assert_eq!(show(), "01234567 ab [REDACTED]");
        assert!(marks(&show()).is_none());
        let marked = recording(|| recording(show) + &show());
        let expected = ["Short(\"01234567\")", "Text(\" \")", "Truncated(\"abc\", 2)"];
        assert_eq!(parts(&marked)[..3], expected);
        assert_eq!(parts(&marked)[3..5], ["Text(\" [REDACTED]\")", "Short(\"01234567\")"]);
        assert_eq!(show(), "01234567 ab [REDACTED]");
        let panicked =
            std::panic::catch_unwind(|| recording(|| std::panic::resume_unwind(Box::new(()))));
        assert!(panicked.is_err() && !is_recording());
    }

    #[test]
    fn marks_are_found_however_often_they_were_escaped() {
        #[derive(Debug)]
        #[allow(dead_code, reason = "shown by `Debug`")]
        struct User {
            id: String,
        }
        let user = recording(|| User { id: hashed("ada").to_string() });
        let once = format!("{user:?}");
        let thrice = format!("{:?}", format!("{once:?}"));
        for text in [once, thrice] {
            assert!(!text.contains("ada") && !text.contains(START), "{text}");
            assert!(parts(&text).contains(&"Hashed(\"ada\")".to_owned()), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_mark_is_text() {
        for (text, expected) in [
            ("a\u{fdd0}b", &["Text(\"a\")", "Text(\"b\")"][..]),
            ("\u{fdd0}sabc\u{fdd1}", &["Text(\"sabc\")"]),
            ("\u{fdd0}habc\u{fdd1}d", &["Text(\"habc\")", "Text(\"d\")"]),
            ("\u{fdd0}\u{fdd1}", &[]),
            ("\u{fdd0}t;x\u{fdd1}", &["Text(\"t;x\")"]),
            ("\u{fdd0}t3;\u{fdd0}t2;abc\u{fdd1}", &["Text(\"t3;\")", "Truncated(\"abc\", 2)"]),
            ("\u{fdd1}a\u{fdd0}", &["Text(\"a\")"]),
            ("u{fdd0} \\u{fdd2}", &["Text(\"u{fdd0} \\\\u{fdd2}\")"]),
        ] {
            assert_eq!(parts(text), expected, "{text:?}");
        }
        for text in ["", "plain", "{a}", "\u{feff}\u{ff01}", "h\u{e9}llo"] {
            assert!(marks(text).is_none(), "{text:?}");
        }
    }
}
