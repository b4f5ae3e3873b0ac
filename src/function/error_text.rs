//! What an error says, as far as it may leave the process.

use crate::metrics::current;
use crate::scrub::{self, Sink};
use std::fmt::{self, Debug, Display, Write};

/// An error's text has at most so many characters.
const MAX_CHARS: usize = 200;
/// So many bytes of it are looked at: what is cut in the middle is told by its end.
const MAX_BYTES: usize = MAX_CHARS * 4 + 512;

/// What an error says: one line of at most 200 characters.
#[derive(Debug)]
#[doc(hidden)]
pub struct ErrorText(String);

impl ErrorText {
    #[cold]
    pub fn display<E: Display + ?Sized>(error: &E) -> Self {
        Self::of(format_args!("{error}"))
    }

    #[cold]
    pub fn debug<E: Debug + ?Sized>(error: &E) -> Self {
        Self::of(format_args!("{error:?}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(text: fmt::Arguments<'_>) -> Self {
        let mut bounded = Bounded(String::new());
        // An error only says that there was more than fits.
        let _ = bounded.write_fmt(text);
        // As it was written: without its lines a key is none, and after a cut a token.
        let policy = current::policy();
        let scrubbed = policy.text(bounded.0.trim(), MAX_CHARS, Sink::Texts);
        ErrorText(scrub::text(&scrubbed, MAX_CHARS).into_owned())
    }
}

/// Takes no more than is kept, whatever an error has to say.
struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = MAX_BYTES.saturating_sub(self.0.len());
        let fits = scrub::cut(text, room);
        self.0.push_str(fits);
        if fits.len() < text.len() { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Endless;

    impl Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                f.write_str("and é on\n")?;
            }
        }
    }

    #[test]
    fn what_is_found_goes_before_the_text_is_cut_or_one_line() {
        let token = format!("ghp_{}", "a1".repeat(18));
        let cut = ErrorText::display(&format!("{}{token}", "x ".repeat(95)));
        assert!(!cut.as_str().contains("a1a1"), "{cut:?}");
        let key =
            format!("-----BEGIN {0}\n{1}\n-----END {0}", "PRIVATE KEY-----", "a1B2".repeat(16));
        assert_eq!(ErrorText::display(&key).as_str(), "[REDACTED:private_key]");
    }

    #[test]
    fn a_text_is_one_line_and_cut() {
        assert_eq!(ErrorText::display("a\nb").as_str(), "a_b");
        assert_eq!(ErrorText::debug("a").as_str(), "\"a\"");
        let endless = ErrorText::display(&Endless);
        assert_eq!(endless.as_str().chars().count(), MAX_CHARS);
        assert_eq!(ErrorText::display(&"é".repeat(MAX_CHARS)).as_str(), "é".repeat(MAX_CHARS));
    }
}
