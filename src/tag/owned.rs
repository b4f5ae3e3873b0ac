//! Tag values that outlive what they were made of.

use super::value::ShownMade;
use super::{Made, Repr, TagRef, TagValue};
use std::fmt;
use tracing::Value;
use tracing::field::{DisplayValue, display};

/// Texts up to this length are kept without a box.
const SHORT: usize = 46;

/// A tag's value on its own: for one that is recorded after the code it came from has moved it away.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OwnedTag(Owned);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Owned {
    Short { bytes: [u8; SHORT], len: u8, form: Form },
    Long(Box<str>, Form),
    OneOf(&'static str),
    Unsigned(u64),
    Signed(i64),
    Bool(bool),
    Secret,
}

/// What a text is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    Plain,
    Short,
    Hashed,
    Truncated(u32),
}

impl OwnedTag {
    /// Copies a value; allocates for texts over 46 bytes alone.
    #[inline]
    pub fn of<V: TagValue + ?Sized>(value: &V) -> Self {
        Self::of_ref(value.tag_ref())
    }

    #[inline]
    pub(crate) fn of_ref(value: TagRef<'_>) -> Self {
        OwnedTag(match value.0 {
            Repr::Text(text) => Owned::text(text, Form::Plain),
            Repr::OneOf(text) => Owned::OneOf(text),
            Repr::Unsigned(number) => Owned::Unsigned(number),
            Repr::Signed(number) => Owned::Signed(number),
            Repr::Bool(flag) => Owned::Bool(flag),
            Repr::Made(Made::Short(text)) => Owned::text(text, Form::Short),
            Repr::Made(Made::Hashed(id)) => Owned::text(id, Form::Hashed),
            Repr::Made(Made::Truncated(text, chars)) => Owned::text(text, Form::Truncated(chars)),
            Repr::Made(Made::Secret) => Owned::Secret,
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
            Repr::Made(made) => TagField::Made(display(ShownMade(made))),
        }
    }
}

impl fmt::Debug for OwnedTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tag_ref().fmt(f)
    }
}

impl Owned {
    #[inline]
    fn text(text: &str, form: Form) -> Self {
        let mut bytes = [0; SHORT];
        match bytes.get_mut(..text.len()) {
            Some(room) => {
                room.copy_from_slice(text.as_bytes());
                Owned::Short { bytes, len: text.len() as u8, form }
            }
            None => Owned::Long(text.into(), form),
        }
    }
}

impl TagValue for OwnedTag {
    #[inline]
    fn tag_ref(&self) -> TagRef<'_> {
        TagRef(match &self.0 {
            // Copied as a whole, so there is nothing that could not be read.
            Owned::Short { bytes, len, form } => {
                form.of(str::from_utf8(&bytes[..usize::from(*len)]).unwrap_or_default())
            }
            Owned::Long(text, form) => form.of(text),
            Owned::OneOf(text) => Repr::OneOf(text),
            Owned::Unsigned(number) => Repr::Unsigned(*number),
            Owned::Signed(number) => Repr::Signed(*number),
            Owned::Bool(flag) => Repr::Bool(*flag),
            Owned::Secret => Repr::Made(Made::Secret),
        })
    }
}

impl Form {
    #[inline]
    fn of(self, text: &str) -> Repr<'_> {
        match self {
            Form::Plain => Repr::Text(text),
            Form::Short => Repr::Made(Made::Short(text)),
            Form::Hashed => Repr::Made(Made::Hashed(text)),
            Form::Truncated(chars) => Repr::Made(Made::Truncated(text, chars)),
        }
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
    #[doc(hidden)]
    Made(DisplayValue<ShownMade<'a>>),
}

impl TagField<'_> {
    /// For a field of a span's macro.
    #[inline]
    pub fn value(&self) -> &dyn Value {
        match self {
            TagField::Text(text) => text,
            TagField::Number(number) => number,
            TagField::Bool(flag) => flag,
            TagField::Made(shown) => shown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::{hashed, secret, short, truncated};

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

    #[test]
    fn a_made_value_stays_what_it_was() {
        let long = "é".repeat(40);
        for id in ["", "ada", &long] {
            for value in [hashed(id).tag_ref(), short(id).tag_ref(), truncated(id, 7).tag_ref()] {
                assert_eq!(OwnedTag::of_ref(value).tag_ref(), value);
            }
        }
        assert_eq!(OwnedTag::of(&secret(1)).tag_ref(), TagRef::secret());
        assert_eq!(format!("{:?}", OwnedTag::of(&hashed("ada"))), "TagRef(Made(Hashed(..)))");
    }
}
