//! Text on its way into a line: bounded, and free of whatever ends a line or drives a terminal.

use crate::scrub::cut;
use std::fmt::Write;

/// What a value ends in that was cut.
const CUT_MARK: &str = "…";

/// Bytes that begin something to escape, or may do so.
const SUSPECT: [bool; 256] = {
    let mut suspect = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        suspect[byte] = true;
        byte += 1;
    }
    suspect[b'"' as usize] = true;
    suspect[b'\\' as usize] = true;
    suspect[0x7f] = true;
    // The leads of U+0080 to U+00BF, where the second set of control characters is, and of
    // U+2000 to U+2FFF, where the two separators of lines are.
    suspect[0xc2] = true;
    suspect[0xe2] = true;
    suspect
};

/// How a text stands in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Between quotation marks, as in JSON.
    Quoted,
    /// On its own, for people.
    Bare,
}

/// Whether a value is in its line whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Whole,
    /// Longer than a value may be.
    Shortened,
    /// The line is full.
    NoRoom,
}

/// Whether a character ends lines, drives terminals or shows nothing.
pub(super) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Writes a text, escaped as JSON does it, and returns the bytes written.
pub(super) fn escape(out: &mut impl Write, text: &str, place: Place) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut start, mut written) = (0, 0, 0);
    while let Some(&byte) = bytes.get(at) {
        let escaped = if SUSPECT[usize::from(byte)] { escaped_at(text, at, place) } else { None };
        let Some(c) = escaped else {
            at += 1;
            continue;
        };
        let mut form = [0; 6];
        let form = escaped_form(c, &mut form);
        let _ = out.write_str(&text[start..at]);
        let _ = out.write_str(form);
        written += at - start + form.len();
        at += c.len_utf8();
        start = at;
    }
    let _ = out.write_str(&text[start..]);
    written + bytes.len() - start
}

/// Writes a text as it stands between the quotation marks of JSON.
#[cfg(feature = "http")]
pub(crate) fn escape_json(out: &mut impl Write, text: &str) {
    escape(out, text, Place::Quoted);
}

/// The character at a suspect byte, if it has to be escaped.
#[cold]
fn escaped_at(text: &str, at: usize, place: Place) -> Option<char> {
    // A suspect byte is never in the middle of a character.
    let c = text.get(at..)?.chars().next()?;
    must_escape(c, place).then_some(c)
}

fn must_escape(c: char, place: Place) -> bool {
    is_control(c) || (place == Place::Quoted && matches!(c, '"' | '\\'))
}

fn escaped_form(c: char, form: &mut [u8; 6]) -> &str {
    let short = match c {
        '"' => Some(b'"'),
        '\\' => Some(b'\\'),
        '\n' => Some(b'n'),
        '\r' => Some(b'r'),
        '\t' => Some(b't'),
        _ => None,
    };
    let len = match short {
        Some(short) => {
            form[..2].copy_from_slice(&[b'\\', short]);
            2
        }
        None => {
            // All that is escaped lies below U+10000.
            let hex = |shift: u32| b"0123456789abcdef"[(c as usize >> shift) & 15];
            form.copy_from_slice(&[b'\\', b'u', hex(12), hex(8), hex(4), hex(0)]);
            6
        }
    };
    std::str::from_utf8(&form[..len]).unwrap_or_default()
}

fn escaped_len(c: char, place: Place) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' if must_escape(c, place) => 2,
        c if must_escape(c, place) => 6,
        c => c.len_utf8(),
    }
}

/// Writes one value into a line: at most so many characters of it, and no more bytes than `room`, which
/// is what the line may still have. A value that is not whole, as `fit` may say before, ends in a mark.
pub(super) fn write_value(
    out: &mut impl Write,
    text: &str,
    place: Place,
    chars: usize,
    room: &mut usize,
    mut fit: Fit,
) -> Fit {
    let mut taken = cut(text, chars);
    if taken.len() < text.len() {
        fit = Fit::Shortened;
    }
    let mut left = room.saturating_sub(CUT_MARK.len());
    // Six bytes are the most that one can become.
    if taken.len() * 6 > left {
        let is_too_much = |&(_, c): &(usize, char)| {
            let after = left.checked_sub(escaped_len(c, place));
            left = after.unwrap_or(0);
            after.is_none()
        };
        if let Some((end, _)) = taken.char_indices().find(is_too_much) {
            taken = &taken[..end];
            fit = Fit::NoRoom;
        }
    }
    *room = room.saturating_sub(escape(out, taken, place));
    if fit != Fit::Whole {
        *room = room.saturating_sub(CUT_MARK.len());
        let _ = out.write_str(CUT_MARK);
    }
    fit
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escaped(text: &str, place: Place) -> String {
        let mut out = String::new();
        let written = escape(&mut out, text, place);
        assert_eq!(written, out.len());
        out
    }

    fn value(text: &str, chars: usize, room: usize) -> (String, usize, Fit) {
        let (mut out, mut left) = (String::new(), room);
        let fit = write_value(&mut out, text, Place::Quoted, chars, &mut left, Fit::Whole);
        (out, left, fit)
    }

    #[test]
    fn what_ends_a_line_or_drives_a_terminal_is_escaped() {
        let hostile = "a\n\r\t\0\u{1b}[2J\u{7f}\u{9b}\u{2028}\u{2029}é€…";
        let shown = r"a\n\r\t\u0000\u001b[2J\u007f\u009b\u2028\u2029é€…";
        assert_eq!(escaped(hostile, Place::Bare), shown);
        assert_eq!(escaped(hostile, Place::Quoted), shown);
        assert_eq!(escaped(r#"say "\""#, Place::Bare), r#"say "\""#);
        assert_eq!(escaped(r#"say "\""#, Place::Quoted), r#"say \"\\\""#);
    }

    #[test]
    fn a_value_is_cut_between_characters() {
        assert_eq!(value("äöü", 3, 100), ("äöü".into(), 94, Fit::Whole));
        assert_eq!(value("äöü", 2, 100), ("äö…".into(), 93, Fit::Shortened));
        assert_eq!(value("äö", 2, 100).2, Fit::Whole);
        assert_eq!(value("\0\0\n", 2, 12).0, r"\u0000…");
        // Two of three newlines, for the mark has to fit as well.
        assert_eq!(value("\n\n\n", 100, 8), (r"\n\n…".into(), 1, Fit::NoRoom));
        let (mut out, mut left) = (String::new(), 100);
        write_value(&mut out, "x", Place::Bare, 9, &mut left, Fit::Shortened);
        assert_eq!((out.as_str(), left), ("x…", 96));
    }

    fn hostile() -> impl Strategy<Value = String> {
        let odd = prop::sample::select(vec!['"', '\n', '\u{9b}', '\u{2028}', 'é', '\0']);
        let chars = prop::collection::vec(prop_oneof![odd, any::<char>()], 0..60);
        chars.prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn json_reads_back_what_was_escaped(text in hostile()) {
            let json = format!("\"{}\"", escaped(&text, Place::Quoted));
            prop_assert!(!json.chars().any(is_control));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }

        #[test]
        fn a_value_keeps_both_bounds(text in hostile(), chars in 0_usize..40, room in 3_usize..60) {
            let (out, left, fit) = value(&text, chars, room);
            prop_assert!(out.len() + left <= room);
            prop_assert!(out.trim_end_matches('…').len() <= room);
            let read = serde_json::from_str::<String>(&format!("\"{out}\"")).unwrap();
            let cut = fit != Fit::Whole;
            let kept = if cut { read.strip_suffix('…').unwrap() } else { &read };
            prop_assert!(text.starts_with(kept) && kept.chars().count() <= chars);
            prop_assert_eq!(cut, kept.len() < text.len());
        }
    }
}
