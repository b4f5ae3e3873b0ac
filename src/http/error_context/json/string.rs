//! Strings of JSON.

use std::borrow::Cow;

/// What is between the quotation mark that `text` begins with and the next one, or the end; and whether
/// there was a next one.
pub(super) fn first(text: &str) -> (&str, bool) {
    let inside = text.get(1..).unwrap_or_default();
    let mut is_escaped = false;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return (&inside[..at], true),
            _ => {}
        }
    }
    (inside, false)
}

/// The text that is meant; what is no escape stands for itself.
pub(super) fn unescaped(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (meant, len) = escape(&rest[at..]);
        text.push(meant);
        rest = &rest[at + len..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The character that an escape stands for, and the escape's length.
fn escape(text: &str) -> (char, usize) {
    let short = match text.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
        Some(b'u') => return unicode(text).unwrap_or(('\\', 1)),
        _ => return ('\\', 1),
    };
    (short, 2)
}

fn unicode(text: &str) -> Option<(char, usize)> {
    let first = unit(text)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 6));
    }
    let second = text.get(6..).filter(|text| text.starts_with("\\u")).and_then(unit)?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let c = char::decode_utf16(pair).next()?.ok()?;
    Some((c, 12))
}

fn unit(text: &str) -> Option<u32> {
    u32::from_str_radix(text.get(2..6)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_where_they_end() {
        assert_eq!(first(r#""a" "b""#), ("a", true));
        assert_eq!(first(r#""a\"b\\" "#), (r#"a\"b\\"#, true));
        assert_eq!(first(r#""a\""#), (r#"a\""#, false));
        assert_eq!(first("\""), ("", false));
    }

    #[test]
    fn escapes_are_read_and_others_are_left() {
        for (raw, text) in [
            ("plain é", "plain é"),
            (r#"\"\\\/\n\t\r"#, "\"\\/\n\t\r"),
            (r"ada\u0040x \ud83e\udd80!", "ada@x \u{1f980}!"),
            (r"\ud83e \u00 \x \", r"\ud83e \u00 \x \"),
            (r"\ud83e\u0041", r"\ud83eA"),
        ] {
            assert_eq!(unescaped(raw), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_serde_reads_is_read_here(text in ".*") {
            let json = serde_json::to_string(&text).unwrap();
            let (raw, is_closed) = first(&json);
            proptest::prop_assert!(is_closed);
            proptest::prop_assert_eq!(unescaped(raw), text);
        }
    }
}
