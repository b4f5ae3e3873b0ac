//! The words of a key: `dbPassword`, `db.password` and `DB_PASSWORD2` are all `db`, `password`.

/// A word in lower case, told from others by its first eight letters, its last one and their number: no two
/// words that anybody writes agree in all of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Word {
    /// The first letter is the lowest byte.
    pub(super) head: u64,
    /// The number of letters, and above it the last.
    pub(super) rest: u64,
}

const OTHER: u8 = 0;
const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 3;

/// What each byte is in a key; whatever is not ASCII is taken for a letter.
const CLASS: [u8; 256] = {
    let mut class = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b'a'..=b'z' | 0x80.. => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            _ => OTHER,
        };
        byte += 1;
    }
    class
};

/// The bit that upper and lower case differ in.
const CASE: u8 = 0x20;
/// A byte in all eight.
const ALL: u64 = 0x0101_0101_0101_0101;

impl Word {
    #[cfg(test)]
    pub(super) const fn of(letters: &str) -> Word {
        Word::within(letters.as_bytes(), 0, letters.len())
    }

    /// The word of a list with spaces that begins there, and where the next one begins.
    pub(super) const fn next(list: &str, at: usize) -> Option<(Word, usize)> {
        let list = list.as_bytes();
        let mut end = at;
        while end < list.len() && list[end] != b' ' {
            end += 1;
        }
        match at < end {
            true => Some((Word::within(list, at, end), end + 1)),
            false => None,
        }
    }

    /// The word between two places.
    const fn within(key: &[u8], start: usize, end: usize) -> Word {
        let mut head = 0;
        let mut at = start;
        while at < end && at < start + 8 {
            head |= ((key[at] | CASE) as u64) << (8 * (at - start));
            at += 1;
        }
        Word::new(head, end - start, if end > start { key[end - 1] } else { 0 })
    }

    #[inline(always)]
    const fn new(head: u64, length: usize, last: u8) -> Word {
        Word { head, rest: length as u64 | ((last | CASE) as u64) << 56 }
    }

    #[inline(always)]
    pub(super) const fn is(self, other: Word) -> bool {
        self.head == other.head && self.rest == other.rest
    }

    /// Its place in a table of so many.
    #[inline(always)]
    pub(super) const fn slot(self, slots: usize) -> usize {
        let mixed = (self.head ^ self.rest).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> 48) as usize % slots
    }
}

/// A set of words, each at the place that its letters say or one of the next.
#[derive(Debug)]
pub(in super::super) struct WordSet<const SLOTS: usize>([Word; SLOTS]);

impl<const SLOTS: usize> WordSet<SLOTS> {
    /// `SLOTS` is a power of two, and more than there are words.
    pub(in super::super) const fn new(words: &str) -> Self {
        let mut slots = [Word { head: 0, rest: 0 }; SLOTS];
        let mut at = 0;
        while let Some((word, next)) = Word::next(words, at) {
            let mut slot = word.slot(SLOTS);
            while slots[slot].head != 0 {
                slot = (slot + 1) % SLOTS;
            }
            slots[slot] = word;
            at = next;
        }
        WordSet(slots)
    }

    /// Whether these letters are one, in upper or lower case.
    pub(in super::super) fn has(&self, letters: &[u8]) -> bool {
        let word = Word::within(letters, 0, letters.len());
        let mut slot = word.slot(SLOTS);
        while !self.0[slot].is(word) {
            if self.0[slot].head == 0 {
                return false;
            }
            slot = (slot + 1) % SLOTS;
        }
        word.head != 0
    }
}

/// Calls `each` with every word, in order. Digits stand between words. An upper-case letter starts a word
/// behind a lower-case one, and so does the last of several before a lower-case one: `DBPassword`.
#[inline(always)]
pub(super) fn each_word(key: &[u8], each: impl FnMut(Word)) {
    each_word_of(key, 0, key.len(), each);
}

/// The same for a part of a text, which is faster where more follows.
#[inline(always)]
pub(super) fn each_word_of(text: &[u8], start: usize, end: usize, mut each: impl FnMut(Word)) {
    let mut at = start;
    while at < end {
        let letters = eight(text, at);
        let length = (letters_end(letters) as usize).min(end - at);
        if length == 0 {
            match CLASS[usize::from(text[at])] {
                UPPER | LOWER => return each_word_with::<OTHER>(&text[at..end], each),
                _ => at += 1,
            }
            continue;
        }
        let mut stop = at + length;
        while length == 8 && stop < end && text[stop].is_ascii_lowercase() {
            stop += 1;
        }
        // Capitals and what is not ASCII go the slow way.
        if stop < end && matches!(CLASS[usize::from(text[stop])], UPPER | LOWER) {
            return each_word_with::<OTHER>(&text[at..end], each);
        }
        let head = letters & (u64::MAX >> (64 - 8 * length));
        each(Word::new(head, stop - at, text[stop - 1]));
        at = stop + 1;
    }
}

/// Eight bytes from there, the first one lowest; 0 behind the end.
#[inline(always)]
fn eight(text: &[u8], at: usize) -> u64 {
    let bytes = |at: usize| match text.get(at..at + 8).map(<[u8; 8]>::try_from) {
        Some(Ok(bytes)) => Some(u64::from_le_bytes(bytes)),
        _ => None,
    };
    if let Some(bytes) = bytes(at) {
        return bytes;
    }
    let left = text.len() - at;
    match text.len().checked_sub(8).and_then(bytes) {
        Some(bytes) => bytes >> (8 * (8 - left)),
        None => few(&text[at..]),
    }
}

/// Less than eight bytes, the first one lowest: the first and the last ones, which may overlap.
#[inline(always)]
fn few(text: &[u8]) -> u64 {
    let shift = |width: usize| 8 * (text.len() - width);
    match (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << shift(4)
        }
        _ => match text {
            [] => 0,
            [first, .., last] => {
                let middle = u64::from(text[text.len() / 2]) << (8 * (text.len() / 2));
                u64::from(*first) | middle | u64::from(*last) << shift(1)
            }
            [only] => u64::from(*only),
        },
    }
}

/// The number of lower-case letters at the beginning.
#[inline(always)]
fn letters_end(bytes: u64) -> u32 {
    (!lower_case(bytes) & (ALL * 0x80)).trailing_zeros() / 8
}

/// The highest bit of each byte that is a lower-case letter.
#[inline(always)]
const fn lower_case(bytes: u64) -> u64 {
    let ascii = bytes & (ALL * 0x7F);
    let from_a = ascii + ALL * (0x80 - b'a' as u64);
    let behind_z = ascii + ALL * (0x80 - b'z' as u64 - 1);
    from_a & !behind_z & !bytes & (ALL * 0x80)
}

/// The same with digits as letters.
pub(super) fn each_word_with_digits(key: &[u8], each: impl FnMut(Word)) {
    each_word_with::<LOWER>(key, each);
}

fn each_word_with<const DIGITS: u8>(key: &[u8], mut each: impl FnMut(Word)) {
    let mut start = 0;
    let mut before = OTHER;
    for (at, &byte) in key.iter().enumerate() {
        let class = match CLASS[usize::from(byte)] {
            DIGIT => DIGITS,
            class => class,
        };
        if class == OTHER {
            if start < at {
                each(Word::within(key, start, at));
            }
            start = at + 1;
        } else if class == UPPER && before == LOWER {
            each(Word::within(key, start, at));
            start = at;
        } else if class == LOWER && before == UPPER && at - start > 2 {
            each(Word::within(key, start, at - 1));
            start = at - 1;
        }
        before = class;
    }
    if start < key.len() {
        each(Word::within(key, start, key.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(key: &str) -> Vec<Word> {
        let mut words = Vec::new();
        each_word(key.as_bytes(), |word| words.push(word));
        words
    }

    #[test]
    fn one_name_has_the_same_words_however_it_is_spelt() {
        let expected = [Word::of("db"), Word::of("password")];
        for key in [
            "db.password",
            "DB_PASSWORD",
            "dbPassword",
            "DBPassword",
            "db-password",
            "Db Password",
            "db2password",
            "db__password1",
            "[db][password]",
            "DB:PASSWORD",
        ] {
            assert_eq!(words(key), expected, "{key}");
        }
        assert_eq!(words("OAuth"), [Word::of("oauth")]);
        assert_eq!(words("OAuthToken"), [Word::of("oauth"), Word::of("token")]);
        assert_eq!(words("APIKey"), [Word::of("api"), Word::of("key")]);
        assert_eq!(words("AUTHORIZATIONHeader"), [Word::of("authorization"), Word::of("header")]);
        assert_eq!(words("userIDs"), [Word::of("user"), Word::of("ids")]);
    }

    #[test]
    fn nothing_is_no_word() {
        for key in ["", "42", "_._", "1-2-3"] {
            assert!(words(key).is_empty(), "{key}");
        }
    }

    #[test]
    fn long_words_are_told_apart() {
        assert_ne!(Word::of("authorization"), Word::of("vectorization"));
        assert_ne!(Word::of("credential"), Word::of("credentials"));
        assert_eq!(words(&"a".repeat(1_000)), [Word::of(&"a".repeat(1_000))]);
        assert_eq!(words("größe").len(), 1);
    }

    #[test]
    fn the_fast_way_and_the_slow_one_agree() {
        for key in [
            "a",
            "ab_cd",
            "password",
            "passwords_",
            "authorization.x",
            "_a__b9c",
            "a1b2",
            "abcdefgh_ijklmnop",
            "abcdefghi",
            "http.request.method",
            "x-real-ip",
            "aB",
            "abcdefghI",
            "abcdefgh\u{e9}",
            "",
            "9",
            "a b",
        ] {
            let mut slow = Vec::new();
            each_word_with::<OTHER>(key.as_bytes(), |word| slow.push(word));
            assert_eq!(words(key), slow, "{key}");
        }
    }
}
