//! Ids that are on their way through foreign code, unreadable to it.
//!
//! A mark is part of a text that a user's own `Debug` may cut, escape or keep for itself. What is in it
//! can be read with a key of this process alone: whatever becomes of a mark, no id is in it. That the
//! key can be found in the process's memory does no harm: the ids can, too.

use std::collections::hash_map::RandomState;
use std::fmt::{self, Write};
use std::hash::{BuildHasher, Hasher};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number and a check, in hexadecimal digits.
const HEAD: usize = 32;
/// Blocks of a text's key have lower numbers.
const CHECK: u64 = u64::MAX;

static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
/// No number twice, or two texts would have been made unreadable with the same key.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Writes a text in hexadecimal digits that `open` alone makes sense of.
pub(super) fn write(text: &str, out: &mut impl Write) -> fmt::Result {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    write!(out, "{number:016x}{:016x}", check(number, text.as_bytes()))?;
    let mut hex = [0; 16];
    for (eight, block) in text.as_bytes().chunks(8).zip(0..) {
        let key = block_of(number, block).to_le_bytes();
        for ((pair, byte), key) in hex.chunks_exact_mut(2).zip(eight).zip(key) {
            pair.copy_from_slice(&digits(byte ^ key));
        }
        out.write_str(str::from_utf8(&hex[..2 * eight.len()]).unwrap_or_default())?;
    }
    Ok(())
}

/// The text; `None` for anything that was not sealed here, or is not whole.
pub(super) fn open(sealed: &str) -> Option<String> {
    let head = sealed.get(..HEAD)?;
    let number = u64::from_str_radix(head.get(..HEAD / 2)?, 16).ok()?;
    let claimed = u64::from_str_radix(head.get(HEAD / 2..)?, 16).ok()?;
    let digits = sealed.as_bytes().get(HEAD..)?;
    if digits.len() % 2 != 0 {
        return None;
    }
    let byte = |pair: &[u8]| Some(value(pair[0])? << 4 | value(pair[1])?);
    let mut bytes = digits.chunks_exact(2).map(byte).collect::<Option<Vec<u8>>>()?;
    for (eight, block) in bytes.chunks_mut(8).zip(0..) {
        let key = block_of(number, block).to_le_bytes();
        eight.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
    }
    (check(number, &bytes) == claimed).then(|| String::from_utf8(bytes).ok())?
}

fn block_of(number: u64, block: u64) -> u64 {
    let mut hasher = KEY.build_hasher();
    hasher.write_u64(number);
    hasher.write_u64(block);
    hasher.finish()
}

fn check(number: u64, bytes: &[u8]) -> u64 {
    let mut hasher = KEY.build_hasher();
    hasher.write_u64(number);
    hasher.write_u64(CHECK);
    hasher.write(bytes);
    hasher.finish()
}

fn digits(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(text: &str) -> String {
        let mut out = String::new();
        write(text, &mut out).unwrap();
        out
    }

    #[test]
    fn what_is_sealed_can_be_opened_and_not_be_read() {
        for text in ["", "a", "ada lovelace", "h\u{e9}llo \u{1f980}", &"x".repeat(4_096)] {
            let once = sealed(text);
            assert_eq!(open(&once).as_deref(), Some(text));
            assert!(once.bytes().all(|byte| byte.is_ascii_hexdigit()), "{once}");
            assert_ne!(once, sealed(text), "the same text is sealed another way each time");
        }
    }

    #[test]
    fn what_was_changed_or_made_by_others_is_not_opened() {
        let whole = sealed("ada lovelace");
        for end in 0..whole.len() {
            assert_eq!(open(&whole[..end]), None);
        }
        for at in 0..whole.len() {
            let mut other = whole.clone();
            let digit = if &whole[at..=at] == "0" { "1" } else { "0" };
            other.replace_range(at..=at, digit);
            assert_eq!(open(&other), None, "{at}");
        }
        for text in ["\u{e9}".repeat(40), "g".repeat(40), "0".repeat(40), whole.to_uppercase()] {
            assert_eq!(open(&text), None, "{text}");
        }
    }
}
