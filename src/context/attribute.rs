//! Attributes of the current span that it did not declare.

/// The value of a span's attribute: a text, a number or a truth.
///
/// # Examples
///
/// ```
/// lightship::set_attribute("classification.confidence", 0.93);
/// lightship::set_attribute("document.pages", 12_u64);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AttributeValue<'a>(pub(super) Repr<'a>);

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Repr<'a> {
    Text(&'a str),
    Integer(i64),
    Float(f64),
    Bool(bool),
}

impl<'a> From<&'a str> for AttributeValue<'a> {
    fn from(text: &'a str) -> Self {
        AttributeValue(Repr::Text(text))
    }
}

impl<'a> From<&'a String> for AttributeValue<'a> {
    fn from(text: &'a String) -> Self {
        AttributeValue(Repr::Text(text))
    }
}

impl From<bool> for AttributeValue<'_> {
    fn from(truth: bool) -> Self {
        AttributeValue(Repr::Bool(truth))
    }
}

impl From<f64> for AttributeValue<'_> {
    fn from(number: f64) -> Self {
        AttributeValue(Repr::Float(number))
    }
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        // OpenTelemetry has signed integers alone; what is larger is its largest.
        impl From<$integer> for AttributeValue<'_> {
            fn from(number: $integer) -> Self {
                AttributeValue(Repr::Integer(i64::try_from(number).unwrap_or(i64::MAX)))
            }
        }
    )*};
}

integers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

/// Sets an attribute of the current span, whatever fields that declared: a request's label in a handler,
/// for one. It goes to the span alone, cleaned and cut as every attribute is; the last value of a key
/// counts.
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
/// lightship::set_attribute("classification.label", "invoice");
/// # });
/// ```
pub fn set_attribute<'a>(key: &'static str, value: impl Into<AttributeValue<'a>>) {
    super::around::set_attribute(key, value.into().0);
}
