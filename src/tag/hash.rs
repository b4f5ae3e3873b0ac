//! A fast 128-bit hash of raw tag values, by which a thread's cache knows a series again.
//!
//! The hash stands for the values, so two value lists that share it would share a series. It is
//! keyed with randomness of the process: nobody outside can look for such a pair, and by chance
//! one in 2^64 lists does.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::OnceLock;

/// The finished hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TagHash {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

/// Takes in values one by one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TagHasher {
    low: u64,
    high: u64,
    seeds: &'static Seeds,
}

#[derive(Debug)]
struct Seeds([u64; 5]);

static SEEDS: OnceLock<Seeds> = OnceLock::new();

impl TagHasher {
    #[inline]
    pub(crate) fn new() -> Self {
        let seeds = SEEDS.get_or_init(Seeds::random);
        TagHasher { low: seeds.0[0], high: seeds.0[1], seeds }
    }

    /// Takes in a string; its length is part of it, so neighbours can't trade characters.
    #[inline]
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        (self.low, self.high) = with_text(self.seeds, self.low, self.high, bytes);
    }

    /// Takes in a number; `kind` keeps `1`, `"1"` and `true` apart.
    #[inline]
    pub(crate) fn write_u64(&mut self, number: u64, kind: u64) {
        self.mix_last(number, number, 8, kind);
    }

    #[inline]
    pub(crate) fn finish(self) -> TagHash {
        TagHash { low: self.low, high: self.high }
    }

    /// Two lanes of folded multiplication over differently keyed halves.
    #[inline]
    fn mix(&mut self, first: u64, second: u64) {
        let [a, b, c, d, _] = self.seeds.0;
        let low = fold(first ^ a ^ self.low, second ^ b);
        let high = fold(first ^ c, second ^ d ^ self.high);
        self.low ^= low.rotate_left(23);
        self.high ^= high.rotate_left(29);
    }

    /// The last of a value's words, with what kind of value it is. That is spread by a seed over
    /// all bits: nobody can make up for another length with other characters.
    #[inline]
    fn mix_last(&mut self, first: u64, second: u64, length: u64, kind: u64) {
        let mark = (length << 2 | kind).wrapping_mul(self.seeds.0[4]);
        self.mix(first ^ mark, second ^ mark.rotate_left(32));
    }
}

/// One function for all call sites, so that a call site stays small; what it takes and returns fits
/// into registers.
#[inline(never)]
fn with_text(seeds: &'static Seeds, low: u64, high: u64, bytes: &[u8]) -> (u64, u64) {
    if bytes.len() > 16 {
        return with_long_text(seeds, low, high, bytes);
    }
    let mut hasher = TagHasher { low, high, seeds };
    let (first, second) = tail(bytes);
    hasher.mix_last(first, second, bytes.len() as u64, 0);
    (hasher.low, hasher.high)
}

/// Apart, for the loop takes more registers than the usual short value needs.
#[inline(never)]
fn with_long_text(seeds: &'static Seeds, low: u64, high: u64, bytes: &[u8]) -> (u64, u64) {
    let mut hasher = TagHasher { low, high, seeds };
    let mut rest = bytes;
    while rest.len() > 16 {
        hasher.mix(read(&rest[..8]), read(&rest[8..16]));
        rest = &rest[16..];
    }
    let (first, second) = tail(rest);
    hasher.mix_last(first, second, bytes.len() as u64, 0);
    (hasher.low, hasher.high)
}

impl Seeds {
    fn random() -> Self {
        let state = RandomState::new();
        // Odd, so that no seed can be zero and swallow a factor.
        Seeds(std::array::from_fn(|n| state.hash_one(n) | 1))
    }
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

#[inline]
fn read(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

/// Up to 16 bytes as two words that overlap in the middle: every byte is in, without a loop.
#[inline]
fn tail(bytes: &[u8]) -> (u64, u64) {
    let len = bytes.len();
    match len {
        8.. => (read(&bytes[..8]), read(&bytes[len - 8..])),
        4.. => (read_u32(&bytes[..4]), read_u32(&bytes[len - 4..])),
        1.. => {
            let (first, middle, last) = (bytes[0], bytes[len / 2], bytes[len - 1]);
            (u64::from(first) << 16 | u64::from(middle) << 8 | u64::from(last), 0)
        }
        0 => (0, 0),
    }
}

#[inline]
fn read_u32(bytes: &[u8]) -> u64 {
    let mut word = [0; 4];
    word.copy_from_slice(bytes);
    u64::from(u32::from_le_bytes(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn hash(parts: &[&str]) -> TagHash {
        let mut hasher = TagHasher::new();
        parts.iter().for_each(|part| hasher.write(part.as_bytes()));
        hasher.finish()
    }

    #[test]
    fn neighbours_do_not_trade_characters() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_ne!(hash(&["", "a"]), hash(&["a", ""]));
        assert_ne!(hash(&["a", "b"]), hash(&["b", "a"]));
        assert_eq!(hash(&["a", "b"]), hash(&["a", "b"]));
    }

    #[test]
    fn both_halves_tell_a_million_values_apart() {
        let (mut low, mut high) = (HashSet::new(), HashSet::new());
        for n in 0..500_000_u32 {
            for text in [n.to_string(), format!("/users/{n}/documents/{}", n / 7)] {
                let hash = hash(&[&text]);
                low.insert(hash.low);
                high.insert(hash.high);
            }
        }
        assert_eq!((low.len(), high.len()), (1_000_000, 1_000_000));
    }

    #[test]
    fn every_byte_counts_at_every_length() {
        for len in 1..70 {
            let text = vec![b'a'; len];
            let mut seen = HashSet::new();
            for at in 0..len {
                let mut changed = text.clone();
                changed[at] = b'b';
                let mut hasher = TagHasher::new();
                hasher.write(&changed);
                let hash = hasher.finish();
                assert!(seen.insert((hash.low, hash.high)), "length {len}, byte {at}");
            }
        }
    }

    #[test]
    fn one_flipped_bit_changes_half_of_the_hash() {
        let base = hash(&["/users/1"]);
        let other = hash(&["/users/0"]);
        for (a, b) in [(base.low, other.low), (base.high, other.high)] {
            let flipped = (a ^ b).count_ones();
            assert!((12..=52).contains(&flipped), "{flipped} of 64 bits");
        }
    }
}
