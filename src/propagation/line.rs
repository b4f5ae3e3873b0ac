//! Short header values, put together without an allocation.

/// At most `N` bytes of text on the stack.
pub(super) struct Line<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Line<N> {
    pub(super) const fn new() -> Self {
        Line { bytes: [0; N], len: 0 }
    }

    /// Adds all of these, or nothing; whether they fit.
    pub(super) fn add(&mut self, parts: &[&str]) -> bool {
        let more: usize = parts.iter().map(|part| part.len()).sum();
        if more > N - self.len {
            return false;
        }
        for part in parts {
            self.bytes[self.len..self.len + part.len()].copy_from_slice(part.as_bytes());
            self.len += part.len();
        }
        true
    }

    /// Adds one more of a list by `separator`; whether it fits.
    pub(super) fn add_item(&mut self, separator: &str, parts: [&str; 3]) -> bool {
        let separator = if self.len == 0 { "" } else { separator };
        self.add(&[separator, parts[0], parts[1], parts[2]])
    }

    /// Adds the last `digits` hexadecimal digits of a number, in lower case.
    pub(super) fn add_hex(&mut self, number: u128, digits: usize) -> bool {
        let mut text = [0; 32];
        for (place, digit) in text.iter_mut().rev().zip(0..) {
            *place = b"0123456789abcdef"[(number >> (4 * digit)) as usize & 0xf];
        }
        self.add(&[ascii(&text[32 - digits.min(32)..])])
    }

    pub(super) fn add_decimal(&mut self, mut number: u64) -> bool {
        let mut text = [0; 20];
        let mut start = text.len();
        loop {
            start -= 1;
            text[start] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                return self.add(&[ascii(&text[start..])]);
            }
        }
    }

    pub(super) fn as_str(&self) -> &str {
        ascii(&self.bytes[..self.len])
    }

    /// How many bytes more there may be.
    pub(super) fn room(&self) -> usize {
        N - self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// What was text before is text still.
fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// A number of exactly so many hexadecimal digits, at most 32, in lower case.
pub(super) fn lower_hex(text: &str, digits: usize) -> Option<u128> {
    let is_upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
    if is_upper { None } else { hex(text, digits) }
}

/// The same in either case.
pub(super) fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_hex = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_library_does() {
        for number in [0, 1, 9, 10, 0xabc, u64::MAX / 3, u64::MAX] {
            let mut line = Line::<64>::new();
            assert!(
                line.add_hex(number.into(), 16) && line.add(&["-"]) && line.add_decimal(number)
            );
            assert_eq!(line.as_str(), format!("{number:016x}-{number}"));
        }
        let mut line = Line::<32>::new();
        assert!(line.add_hex(u128::MAX - 15, 32));
        assert_eq!(hex(line.as_str(), 32), Some(u128::MAX - 15));
    }

    #[test]
    fn what_does_not_fit_is_left_out_whole() {
        let mut line = Line::<8>::new();
        assert!(line.add_item(",", ["a", "=", "1"]));
        assert!(!line.add_item(",", ["bb", "=", "22"]));
        assert!(line.add_item(",", ["b", "=", "22"]));
        assert_eq!(line.as_str(), "a=1,b=22");
        assert!(!line.add(&["x"]) && line.add(&[]));
    }

    #[test]
    fn hexadecimal_is_digits_alone() {
        assert_eq!(
            (hex("0F", 2), lower_hex("0f", 2), lower_hex("0F", 2)),
            (Some(15), Some(15), None)
        );
        for wrong in ["+f", "0x", " f", "f", "fff", "-1", "g0", "é"] {
            assert_eq!(hex(wrong, 2), None, "{wrong}");
        }
    }
}
