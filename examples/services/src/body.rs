//! Reading a body with bounds on its length and on the time that it may take.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use std::time::Duration;
use tokio::time::timeout;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyProblem {
    /// Longer than it may be, or announced to be.
    TooLarge,
    /// Not there in time.
    TimedOut,
    /// The client broke off, or sent what is no HTTP.
    Broken,
}

/// The media type of a request, in lower case and without parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next()?.trim().to_ascii_lowercase())
}

/// Whether `Content-Length` alone says that a body is longer than `limit`.
pub(crate) fn is_announced_too_large(headers: &HeaderMap, limit: usize) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|text| text.parse::<u64>().ok()).is_some_and(|length| length > limit as u64)
}

/// Reads `body` to its end: at most `limit` bytes, within `patience`.
///
/// Of one that is longer, as much again is read and forgotten: who is still sending when the
/// connection closes may never see the answer.
///
/// # Errors
///
/// [`BodyProblem`], whatever else is wrong with the request.
pub async fn read(body: Body, limit: usize, patience: Duration) -> Result<Bytes, BodyProblem> {
    timeout(patience, collect(body, limit)).await.unwrap_or(Err(BodyProblem::TimedOut))
}

async fn collect(mut body: Body, limit: usize) -> Result<Bytes, BodyProblem> {
    let (mut kept, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyProblem::Broken)?;
        // Trailers say nothing to us.
        let Ok(data) = frame.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length <= limit {
            kept.extend_from_slice(&data);
        } else if length > limit.saturating_mul(2) {
            break;
        } else {
            kept = Vec::new();
        }
    }
    if length > limit { Err(BodyProblem::TooLarge) } else { Ok(kept.into()) }
}

#[cfg(test)]
mod tests {
    use super::{Body, BodyProblem, HeaderMap, header, media_type, read};
    use axum::http::HeaderValue;
    use std::time::Duration;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn the_limit_is_the_longest() {
        let read = |text: &'static str| read(Body::from(text), 5, PATIENCE);
        assert_eq!(read("%PDF-").await.unwrap(), "%PDF-");
        assert_eq!(read("").await.unwrap(), "");
        assert_eq!(read("%PDF-1").await, Err(BodyProblem::TooLarge));
    }

    #[test]
    fn media_types_are_without_parameters() {
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(value));
            media_type(&headers)
        };
        assert_eq!(of("Application/PDF ; a=b").as_deref(), Some("application/pdf"));
        assert_eq!(of("").as_deref(), Some(""));
        assert_eq!(media_type(&HeaderMap::new()), None);
    }
}
