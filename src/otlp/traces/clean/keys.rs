//! What a key says about its attribute, remembered.

use super::{MAX_KEY_CHARS, numbers};
use crate::scrub;
use crate::tag::{TagHash, TagHasher};

/// How many keys are remembered; a power of two. Services use some dozens.
const SLOTS: usize = 512;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Plain,
    /// Must not leave the process.
    Denied,
    /// What it holds is a whole number, even where it came as a text.
    Integer,
    /// `exception.message`.
    Error,
    /// `exception.stacktrace`.
    Stacktrace,
    /// Empty, too long, or not printable.
    Odd,
}

/// The classes of the keys that were seen, by hash: judging a key takes its words apart, which
/// costs a hundred times as much as looking it up. A key that meets another's slot takes it.
#[derive(Debug)]
pub(super) struct Classes(Box<[Option<(TagHash, Class)>; SLOTS]>);

impl Default for Classes {
    fn default() -> Self {
        Classes(Box::new([None; SLOTS]))
    }
}

impl Classes {
    pub(super) fn of(&mut self, key: &str) -> Class {
        let mut hasher = TagHasher::new();
        hasher.write(key.as_bytes());
        let hash = hasher.finish();
        let slot = &mut self.0[hash.low as usize % SLOTS];
        match slot {
            Some((known, class)) if *known == hash => *class,
            _ => slot.insert((hash, class_of(key))).1,
        }
    }
}

fn class_of(key: &str) -> Class {
    match key {
        _ if key.is_empty() || scrub::text(key, MAX_KEY_CHARS) != key => Class::Odd,
        _ if scrub::is_denied_key(key) => Class::Denied,
        "exception.message" => Class::Error,
        "exception.stacktrace" => Class::Stacktrace,
        _ if numbers::is_integer(key) => Class::Integer,
        _ => Class::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_judged_and_remembered() {
        let mut classes = Classes::default();
        for _ in 0..2 {
            assert_eq!(classes.of("http.route"), Class::Plain);
            assert_eq!(classes.of("db.password"), Class::Denied);
            assert_eq!(classes.of("server.port"), Class::Integer);
            assert_eq!(classes.of("exception.message"), Class::Error);
            assert_eq!(classes.of("exception.stacktrace"), Class::Stacktrace);
            assert_eq!(classes.of("größe.元"), Class::Plain);
            for odd in ["", " ", "a\nb", " a", "a ", "\u{2028}", &"k".repeat(MAX_KEY_CHARS + 1)] {
                assert_eq!(classes.of(odd), Class::Odd, "{odd:?}");
            }
        }
    }

    #[test]
    fn more_keys_than_slots_are_all_judged_right() {
        let mut classes = Classes::default();
        for _ in 0..2 {
            for n in 0..4 * SLOTS {
                assert_eq!(classes.of(&format!("key{n}")), Class::Plain);
                assert_eq!(classes.of(&format!("key{n}.password")), Class::Denied);
            }
        }
    }
}
