//! Names for people and things that say who is who, and not who it is.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::sync::OnceLock;

/// The key that hashes are made with.
#[derive(Clone)]
pub(crate) struct HashKey(Hmac<Sha256>);

/// The first 64 bits of the code, in sixteen hexadecimal digits: of ten million values, two share one
/// in three processes of a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pseudonym([u8; 16]);

impl HashKey {
    /// A key of any length; the longer, the better, up to 64 bytes.
    pub(crate) fn new(key: &[u8]) -> Self {
        // Keys of all lengths are taken, so the second one is never asked for.
        HashKey(Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default())))
    }

    /// One for this process alone, the same for all who ask.
    pub(crate) fn random() -> Self {
        static RANDOM: OnceLock<HashKey> = OnceLock::new();
        RANDOM.get_or_init(|| HashKey::new(&random_bytes())).clone()
    }

    /// The value's name in the domain of a tag's key: the same value has another one under another
    /// key, so that the two can't be joined.
    pub(crate) fn pseudonym(&self, domain: &str, value: &str) -> Pseudonym {
        let mut mac = self.0.clone();
        mac.update(domain.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        let code = mac.finalize().into_bytes();
        let mut hex = [0; 16];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(code) {
            pair[0] = digit(byte >> 4);
            pair[1] = digit(byte & 15);
        }
        Pseudonym(hex)
    }
}

fn digit(value: u8) -> u8 {
    b"0123456789abcdef"[usize::from(value & 15)]
}

/// The standard library keys its hash tables with randomness of the system; what a keyed hash makes
/// of four different inputs can't be told from 256 random bits by who does not know that key.
fn random_bytes() -> [u8; 32] {
    let state = RandomState::new();
    let mut bytes = [0; 32];
    for (n, eight) in (0_u64..).zip(bytes.chunks_exact_mut(8)) {
        let mut hasher = state.build_hasher();
        hasher.write_u64(n);
        eight.copy_from_slice(&hasher.finish().to_le_bytes());
    }
    bytes
}

impl Pseudonym {
    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_the_beginning_of_the_code() {
        // Computed with Python's hmac: key "key", message b"user.id\0ada".
        let name = HashKey::new(b"key").pseudonym("user.id", "ada");
        assert_eq!(name.as_str(), PYTHON);
    }

    const PYTHON: &str = "21d32e7b50f81b71";

    #[test]
    fn keys_domains_and_values_all_count() {
        let of = |key: &[u8], domain, value| HashKey::new(key).pseudonym(domain, value);
        let one = of(b"key", "user.id", "ada");
        assert_eq!(one, of(b"key", "user.id", "ada"));
        for other in [
            of(b"kez", "user.id", "ada"),
            of(b"key", "session.id", "ada"),
            of(b"key", "user.id", "bob"),
            of(b"key", "user.ida", "da"),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn the_random_key_is_one_for_the_process() {
        let name = |key: HashKey| key.pseudonym("user.id", "ada");
        assert_eq!(name(HashKey::random()), name(HashKey::random()));
        assert_ne!(random_bytes(), random_bytes());
        assert_eq!(format!("{:?}", HashKey::random()), "********");
    }
}
