//! What is wrong with a table of prices, and where.

use std::fmt;

/// A table that was not taken; the one before stays.
///
/// # Examples
///
/// ```
/// use lightship::llm::PriceBook;
/// use std::time::SystemTime;
///
/// let broken = br#"{"gpt-4o": {"litellm_provider": "openai",
///                              "input_cost_per_token": -1}}"#;
/// let error = PriceBook::from_litellm_json(broken, SystemTime::now()).unwrap_err();
/// assert_eq!(error.line(), Some(2));
/// assert_eq!(error.field(), "gpt-4o.input_cost_per_token");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceError {
    line: Option<usize>,
    field: String,
    problem: String,
}

impl PriceError {
    pub(crate) fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        PriceError { line: None, field: field.into(), problem: problem.into() }
    }

    pub(crate) fn at_line(mut self, line: Option<usize>) -> Self {
        self.line = line;
        self
    }

    /// The line of the file, from one; tables that are published have one line alone.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The way to the field, with ids where there are some: `[openai].models[gpt-4o].prices.input_mtok`; or
    /// `file` for the whole of it.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }
}

impl fmt::Display for PriceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{}: {}", self.field, self.problem)
    }
}

impl std::error::Error for PriceError {}
