//! A finished span as a test sees it.

use super::tree::FinishedSpan;
use std::time::Duration;

/// A finished span, cleaned as it would be for a collector.
///
/// # Examples
///
/// ```
/// let (_, seen) = lightship::testing::capture(|| {
///     let _span = tracing::info_span!("storage.put", bucket = "documents").entered();
///     tracing::error!("the storage did not answer");
/// });
/// let span = seen.span("storage.put").unwrap();
/// assert_eq!(span.attribute("bucket"), Some("documents"));
/// assert!(span.failed());
/// assert_eq!(span.events[0].name, "the storage did not answer");
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CapturedSpan {
    /// Its name.
    pub name: String,
    /// `internal`, `server`, `client`, `producer` or `consumer`.
    pub kind: &'static str,
    /// Attributes in the order of their recording, numbers and the like as text.
    pub attributes: Vec<(String, String)>,
    /// What happened on its way.
    pub events: Vec<CapturedEvent>,
    /// Why it failed, empty if nobody said; none if it did not.
    pub error: Option<String>,
    /// From its start to its end.
    pub duration: Duration,
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// 16 hexadecimal digits.
    pub span_id: String,
    pub(crate) place: FinishedSpan,
}

/// An event on a [`CapturedSpan`].
///
/// # Examples
///
/// ```
/// let (_, seen) = lightship::testing::capture(|| {
///     let _span = tracing::info_span!("upload").entered();
///     tracing::info!(bytes = 512, "stored");
/// });
/// let event = &seen.span("upload").unwrap().events[0];
/// assert_eq!(event.name, "stored");
/// assert!(event.attributes.contains(&("bytes".into(), "512".into())));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CapturedEvent {
    /// Its message.
    pub name: String,
    /// Its attributes, values as text.
    pub attributes: Vec<(String, String)>,
}

impl CapturedSpan {
    /// The value of an attribute, as text.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// Whether its status is an error.
    pub fn failed(&self) -> bool {
        self.error.is_some()
    }
}
