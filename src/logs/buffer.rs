//! Where a value formats itself, before anybody looks at what it wrote.

use crate::scrub::cut;
use std::cell::Cell;
use std::fmt::{self, Write};

/// Of a long value so much is written beyond what can be shown, in bytes: what begins before the cut and
/// ends behind it must be seen.
const BEYOND: usize = 512;
/// A larger one is not kept for the next value, in bytes.
const MAX_KEPT: usize = 16 << 10;

thread_local! {
    /// The memory of the last value; none while one formats itself, so that a value that logs meanwhile
    /// finds another.
    static KEPT: Cell<String> = const { Cell::new(String::new()) };
}

/// What a value writes, as far as it can count: whoever writes more is told to stop by an error.
#[derive(Debug)]
pub(super) struct Buffer {
    text: String,
    /// Characters that can be shown.
    chars: usize,
    /// How many of them are left, once there are so many bytes that one has to count.
    left: Option<usize>,
    /// Bytes beyond those.
    beyond: usize,
}

impl Buffer {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Writes what is short, however full it is.
    pub(super) fn append(&mut self, text: &str) {
        self.text.push_str(text);
    }
}

/// Runs `body` with an empty buffer for a value of which `chars` characters can be shown. Allocates
/// nothing where this thread has formatted a value as long before.
pub(super) fn with<R>(chars: usize, body: impl FnOnce(&mut Buffer) -> R) -> R {
    // At its end a thread has none any more.
    let text = KEPT.try_with(Cell::take).unwrap_or_default();
    let mut buffer = Buffer { text, chars, left: None, beyond: BEYOND };
    let result = body(&mut buffer);
    if buffer.text.capacity() <= MAX_KEPT {
        buffer.text.clear();
        let _ = KEPT.try_with(|kept| kept.set(buffer.text));
    }
    result
}

impl Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.text.len() + text.len() <= self.chars {
            self.text.push_str(text);
            return Ok(());
        }
        let left = self.left.unwrap_or_else(|| self.chars - self.text.chars().count());
        let shown = cut(text, left);
        self.left = Some(left - shown.chars().count());
        self.text.push_str(shown);
        let rest = &text[shown.len()..];
        if rest.is_empty() {
            return Ok(());
        }
        let mut end = rest.len().min(self.beyond);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        self.text.push_str(&rest[..end]);
        if end < rest.len() {
            self.beyond = 0;
            return Err(fmt::Error);
        }
        self.beyond -= end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(chars: usize, parts: &[&str]) -> (String, bool) {
        with(chars, |buffer| {
            let all = parts.iter().filter(|part| buffer.write_str(part).is_err()).count() == 0;
            (buffer.text().to_owned(), all)
        })
    }

    #[test]
    fn it_takes_what_can_be_shown_and_a_little_more() {
        assert_eq!(written(3, &["a", "é", "c"]), ("aéc".into(), true));
        assert_eq!(written(0, &["abc"]), ("abc".into(), true));
        let (text, all) = written(100, &[&"é".repeat(5_000)]);
        assert_eq!((text.chars().count(), all), (100 + BEYOND / 2, false));
        let pieces = vec!["xé"; 5_000];
        let (text, all) = written(100, &pieces);
        assert!((150 + BEYOND - 2..=150 + BEYOND).contains(&text.len()) && !all, "{}", text.len());
        assert!(text.starts_with(&"xé".repeat(200)));
    }

    #[test]
    fn nothing_comes_behind_a_gap() {
        let (text, all) = written(0, &[&"x".repeat(BEYOND - 1), "é", "y"]);
        assert_eq!((text.len(), all), (BEYOND - 1, false));
    }

    #[test]
    fn a_value_inside_a_value_has_a_buffer_of_its_own() {
        with(10, |outer| {
            outer.append("outer");
            with(10, |inner| {
                assert_eq!(inner.text(), "");
                inner.append("inner");
            });
            assert_eq!(outer.text(), "outer");
        });
        assert_eq!(written(10, &[]), (String::new(), true));
    }

    #[test]
    fn a_panic_costs_the_memory_and_no_more() {
        let broken = std::panic::catch_unwind(|| with(10, |_| panic!("a value of the host")));
        assert!(broken.is_err());
        assert_eq!(written(10, &["x"]), ("x".into(), true));
        with(MAX_KEPT * 2, |buffer| buffer.append(&"x".repeat(MAX_KEPT + 1)));
        assert!(KEPT.take().capacity() <= MAX_KEPT);
    }
}
