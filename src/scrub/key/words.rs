//! The words of a key: `dbPassword`, `db.password` and `DB_PASSWORD2` are all `db`, `password`.

/// A word in lower case, told from others by its last eight letters, its first one and their number: no
/// two words that anybody writes agree in all of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Word {
    pub(super) tail: u64,
    pub(super) length: u8,
    pub(super) first: u8,
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

impl Word {
    pub(super) const fn of(letters: &str) -> Word {
        let letters = letters.as_bytes();
        let mut word = Word { tail: 0, length: 0, first: 0 };
        let mut at = 0;
        while at < letters.len() {
            word.add(letters[at]);
            at += 1;
        }
        word
    }

    #[inline(always)]
    const fn add(&mut self, byte: u8) {
        let lower = byte.to_ascii_lowercase();
        self.tail = (self.tail << 8) | lower as u64;
        if self.length == 0 {
            self.first = lower;
        }
        self.length = self.length.saturating_add(1);
    }
}

/// Calls `each` with every word, in order. Digits stand between words. An upper-case letter starts a word
/// behind a lower-case one, and so does the last of several before a lower-case one: `DBPassword`.
#[inline(always)]
pub(super) fn each_word(key: &[u8], each: impl FnMut(Word)) {
    each_word_with::<OTHER>(key, each);
}

/// The same, but digits are letters.
pub(super) fn each_word_with_digits(key: &[u8], each: impl FnMut(Word)) {
    each_word_with::<LOWER>(key, each);
}

#[inline(always)]
fn each_word_with<const DIGITS: u8>(key: &[u8], mut each: impl FnMut(Word)) {
    let mut word = Word::default();
    let mut shorter = Word::default();
    let mut before = OTHER;
    for &byte in key {
        let class = match CLASS[usize::from(byte)] {
            DIGIT => DIGITS,
            class => class,
        };
        if class == OTHER {
            if word.length > 0 {
                each(core::mem::take(&mut word));
            }
        } else {
            if class == UPPER && before == LOWER {
                each(core::mem::take(&mut word));
            } else if class == LOWER && before == UPPER && word.length > 2 {
                each(shorter);
                let last = word.tail as u8;
                word = Word { tail: u64::from(last), length: 1, first: last };
            }
            shorter = word;
            word.add(byte);
        }
        before = class;
    }
    if word.length > 0 {
        each(word);
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
        assert_eq!(words(&"a".repeat(1_000))[0].length, u8::MAX);
        assert_eq!(words("größe").len(), 1);
    }
}
