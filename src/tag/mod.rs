//! Tags as a call site hands them over: raw, borrowed, not yet scrubbed.

mod hash;
mod owned;

pub(crate) use hash::{TagHash, TagHasher};
pub use owned::{OwnedTag, TagField};

use std::borrow::Cow;
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
}

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

    #[inline(always)]
    fn feed(self, hasher: &mut TagHasher) {
        match self.0 {
            Repr::Text(text) | Repr::OneOf(text) => hasher.write(text.as_bytes()),
            Repr::Unsigned(number) => hasher.write_u64(number, 1),
            Repr::Signed(number) => hasher.write_u64(number as u64, 2),
            Repr::Bool(flag) => hasher.write_u64(u64::from(flag), 3),
        }
    }

    pub(crate) fn is_one_of(self) -> bool {
        matches!(self.0, Repr::OneOf(_))
    }

    pub(crate) fn render(self) -> Cow<'a, str> {
        match self.0 {
            Repr::Text(text) | Repr::OneOf(text) => Cow::Borrowed(text),
            Repr::Unsigned(number) => Cow::Owned(number.to_string()),
            Repr::Signed(number) => Cow::Owned(number.to_string()),
            Repr::Bool(flag) => Cow::Borrowed(if flag { "true" } else { "false" }),
        }
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
}
