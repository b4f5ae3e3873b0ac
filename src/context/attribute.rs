//! Attributes of the current span that it did not declare.

use crate::tag::{TagRef, TagValue};
use tracing::Span;

/// What a span's attribute can be: whatever a tag can be (a text, a whole number, a truth, an enum with
/// [`derive(Tag)`](macro@crate::Tag), [`short`](crate::short), [`hashed`](crate::hashed) and so on), and
/// a number with a fraction.
///
/// What is a [`TagValue`] is one of these. OpenTelemetry has signed whole numbers alone; what is larger
/// is its largest.
///
/// # Examples
///
/// ```
/// lightship::detail("classification.confidence", 0.93);
/// lightship::detail("document.pages", 12_u64);
/// lightship::detail("patient", lightship::hashed("p-1"));
/// ```
pub trait AttributeValue {
    #[doc(hidden)]
    fn attribute(&self) -> Attribute<'_>;
}

/// A borrowed value of a span's attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
#[doc(hidden)]
pub enum Attribute<'a> {
    Tag(TagRef<'a>),
    Float(f64),
}

impl<V: TagValue + ?Sized> AttributeValue for V {
    fn attribute(&self) -> Attribute<'_> {
        Attribute::Tag(self.tag_ref())
    }
}

impl AttributeValue for f64 {
    fn attribute(&self) -> Attribute<'_> {
        Attribute::Float(*self)
    }
}

impl AttributeValue for f32 {
    fn attribute(&self) -> Attribute<'_> {
        Attribute::Float(f64::from(*self))
    }
}

/// A detail of the current span: an attribute, whatever fields the span declared. It goes to the span
/// alone, scrubbed and cut as every attribute is; the last value of a key counts. What metrics are to
/// have as well is a [`tag`](crate::tag()).
///
/// Costs some nanoseconds where the span is not kept, and nothing is allocated then. Outside of any span
/// it does nothing.
///
/// # Examples
///
/// ```
/// # let telemetry = lightship::builder("api").build().unwrap();
/// # telemetry.scope(|| {
/// let _span = tracing::info_span!("POST /documents").entered();
/// lightship::detail("classification.label", "invoice");
/// lightship::detail("classification.confidence", 0.93);
/// # });
/// ```
pub fn detail(key: &'static str, value: impl AttributeValue) {
    super::around::set_attribute(&Span::current(), key, value.attribute());
}

/// The same for a span that need not be the current one.
pub(crate) fn set_on(span: &Span, key: &'static str, value: Attribute<'_>) {
    super::around::set_attribute(span, key, value);
}
