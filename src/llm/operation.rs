//! What a model is asked to do.

use std::fmt;

/// What a model is asked to do, by the names of `gen_ai.operation.name` in OpenTelemetry's conventions.
///
/// # Examples
///
/// ```
/// use lightship::llm::Operation;
///
/// assert_eq!(Operation::default().as_str(), "chat");
/// assert_eq!(Operation::Embeddings.to_string(), "embeddings");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Operation {
    /// `chat`
    #[default]
    Chat,
    /// `text_completion`
    TextCompletion,
    /// `generate_content`, text and other things at once
    GenerateContent,
    /// `embeddings`
    Embeddings,
    /// `retrieval`
    Retrieval,
    /// Any other, by a name of your choice.
    Other(&'static str),
}

impl Operation {
    /// The value of `gen_ai.operation.name`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Operation::Chat => "chat",
            Operation::TextCompletion => "text_completion",
            Operation::GenerateContent => "generate_content",
            Operation::Embeddings => "embeddings",
            Operation::Retrieval => "retrieval",
            Operation::Other(name) => name,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
