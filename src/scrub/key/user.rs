//! The user's own entries about keys.

use super::words::{Word, each_word, each_word_with_digits};

/// An entry's words count up to so many, from its end.
const MAX_WORDS: usize = 8;

/// Entries by their words, to be found anywhere in a key or at its end.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Found in keys whose digits don't count: `address` in `address2`.
    plain: Vec<Vec<Word>>,
    with_digits: Vec<Vec<Word>>,
}

/// A key that is let pass.
#[derive(Debug)]
enum Allowed {
    Key(String),
    /// All that begin so, `build.`.
    Family(String),
}

#[derive(Debug, Default)]
pub(super) struct AllowList(Vec<Allowed>);

/// The last words of a key while it is read.
#[derive(Clone, Copy)]
struct Recent {
    words: [Word; MAX_WORDS],
    count: usize,
}

impl Recent {
    const NONE: Recent = Recent { words: [Word { head: 0, rest: 0 }; MAX_WORDS], count: 0 };

    fn and(&mut self, word: Word) -> &Self {
        self.words.rotate_left(1);
        self.words[MAX_WORDS - 1] = word;
        self.count = (self.count + 1).min(MAX_WORDS);
        self
    }

    fn end(&self, entries: &[Vec<Word>]) -> bool {
        entries.iter().any(|entry| entry.len() <= self.count && self.words.ends_with(entry))
    }
}

impl Entries {
    pub(super) fn new(entries: &[String]) -> Self {
        let mut lists = Entries::default();
        for entry in entries {
            let mut words = Vec::new();
            let has_digits = entry.bytes().any(|byte| byte.is_ascii_digit());
            match has_digits {
                true => each_word_with_digits(entry.as_bytes(), |word| words.push(word)),
                false => each_word(entry.as_bytes(), |word| words.push(word)),
            }
            let surplus = words.len().saturating_sub(MAX_WORDS);
            let words = words.split_off(surplus);
            match has_digits {
                _ if words.is_empty() => {}
                true => lists.with_digits.push(words),
                false => lists.plain.push(words),
            }
        }
        lists
    }

    pub(super) fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.with_digits.is_empty()
    }

    /// Whether an entry's words stand anywhere in a key, one behind the other.
    pub(super) fn are_in(&self, key: &[u8]) -> bool {
        let mut found = false;
        self.each_end(key, |_, is_match| found |= is_match);
        found
    }

    /// Whether a key ends in an entry's words.
    pub(super) fn end_key(&self, key: &[u8]) -> bool {
        let mut last = [false; 2];
        self.each_end(key, |list, is_match| last[list] = is_match);
        last[0] || last[1]
    }

    /// Tells behind every word of a key whether an entry of a list ends there.
    fn each_end(&self, key: &[u8], mut tell: impl FnMut(usize, bool)) {
        if !self.plain.is_empty() {
            let mut recent = Recent::NONE;
            each_word(key, |word| tell(0, recent.and(word).end(&self.plain)));
        }
        if !self.with_digits.is_empty() {
            let mut recent = Recent::NONE;
            each_word_with_digits(key, |word| tell(1, recent.and(word).end(&self.with_digits)));
        }
    }
}

impl AllowList {
    pub(super) fn new(entries: &[String]) -> Self {
        let allowed = |entry: &String| match entry.trim().strip_suffix(".*") {
            Some(family) => Allowed::Family(format!("{family}.")),
            None => Allowed::Key(entry.trim().to_owned()),
        };
        AllowList(entries.iter().map(allowed).collect())
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|allowed| match allowed {
            Allowed::Key(exact) => exact.eq_ignore_ascii_case(key),
            Allowed::Family(start) => key
                .as_bytes()
                .get(..start.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(list: &[&str]) -> Entries {
        Entries::new(&list.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn an_entry_is_found_by_its_words_in_their_order() {
        let entries = entries(&["patient_name", "note"]);
        for key in ["patient_name", "form.patientName", "PATIENT-NAME.first", "note", "a.note.b"] {
            assert!(entries.are_in(key.as_bytes()), "{key}");
        }
        for key in ["name.patient", "patient", "patient.full.name", "notes", ""] {
            assert!(!entries.are_in(key.as_bytes()), "{key}");
        }
        assert!(entries.end_key(b"form.note") && !entries.end_key(b"note.length"));
    }

    #[test]
    fn digits_count_where_an_entry_has_them() {
        let list = entries(&["line1", "42", "name"]);
        for key in ["address.line1", "x.42", "name2"] {
            assert!(list.are_in(key.as_bytes()), "{key}");
        }
        for key in ["line", "line2", "x.420", "file.name"] {
            assert_eq!(list.are_in(key.as_bytes()), key == "file.name", "{key}");
        }
    }

    #[test]
    fn long_entries_and_keys_are_bounded() {
        let long = entries(&["a b c d e f g h i j"]);
        assert!(long.are_in(b"a.b.c.d.e.f.g.h.i.j"));
        assert!(!long.are_in(b"h.i.j"));
    }

    #[test]
    fn a_key_is_allowed_exactly_and_a_family_by_its_beginning() {
        let list = AllowList::new(&["build.sha".to_owned(), "ci.*".to_owned()]);
        for key in ["build.sha", "Build.SHA", "ci.job", "CI.token"] {
            assert!(list.has(key), "{key}");
        }
        for key in ["build.sha2", "build", "ci", "cia.job", "", "c\u{e9}"] {
            assert!(!list.has(key), "{key}");
        }
    }
}
