//! What a key says about its attribute, remembered.

use super::{MAX_KEY_CHARS, numbers};
use crate::scrub::{self, KeyClass, Policy};
use crate::tag::{TagHash, TagHasher};

/// How many keys are remembered; a power of two. Services use some dozens.
const SLOTS: usize = 512;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// What the policy says of it, and what it holds.
    Known(KeyClass, Holds),
    /// Empty, too long, or not printable.
    Odd,
    /// Something that must not leave the process stands in the key itself.
    Found,
}

/// What is to be done with a value, beside what the policy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Any,
    /// A whole number, even where it came as a text.
    Integer,
    /// `exception.message`.
    Error,
    /// `exception.stacktrace`.
    Stacktrace,
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
    /// By the rules of one policy, the same each time.
    pub(super) fn of(&mut self, key: &str, policy: &Policy) -> Class {
        let mut hasher = TagHasher::new();
        hasher.write(key.as_bytes());
        let hash = hasher.finish();
        let slot = &mut self.0[hash.low as usize % SLOTS];
        match slot {
            Some((known, class)) if *known == hash => *class,
            _ => slot.insert((hash, class_of(key, policy))).1,
        }
    }
}

fn class_of(key: &str, policy: &Policy) -> Class {
    let class = policy.class(key);
    if class != KeyClass::Allowed && !policy.is_clean(key, MAX_KEY_CHARS) {
        return Class::Found;
    }
    if key.is_empty() || scrub::text(key, MAX_KEY_CHARS) != key {
        return Class::Odd;
    }
    let holds = match key {
        "exception.message" => Holds::Error,
        "exception.stacktrace" => Holds::Stacktrace,
        _ if numbers::is_integer(key) => Holds::Integer,
        _ => Holds::Any,
    };
    Class::Known(class, holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::traces::clean::tests::staff_rules;

    /// Of a key that no rule names.
    fn plain(holds: Holds) -> Class {
        Class::Known(Policy::shared_default().class("http.route"), holds)
    }

    #[test]
    fn keys_are_judged_and_remembered() {
        let (mut classes, policy) = (Classes::default(), Policy::shared_default());
        for _ in 0..2 {
            let mut of = |key| classes.of(key, &policy);
            assert_eq!(of("http.route"), plain(Holds::Any));
            assert_eq!(of("db.password"), Class::Known(KeyClass::Denied, Holds::Any));
            assert_eq!(of("server.port"), plain(Holds::Integer));
            assert_eq!(of("exception.message"), plain(Holds::Error));
            assert_eq!(of("exception.stacktrace"), plain(Holds::Stacktrace));
            assert_eq!(of("größe.元"), plain(Holds::Any));
            for odd in ["", " ", "a\nb", " a", "a ", "\u{2028}", &"k".repeat(MAX_KEY_CHARS + 1)] {
                assert_eq!(of(odd), Class::Odd, "{odd:?}");
            }
        }
    }

    #[test]
    fn a_finding_in_a_key_is_told_also_where_the_key_is_cut() {
        let (mut classes, policy) = (Classes::default(), staff_rules());
        let at_the_cut = format!("{}.STAFF-4711", "k".repeat(MAX_KEY_CHARS - 3));
        for _ in 0..2 {
            assert_eq!(classes.of("of.STAFF-4711", &policy), Class::Found);
            assert_eq!(classes.of(&at_the_cut, &policy), Class::Found);
        }
    }

    #[test]
    fn more_keys_than_slots_are_all_judged_right() {
        let (mut classes, policy) = (Classes::default(), Policy::shared_default());
        for _ in 0..2 {
            for n in 0..4 * SLOTS {
                let denied = Class::Known(KeyClass::Denied, Holds::Any);
                assert_eq!(classes.of(&format!("key{n}"), &policy), plain(Holds::Any));
                assert_eq!(classes.of(&format!("key{n}.password"), &policy), denied);
            }
        }
    }
}
