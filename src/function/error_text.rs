//! What an error says, as far as it may leave the process.

use crate::scrub;
use crate::tag::{Truncated, truncated};
use std::fmt::{self, Debug, Display, Write};

/// At most so many characters of an error's text are shown.
const MAX_CHARS: usize = 200;
/// What is kept of it, in bytes: the policy looks a little further than where it cuts.
const MAX_BYTES: usize = MAX_CHARS * 4 + 512;

/// What an error says, raw: the policy sees it before it is cut.
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

    /// At most 200 characters of it, once it is recorded.
    pub fn shown(&self) -> Truncated<'_> {
        truncated(&self.0, MAX_CHARS)
    }

    fn of(text: fmt::Arguments<'_>) -> Self {
        let mut bounded = Bounded(String::new());
        // An error only says that there was more than fits.
        let _ = bounded.write_fmt(text);
        ErrorText(bounded.0)
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
    use crate::scrub::{Policy, Sink};
    use crate::tag;

    struct Endless;

    impl Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                f.write_str("and é on\n")?;
            }
        }
    }

    #[test]
    fn a_text_is_cut_where_it_is_shown() {
        let shown = |text: ErrorText| text.shown().to_string();
        assert_eq!(shown(ErrorText::display("a")), "a");
        assert_eq!(shown(ErrorText::debug("a")), "\"a\"");
        let endless = ErrorText::display(&Endless);
        assert_eq!(shown(endless).chars().count(), MAX_CHARS);
        assert_eq!(shown(ErrorText::display(&"é".repeat(MAX_CHARS))), "é".repeat(MAX_CHARS));
    }

    #[test]
    fn what_the_cut_would_split_is_seen_before() {
        // Half of it would pass for anything.
        let address = concat!("ada.lovelace", "@", "example.org");
        let text = ErrorText::display(&format!("{} {address}", "x".repeat(MAX_CHARS - 10)));
        let recorded = tag::recording(|| text.shown().to_string());
        let shown = Policy::shared_default().text(&recorded, 4_096, Sink::Texts).into_owned();
        assert_eq!(shown.trim_end(), "x".repeat(MAX_CHARS - 10), "no room for a placeholder");
    }
}
