//! The beginning of a text.

use super::{Made, cut, is_shown_marked};
use std::fmt::{self, Display};

/// A text is looked at so many bytes beyond where it is cut: what begins before the cut and ends behind
/// it can be told then.
const BEYOND_CUT: usize = 512;

/// The beginning of a text; made by [`truncated`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Truncated<'t> {
    /// As much as is looked at.
    text: &'t str,
    max_chars: u32,
}

/// The first `max_chars` characters of a text. It is scrubbed before it is cut, so that no half of a
/// card's number stands at the end.
///
/// Texts have many values: as a tag of a metric this is for texts of which there are few.
///
/// # Costs
///
/// Nothing is copied or allocated; of a long text no more is looked at than `max_chars` characters and
/// 512 bytes.
///
/// # Examples
///
/// ```
/// use lightship::truncated;
///
/// let question = "Which of my appointments can be moved to Friday?";
/// tracing::info!(question = %truncated(question, 20), "asked");
/// assert_eq!(truncated(question, 20).to_string(), "Which of my appointm");
/// ```
pub fn truncated<T: AsRef<str> + ?Sized>(text: &T, max_chars: usize) -> Truncated<'_> {
    let text = text.as_ref();
    let mut end = (cut(text, max_chars).len() + BEYOND_CUT).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let max_chars = u32::try_from(max_chars).unwrap_or(u32::MAX);
    Truncated { text: &text[..end], max_chars }
}

impl<'t> Truncated<'t> {
    #[inline]
    pub(super) fn made(&self) -> Made<'t> {
        Made::Truncated(self.text, self.max_chars)
    }
}

/// What is left of the text; unless telemetry records it, that is not scrubbed.
impl Display for Truncated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match is_shown_marked(self.made(), f)? {
            true => Ok(()),
            false => f.write_str(cut(self.text, self.max_chars as usize)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_looked_at_a_little_further() {
        assert_eq!(truncated("h\u{e9}llo", 2).to_string(), "h\u{e9}");
        assert_eq!(truncated("h\u{e9}llo", 9).to_string(), "h\u{e9}llo");
        assert_eq!(truncated("abc", 0).to_string(), "");
        let long = "\u{20ac}".repeat(10_000);
        let Made::Truncated(text, 10) = truncated(&long, 10).made() else { panic!("is no text") };
        assert!((530..=542).contains(&text.len()), "{}", text.len());
    }
}
