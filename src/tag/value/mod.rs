//! Values that say themselves what may become of them: part of an id, its hash, the beginning of a
//! text, nothing at all.
//!
//! They are carried raw, for as long as a statement takes, to where the policy runs: to a series that is
//! registered, or, as marks, to a span or a line.

mod hashed;
mod secret;
mod short;
mod truncated;

pub use hashed::{Hashed, hashed};
pub use secret::{Secret, secret};
pub use short::{Short, short};
pub use truncated::{Truncated, truncated};

use super::{Made, TagRef, mark};
use std::fmt;

pub(super) const REDACTED: &str = "[REDACTED]";

/// Writes a value as a mark where our own layers record; `false` where others read.
pub(crate) fn is_shown_marked(
    made: Made<'_>,
    f: &mut fmt::Formatter<'_>,
) -> Result<bool, fmt::Error> {
    match mark::is_recording() {
        true => mark::write(made, f).map(|()| true),
        false => Ok(false),
    }
}

/// At most so many characters.
pub(super) fn cut(text: &str, max_chars: usize) -> &str {
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// A value that others hold, shown as it shows itself; an id's hash is the policy's to make.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ShownMade<'a>(pub(crate) Made<'a>);

impl fmt::Debug for ShownMade<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A value that is shown as a mark, whoever asks: for attributes that we make ourselves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marked<'a>(pub(crate) Made<'a>);

impl fmt::Display for Marked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        mark::write(self.0, f)
    }
}

macro_rules! made_values {
    ($($(#[$where:meta])* [$($generics:tt)*] $type:ty),*) => {$(
        impl<$($generics)*> super::TagValue for $type {
            #[inline]
            fn tag_ref(&self) -> TagRef<'_> {
                TagRef::from_made(self.made())
            }
        }

        impl<$($generics)*> fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

made_values!([] Short, [] Hashed, ['t] Truncated<'t>, [T] Secret<T>);
