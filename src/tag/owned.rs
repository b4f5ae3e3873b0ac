//! Tag values that outlive what they were made of.

use super::{Repr, TagRef, TagValue};
use tracing::Value;

/// Texts up to this length are kept without a box.
const SHORT: usize = 46;

/// A tag's value on its own: for one that is recorded after the code it came from has moved it away.
#[derive(Debug)]
pub struct OwnedTag(Owned);

#[derive(Debug)]
enum Owned {
    Short { bytes: [u8; SHORT], len: u8 },
    Long(Box<str>),
    OneOf(&'static str),
    Unsigned(u64),
    Signed(i64),
    Bool(bool),
}

impl OwnedTag {
    /// Copies a value; allocates for texts over 46 bytes alone.
    #[inline]
    pub fn of<V: TagValue + ?Sized>(value: &V) -> Self {
        OwnedTag(match value.tag_ref().0 {
            Repr::Text(text) => Owned::text(text),
            Repr::OneOf(text) => Owned::OneOf(text),
            Repr::Unsigned(number) => Owned::Unsigned(number),
            Repr::Signed(number) => Owned::Signed(number),
            Repr::Bool(flag) => Owned::Bool(flag),
        })
    }

    /// A text that the program has.
    #[inline]
    pub fn literal(text: &'static str) -> Self {
        OwnedTag(Owned::OneOf(text))
    }

    /// The same as a span's field.
    #[inline]
    pub fn field(&self) -> TagField<'_> {
        match self.tag_ref().0 {
            Repr::Text(text) | Repr::OneOf(text) => TagField::Text(text),
            Repr::Unsigned(number) => TagField::Number(number as i64),
            Repr::Signed(number) => TagField::Number(number),
            Repr::Bool(flag) => TagField::Bool(flag),
        }
    }
}

impl Owned {
    #[inline]
    fn text(text: &str) -> Self {
        let mut bytes = [0; SHORT];
        match bytes.get_mut(..text.len()) {
            Some(room) => {
                room.copy_from_slice(text.as_bytes());
                Owned::Short { bytes, len: text.len() as u8 }
            }
            None => Owned::Long(text.into()),
        }
    }
}

impl TagValue for OwnedTag {
    #[inline]
    fn tag_ref(&self) -> TagRef<'_> {
        TagRef(match &self.0 {
            // Copied as a whole, so there is nothing that could not be read.
            Owned::Short { bytes, len } => {
                Repr::Text(str::from_utf8(&bytes[..usize::from(*len)]).unwrap_or_default())
            }
            Owned::Long(text) => Repr::Text(text),
            Owned::OneOf(text) => Repr::OneOf(text),
            Owned::Unsigned(number) => Repr::Unsigned(*number),
            Owned::Signed(number) => Repr::Signed(*number),
            Owned::Bool(flag) => Repr::Bool(*flag),
        })
    }
}

/// A tag's value as `tracing` takes it. Numbers are signed, which is all that OTLP has.
#[derive(Debug)]
pub enum TagField<'a> {
    #[doc(hidden)]
    Text(&'a str),
    #[doc(hidden)]
    Number(i64),
    #[doc(hidden)]
    Bool(bool),
}

impl TagField<'_> {
    /// For a field of a span's macro.
    #[inline]
    pub fn value(&self) -> &dyn Value {
        match self {
            TagField::Text(text) => text,
            TagField::Number(number) => number,
            TagField::Bool(flag) => flag,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_what_it_was() {
        let long = "é".repeat(40);
        for text in ["", "pdf", &"x".repeat(SHORT), &long] {
            assert_eq!(OwnedTag::of(text).tag_ref(), text.tag_ref());
        }
        assert_eq!(OwnedTag::of(&7_u8).tag_ref(), TagRef::unsigned(7));
        assert_eq!(OwnedTag::of(&-7).tag_ref(), TagRef::signed(-7));
        assert_eq!(OwnedTag::of(&true).tag_ref(), TagRef::boolean(true));
        assert!(OwnedTag::literal("a").tag_ref().is_one_of());
        assert!(!OwnedTag::of("a").tag_ref().is_one_of());
    }
}
