//! The rules in force, for users.

use super::Policy;
use super::counts::Sink;
use super::policy::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// The longest text that comes back, in characters.
pub(crate) const MAX_TEXT_CHARS: usize = 4_096;

/// Rules in force: scrubs what goes elsewhere as telemetry is scrubbed.
///
/// Made by [`Redaction::build`](crate::Redaction::build), or asked from a running
/// [`Telemetry`](crate::Telemetry). A clone is one more reference to the same rules. Calls cost some tens of
/// nanoseconds for short clean values, and allocate only where something is replaced.
///
/// # Examples
///
/// ```
/// let redactor = lightship::Redaction::default().build()?;
/// assert_eq!(redactor.attribute("db.password", "hunter2"), "[REDACTED]");
/// assert_eq!(redactor.attribute("http.route", "/users/{id}"), "/users/{id}");
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Redactor(Arc<Policy>);

impl Redactor {
    pub(crate) fn new(policy: Arc<Policy>) -> Self {
        Redactor(policy)
    }

    /// A value as a span's attribute or a log's field shows it: at most 4,096 characters, only what is
    /// sensitive in it replaced.
    pub fn attribute<'t>(&self, key: &str, value: &'t str) -> Cow<'t, str> {
        match self.0.attribute(key, self.0.class(key), value, MAX_TEXT_CHARS, Sink::Texts) {
            Value::Kept(text) => text,
            Value::Dropped => Cow::Borrowed(super::REDACTED),
        }
    }

    /// A text without a key, such as a message or a body: at most 4,096 characters, only what is
    /// sensitive in it replaced.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.0.text(text, MAX_TEXT_CHARS, Sink::Texts)
    }

    /// A text of any length: benchmarks show by it that cost grows with length and with nothing else.
    #[doc(hidden)]
    pub fn unbounded<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.0.text(text, usize::MAX, Sink::Texts)
    }

    /// A value as a metric's tag shows it: `redacted` where anything in it is sensitive, and `None`
    /// where its key already says that it must not be there.
    pub fn tag<'t>(&self, key: &str, value: &'t str) -> Option<Cow<'t, str>> {
        self.0.tag_value(key, value, super::MAX_TAG_CHARS)
    }
}
