//! Where a request's body begins, kept while it is read.

use super::error_context::KEPT_BYTES;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Where a request's JSON body begins, kept for the case that the request fails.
///
/// A [`ServerLayer`](super::ServerLayer) with [`body_preview`](super::ServerLayer::body_preview) puts one
/// into the extensions of each request whose head says that its body is JSON, and fills it with what the
/// handler reads where the body is axum's. With another body, whoever reads it may say what came. It keeps
/// 4,608 bytes at most; nobody sees them but [`ErrorContext`](super::ErrorContext), scrubbed and cut.
///
/// # Examples
///
/// ```
/// use http::Request;
/// use lightship::http::BodyPreview;
///
/// fn read<B>(request: &Request<B>, chunk: &[u8]) {
///     if let Some(preview) = request.extensions().get::<BodyPreview>() {
///         preview.add(chunk);
///     }
/// }
/// # read(&Request::new(()), b"{}");
/// ```
#[derive(Clone, Default)]
pub struct BodyPreview(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    size: u64,
}

impl BodyPreview {
    /// Takes the next part of the body.
    pub fn add(&self, chunk: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.size += chunk.len() as u64;
        let room = KEPT_BYTES - kept.bytes.len();
        kept.bytes.extend_from_slice(chunk.get(..room).unwrap_or(chunk));
    }

    /// Whether something was read.
    pub(super) fn has_bytes(&self) -> bool {
        self.read(|_, size| size > 0)
    }

    /// Shows the kept bytes and the size of all that came.
    pub(super) fn read<R>(&self, look: impl FnOnce(&[u8], u64) -> R) -> R {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        look(&kept.bytes, kept.size)
    }
}

/// Without the bytes, which are not scrubbed.
impl fmt::Debug for BodyPreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.read(|_, size| size);
        f.debug_struct("BodyPreview").field("size", &size).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_the_beginning_and_counts_the_rest() {
        let preview = BodyPreview::default();
        preview.add(b"secret");
        preview.add(&vec![b'x'; KEPT_BYTES]);
        preview.add(b"end");
        preview.read(|kept, size| {
            assert_eq!((kept.len(), size), (KEPT_BYTES, KEPT_BYTES as u64 + 9));
            assert!(kept.starts_with(b"secretx"));
        });
        assert!(!format!("{preview:?}").contains("115"), "no bytes: {preview:?}");
    }
}
