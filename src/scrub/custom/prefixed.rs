//! Tokens that are told by how they begin.

use std::ops::Range;

/// A shorter one would be found in ordinary words.
const MIN_PREFIX: usize = 2;

#[derive(Debug, Clone)]
pub(super) struct Prefixed {
    prefix: &'static str,
    min_chars: usize,
}

impl Prefixed {
    /// An error says what is wrong.
    pub(super) fn new(prefix: &'static str, min_chars: usize) -> Result<Self, String> {
        match prefix.len() {
            ..MIN_PREFIX => Err(format!("the prefix `{prefix}` has less than {MIN_PREFIX} bytes")),
            _ => Ok(Prefixed { prefix, min_chars }),
        }
    }

    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let bytes = text.as_bytes();
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(start) = text.get(from..).and_then(|rest| rest.find(self.prefix)) {
            let start = from + start;
            let body = start + self.prefix.len();
            let length = bytes[body..].iter().take_while(|byte| is_of_token(**byte)).count();
            let begins_word = start == 0 || !bytes[start - 1].is_ascii_alphanumeric();
            if begins_word && length >= self.min_chars {
                found.push(start..body + length);
            }
            // What was looked through is not looked through again.
            from = body + length;
        }
        found
    }
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_with_the_prefix_are_found() {
        let prefixed = Prefixed::new("acme_", 4).unwrap();
        let one = |range: Range<usize>| Vec::from([range]);
        for (text, found) in [
            ("acme_abcd", one(0..9)),
            ("é acme_ab-1, acme_1234", vec![3..12, 14..23]),
            ("acme_abc", vec![]),
            ("xacme_abcd", vec![]),
            ("acme_acme_abcd", one(0..14)),
            ("acme_", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(prefixed.find(text), found, "{text}");
        }
        assert!(Prefixed::new("a", 4).unwrap_err().contains("`a`"));
    }
}
