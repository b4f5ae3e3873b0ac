//! What a request is called in every place that it comes by.

use crate::trace::Ids;
use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry_sdk::trace::IdGenerator;
use std::fmt;
use std::hash::{Hash, Hasher};

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Longer ids are not taken over.
pub const MAX_REQUEST_ID_BYTES: usize = 128;

/// The id of a request, from `x-request-id`, or made where none came that makes sense.
///
/// A [`ServerLayer`](super::ServerLayer) puts it into the request's extensions, on its span as
/// `http.request.header.x-request-id`, and into the response. It is printable ASCII without spaces,
/// and of at most 128 bytes; one that is made has 32 hexadecimal digits.
///
/// # Examples
///
/// ```
/// use http::Request;
/// use lightship::http::RequestId;
///
/// fn handle<B>(request: &Request<B>) -> Option<String> {
///     let id = request.extensions().get::<RequestId>()?;
///     Some(format!("your request was {id}"))
/// }
/// # assert!(handle(&Request::new(())).is_none());
/// ```
#[derive(Clone)]
pub struct RequestId(Text);

#[derive(Clone)]
enum Text {
    Came(HeaderValue),
    /// Digits in place: most ids are never asked for but by the response.
    Made([u8; 32]),
}

impl RequestId {
    /// Takes over what came, if that makes sense.
    pub(super) fn of(came: Option<&HeaderValue>) -> Self {
        match came {
            Some(value) if is_sane(value.as_bytes()) => RequestId(Text::Came(value.clone())),
            _ => Self::make(),
        }
    }

    /// That of a request which passed no layer.
    pub(super) fn came_in(headers: &HeaderMap) -> Option<Self> {
        let came = headers.get(HEADER).filter(|value| is_sane(value.as_bytes()))?;
        Some(RequestId(Text::Came(came.clone())))
    }

    fn make() -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0; 32];
        for (byte, two) in Ids.new_trace_id().to_bytes().iter().zip(hex.chunks_exact_mut(2)) {
            two.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        RequestId(Text::Made(hex))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Came(value) => value.to_str().unwrap_or_default(),
            Text::Made(digits) => str::from_utf8(digits).unwrap_or_default(),
        }
    }

    pub(super) fn value(&self) -> HeaderValue {
        match &self.0 {
            Text::Came(value) => value.clone(),
            // Digits always are a value.
            Text::Made(digits) => {
                HeaderValue::from_bytes(digits).unwrap_or(HeaderValue::from_static("none"))
            }
        }
    }
}

impl PartialEq for RequestId {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for RequestId {}

impl Hash for RequestId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestId").field(&self.as_str()).finish()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether it may stand in logs, spans and headers as it is.
fn is_sane(id: &[u8]) -> bool {
    (1..=MAX_REQUEST_ID_BYTES).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken_over(id: &[u8]) -> bool {
        RequestId::of(Some(&HeaderValue::from_bytes(id).unwrap())).as_str().as_bytes() == id
    }

    #[test]
    fn sane_ids_are_taken_over() {
        assert!(taken_over(b"a"));
        assert!(taken_over(&[b'x'; MAX_REQUEST_ID_BYTES]));
        assert!(!taken_over(&[b'x'; MAX_REQUEST_ID_BYTES + 1]));
        assert!(!taken_over(b""));
        assert!(!taken_over(b"two words"));
        assert!(!taken_over(b"tab\there"));
        assert!(!taken_over("é".as_bytes()));
    }

    #[test]
    fn made_ids_differ() {
        let [one, other] = [RequestId::make(), RequestId::make()];
        assert_eq!(one.as_str().len(), 32);
        assert_ne!(one, other);
    }
}
