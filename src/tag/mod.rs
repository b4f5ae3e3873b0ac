//! Tags as a call site hands them over: raw, borrowed, not yet scrubbed.

mod hash;
mod list;
mod mark;
mod owned;
mod seal;
mod value;

pub(crate) use hash::{TagHash, TagHasher};
pub(crate) use list::TagList;
#[cfg(feature = "otlp")]
pub(crate) use mark::has_marks;
pub(crate) use mark::{Mark, Marks, marks, recording};
pub use owned::{OwnedTag, TagField};
#[cfg(feature = "otlp")]
pub(crate) use value::Marked;
pub use value::{Hashed, Secret, Short, Truncated, hashed, secret, short, truncated};
pub(crate) use value::{ShownMade, is_shown_marked};

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A value that a tag can have: strings, integers and booleans.
///
/// The facade's macros take any `TagValue` behind `=>`. Implement it for a type of your own to
/// use that as a tag; nothing is formatted while the series is in a thread's cache.
///
/// # Examples
///
/// ```
/// use lightship::{TagRef, TagValue};
///
/// enum Plan { Free, Paid }
///
/// impl TagValue for Plan {
///     fn tag_ref(&self) -> TagRef<'_> {
///         TagRef::text(match self {
///             Plan::Free => "free",
///             Plan::Paid => "paid",
///         })
///     }
/// }
///
/// lightship::counter!("uploads", "plan" => Plan::Paid).increment(1);
/// ```
pub trait TagValue {
    /// The raw value, borrowed.
    fn tag_ref(&self) -> TagRef<'_>;
}

/// A borrowed tag value, see [`TagValue`].
///
/// # Examples
///
/// ```
/// use lightship::{TagRef, TagValue};
///
/// assert_eq!(404_u16.tag_ref(), TagRef::unsigned(404));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagRef<'a>(Repr<'a>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repr<'a> {
    Text(&'a str),
    OneOf(&'static str),
    Unsigned(u64),
    Signed(i64),
    Bool(bool),
    Made(Made<'a>),
}

/// A value with whole numbers of one kind alone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Plain<'a> {
    Text(&'a str),
    Integer(i64),
    Bool(bool),
    Made(Made<'a>),
}

/// A value that says itself what may become of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made<'a> {
    /// What [`short`] left of an id.
    Short(&'a str),
    /// An id, raw: no more than its hash may leave the process.
    Hashed(&'a str),
    /// A text of which no more than so many characters may be left.
    Truncated(&'a str, u32),
    Secret,
}

/// Between a made value and the next one in a hash, for it to differ from its text alone.
const SHORT_MARK: u64 = 0x5348_4f52;
const HASHED_MARK: u64 = 0x4841_5348;
const TRUNCATED_MARK: u64 = 0x5452_554e << 32;
const SECRET_MARK: u64 = 0x5345_4352;

impl<'a> TagRef<'a> {
    /// A string.
    #[inline]
    pub fn text(value: &'a str) -> Self {
        TagRef(Repr::Text(value))
    }

    /// One of a few strings that the program has, such as an enum's variants: it does not count
    /// against the limit on a key's values. [`derive(Tag)`](crate::Tag) makes these.
    #[inline]
    pub fn one_of(value: &'static str) -> Self {
        TagRef(Repr::OneOf(value))
    }

    /// A whole number.
    #[inline]
    pub fn unsigned(value: u64) -> Self {
        TagRef(Repr::Unsigned(value))
    }

    /// A whole number that may be negative.
    #[inline]
    pub fn signed(value: i64) -> Self {
        TagRef(Repr::Signed(value))
    }

    /// `true` or `false`.
    #[inline]
    pub fn boolean(value: bool) -> Self {
        TagRef(Repr::Bool(value))
    }

    /// An id of which the hash alone may leave the process, as [`hashed`] has it.
    ///
    /// A type of your own for ids that gives this out can't be used as a tag in any other way.
    ///
    /// ```
    /// use lightship::{TagRef, TagValue};
    ///
    /// struct PatientId(String);
    ///
    /// impl TagValue for PatientId {
    ///     fn tag_ref(&self) -> TagRef<'_> {
    ///         TagRef::hashed(&self.0)
    ///     }
    /// }
    ///
    /// lightship::counter!("visits", "patient" => PatientId("p-1".to_owned())).increment(1);
    /// ```
    #[inline]
    pub fn hashed(id: &'a str) -> Self {
        TagRef(Repr::Made(Made::Hashed(id)))
    }

    /// What must not leave the process at all, as [`secret`] has it.
    #[inline]
    pub fn secret() -> Self {
        TagRef(Repr::Made(Made::Secret))
    }

    #[inline]
    pub(crate) fn from_made(made: Made<'a>) -> Self {
        TagRef(Repr::Made(made))
    }

    /// The value, if it says itself what may become of it.
    #[inline]
    pub(crate) fn made(self) -> Option<Made<'a>> {
        match self.0 {
            Repr::Made(made) => Some(made),
            _ => None,
        }
    }

    #[inline(always)]
    fn feed(self, hasher: &mut TagHasher) {
        match self.0 {
            Repr::Text(text) | Repr::OneOf(text) => hasher.write(text.as_bytes()),
            Repr::Unsigned(number) => hasher.write_u64(number, 1),
            Repr::Signed(number) => hasher.write_u64(number as u64, 2),
            Repr::Bool(flag) => hasher.write_u64(u64::from(flag), 3),
            Repr::Made(made) => made.feed(hasher),
        }
    }

    pub(crate) fn is_one_of(self) -> bool {
        matches!(self.0, Repr::OneOf(_))
    }

    /// The value as OpenTelemetry's attributes have it.
    pub(crate) fn plain(self) -> Plain<'a> {
        match self.0 {
            Repr::Text(text) | Repr::OneOf(text) => Plain::Text(text),
            Repr::Unsigned(number) => Plain::Integer(i64::try_from(number).unwrap_or(i64::MAX)),
            Repr::Signed(number) => Plain::Integer(number),
            Repr::Bool(truth) => Plain::Bool(truth),
            Repr::Made(made) => Plain::Made(made),
        }
    }

    /// The value as a text. An id that is to be hashed never shows here, nor does a secret.
    pub(crate) fn render(self) -> Cow<'a, str> {
        match self.0 {
            Repr::Text(text) | Repr::OneOf(text) => Cow::Borrowed(text),
            Repr::Unsigned(number) => Cow::Owned(number.to_string()),
            Repr::Signed(number) => Cow::Owned(number.to_string()),
            Repr::Bool(flag) => Cow::Borrowed(if flag { "true" } else { "false" }),
            Repr::Made(Made::Short(text)) => Cow::Borrowed(text),
            Repr::Made(Made::Truncated(text, chars)) => {
                Cow::Borrowed(value::cut(text, chars as usize))
            }
            Repr::Made(Made::Hashed(_) | Made::Secret) => Cow::Borrowed(value::REDACTED),
        }
    }
}

/// No id, whoever asks.
impl fmt::Debug for Made<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Made::Short(text) => f.debug_tuple("Short").field(text).finish(),
            Made::Hashed(_) => f.write_str("Hashed(..)"),
            Made::Truncated(text, chars) => {
                f.debug_tuple("Truncated").field(&value::cut(text, *chars as usize)).finish()
            }
            Made::Secret => f.write_str("Secret"),
        }
    }
}

impl Made<'_> {
    /// The same of another text.
    pub(crate) fn with_text(self, text: &str) -> Made<'_> {
        match self {
            Made::Short(_) => Made::Short(text),
            Made::Hashed(_) => Made::Hashed(text),
            Made::Truncated(_, chars) => Made::Truncated(text, chars),
            Made::Secret => Made::Secret,
        }
    }

    /// The mark is no truth, the only numbers of its kind, so that no other values feed the same.
    #[inline]
    fn feed(self, hasher: &mut TagHasher) {
        let (text, mark) = match self {
            Made::Short(text) => (text, SHORT_MARK),
            Made::Hashed(id) => (id, HASHED_MARK),
            Made::Truncated(text, chars) => (text, TRUNCATED_MARK | u64::from(chars)),
            Made::Secret => ("", SECRET_MARK),
        };
        hasher.write(text.as_bytes());
        hasher.write_u64(mark, 3);
    }
}

/// A key and its raw value at a call site; literals, like [`TagRef::one_of`], don't count against
/// limits, for a program has only so many of them.
#[derive(Debug, Clone, Copy)]
pub struct RawTag<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: TagRef<'a>,
    pub(crate) literal: bool,
}

impl<'a> RawTag<'a> {
    /// A tag as the macros make it.
    #[inline]
    pub fn new<V: TagValue + ?Sized>(key: &'a str, value: &'a V, literal: bool) -> Self {
        RawTag { key, value: value.tag_ref(), literal }
    }

    /// Whether the value does not count against its key's limit.
    pub(crate) fn is_bounded(&self) -> bool {
        self.literal || self.value.is_one_of()
    }

    #[inline(always)]
    pub(crate) fn feed_value(&self, hasher: &mut TagHasher) {
        self.value.feed(hasher);
    }
}

macro_rules! text_values {
    ($($type:ty),*) => {
        $(impl TagValue for $type {
            #[inline]
            fn tag_ref(&self) -> TagRef<'_> {
                TagRef::text(self)
            }
        })*
    };
}

macro_rules! number_values {
    ($($type:ty => $constructor:ident as $wide:ty),*) => {
        $(impl TagValue for $type {
            #[inline]
            fn tag_ref(&self) -> TagRef<'_> {
                TagRef::$constructor(*self as $wide)
            }
        })*
    };
}

text_values!(str, String, Box<str>, Arc<str>, Cow<'_, str>);
number_values!(
    u8 => unsigned as u64, u16 => unsigned as u64, u32 => unsigned as u64,
    u64 => unsigned as u64, usize => unsigned as u64,
    i8 => signed as i64, i16 => signed as i64, i32 => signed as i64,
    i64 => signed as i64, isize => signed as i64
);

impl TagValue for bool {
    #[inline]
    fn tag_ref(&self) -> TagRef<'_> {
        TagRef::boolean(*self)
    }
}

impl<T: TagValue + ?Sized> TagValue for &T {
    #[inline]
    fn tag_ref(&self) -> TagRef<'_> {
        (**self).tag_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_render_as_people_write_them() {
        assert_eq!("a".tag_ref().render(), "a");
        assert_eq!(String::from("b").tag_ref().render(), "b");
        assert_eq!((&&503_u16).tag_ref().render(), "503");
        assert_eq!((-1_i8).tag_ref().render(), "-1");
        assert_eq!(true.tag_ref().render(), "true");
        assert_eq!(u64::MAX.tag_ref().render(), "18446744073709551615");
    }

    #[test]
    fn made_values_show_no_more_than_they_may() {
        assert_eq!(short("0123456789").tag_ref().render(), "01234567");
        assert_eq!(truncated("0123456789", 3).tag_ref().render(), "012");
        assert_eq!(hashed("ada").tag_ref().render(), "[REDACTED]");
        assert_eq!(secret("ada").tag_ref().render(), "[REDACTED]");
    }

    #[test]
    fn values_that_differ_in_kind_alone_are_series_of_their_own() {
        let fed = |value: TagRef<'_>| {
            let mut hasher = TagHasher::new();
            value.feed(&mut hasher);
            let TagHash { low, high } = hasher.finish();
            (low, high)
        };
        let made = [Made::Short("a"), Made::Hashed("a"), Made::Truncated("a", 1)];
        let made = made.into_iter().chain([Made::Truncated("a", 2), Made::Secret]);
        let values = [TagRef::text("a"), TagRef::text(""), TagRef::boolean(true)];
        let all: Vec<_> = values.into_iter().chain(made.map(TagRef::from_made)).collect();
        let hashes: std::collections::HashSet<_> = all.iter().map(|value| fed(*value)).collect();
        assert_eq!(hashes.len(), all.len());
    }
}
