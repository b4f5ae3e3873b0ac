//! What is wrong with a usage, and where.

use std::borrow::Cow;
use std::fmt;

/// A usage that can't be right, or can't be read.
///
/// Names the field, never its value: what a provider sent there may be anything.
///
/// # Examples
///
/// ```
/// use lightship::llm::Usage;
///
/// let error = Usage::new(100, 20).cache_read(101).check().unwrap_err();
/// assert_eq!(error.field(), "cache_read");
/// assert_eq!(error.to_string(), "cache_read: 101 tokens are more than the input's 100");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageError {
    field: Cow<'static, str>,
    problem: String,
}

impl UsageError {
    pub(crate) fn new(field: impl Into<Cow<'static, str>>, problem: impl Into<String>) -> Self {
        UsageError { field: field.into(), problem: problem.into() }
    }

    /// The field that is wrong: a name of ours, such as `cache_read`, or a path in what was read, such as
    /// `usage.prompt_tokens`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

impl std::error::Error for UsageError {}
