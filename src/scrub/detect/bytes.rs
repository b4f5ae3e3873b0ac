//! What bytes are, by one table.

pub(super) const DIGIT: u8 = 1;
pub(super) const UPPER: u8 = 1 << 1;
pub(super) const HEX: u8 = 1 << 2;
/// Letters, digits, `_`.
pub(super) const WORD: u8 = 1 << 3;
/// Words, `-`, `.`: what labels are made of.
pub(super) const LABEL: u8 = 1 << 4;
/// Words and `-`: what tokens are made of.
pub(super) const TOKEN: u8 = 1 << 5;
/// What stands before the `@` of a mail address.
pub(super) const LOCAL: u8 = 1 << 6;
/// What ends a value that is not in quotes.
pub(super) const STOP: u8 = 1 << 7;

static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        if byte.is_ascii_digit() {
            class[at] |= DIGIT;
        }
        if byte.is_ascii_uppercase() {
            class[at] |= UPPER;
        }
        if byte.is_ascii_hexdigit() {
            class[at] |= HEX;
        }
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            class[at] |= WORD | LABEL | TOKEN | LOCAL;
        }
        class[at] |= match byte {
            b'-' => LABEL | TOKEN | LOCAL,
            b'.' => LABEL | LOCAL,
            b'+' => LOCAL,
            0..=b' '
            | b'"'
            | b'\''
            | b'`'
            | b','
            | b';'
            | b'&'
            | b')'
            | b']'
            | b'}'
            | b'|'
            | b'<'
            | b'>'
            | b'\\'
            | 0x7F => STOP,
            _ => 0,
        };
        at += 1;
    }
    class
};

#[inline(always)]
pub(super) fn is(byte: u8, class: u8) -> bool {
    CLASS[usize::from(byte)] & class != 0
}

#[inline(always)]
pub(super) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
}

/// The value of two hex digits.
pub(super) fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16);
    Some((digit(high)? * 16 + digit(low)?) as u8)
}
