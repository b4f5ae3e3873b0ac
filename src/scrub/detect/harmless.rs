//! Names in JSON that were judged before: bodies repeat them.

/// So many that few names meet in one place, and as few as a scan of a long text can begin with.
const PLACES: usize = 128;
/// A quote in all eight bytes.
const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
const LOW: u64 = u64::from_ne_bytes([0x7F; 8]);

/// Names of at most 15 bytes between quotes that were found to be no secret's.
pub(super) struct Harmless([[u64; 2]; PLACES]);

impl Harmless {
    pub(super) const NONE: Harmless = Harmless([[0; 2]; PLACES]);

    /// The name that ends at the quote at `end`, if it is short enough: its bytes, and nothing before.
    #[inline(always)]
    pub(super) fn name(text: &[u8], end: usize) -> Option<[u64; 2]> {
        let bytes = text.get(end.checked_sub(16)?..end)?;
        let (halves, _) = bytes.as_chunks::<8>();
        let [early, late] =
            [u64::from_le_bytes(*halves.first()?), u64::from_le_bytes(*halves.get(1)?)];
        if let Some(late) = behind_last_quote(late) {
            return (late != 0).then_some([0, late]);
        }
        Some([behind_last_quote(early)?, late])
    }

    #[inline(always)]
    pub(super) fn has(&self, name: [u64; 2]) -> bool {
        self.0[place(name)] == name && name[1] != 0
    }

    pub(super) fn add(&mut self, name: [u64; 2]) {
        self.0[place(name)] = name;
    }
}

#[inline(always)]
fn place([early, late]: [u64; 2]) -> usize {
    ((early ^ late.rotate_left(23)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 57) as usize % PLACES
}

/// What stands behind the last quote.
#[inline(always)]
fn behind_last_quote(bytes: u64) -> Option<u64> {
    let differing = bytes ^ QUOTES;
    let quotes = !(((differing & LOW) + LOW) | differing | LOW);
    match quotes.leading_zeros() {
        64 => None,
        behind => Some(bytes.checked_shr(64 - behind).unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<[u64; 2]> {
        Harmless::name(text.as_bytes(), text.len())
    }

    #[test]
    fn a_name_is_the_same_whatever_stands_before_it() {
        let mut names = Harmless::NONE;
        for short in ["a", "id", "kind", "sevenxx"] {
            let first = name(&format!("................\"{short}")).unwrap();
            assert_eq!(
                name(&format!("{{\"a\":\"other\",\"b\":1,\"{short}")),
                Some(first),
                "{short}"
            );
            assert!(!names.has(first));
            names.add(first);
            assert!(names.has(first));
        }
    }

    #[test]
    fn other_names_are_others() {
        let of = |letters: &str| name(&format!("....................\"{letters}"));
        let names = [
            "password",
            "passwore",
            "xassword",
            "password1",
            "a_password",
            "pass",
            "exactly_fifteen",
        ];
        for one in names {
            for other in names {
                assert_eq!(of(one) == of(other), one == other, "{one} {other}");
            }
            assert!(of(one).is_some(), "{one}");
        }
        assert_eq!(of("more_than_fifteen"), None);
        assert_eq!(name("\"near the start"), None);
        assert_eq!(of(""), None);
    }
}
