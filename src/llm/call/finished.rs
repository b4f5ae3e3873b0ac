//! What is known of a call at its end.

use crate::llm::{Cost, Estimate, Unpriced};
use std::time::Duration;

/// What is known of a call at its end.
///
/// # Examples
///
/// ```
/// use lightship::llm::{self, Provider, Unpriced, Usage};
///
/// let finished = llm::call(Provider::OpenAi, "gpt-0").start().finish(Usage::new(1_000, 100));
/// assert_eq!(finished.cost(), None); // never zero
/// assert_eq!(finished.estimate(), Err(&Unpriced::UnknownModel));
/// ```
#[derive(Debug, Clone)]
pub struct Finished {
    pub(super) estimate: Result<Estimate, Unpriced>,
    pub(super) duration: Duration,
    pub(super) time_to_first_chunk: Option<Duration>,
    pub(super) output_tokens_per_second: Option<f64>,
}

impl Finished {
    /// What the call probably cost; `None` where nobody knows.
    #[must_use]
    pub fn cost(&self) -> Option<Cost> {
        self.estimate.as_ref().ok().map(Estimate::cost)
    }

    /// The cost with the prices that it was made of.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn estimate(&self) -> Result<&Estimate, &Unpriced> {
        self.estimate.as_ref()
    }

    /// From the start to the end.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// From the start to the first chunk, if there was one.
    #[must_use]
    pub fn time_to_first_chunk(&self) -> Option<Duration> {
        self.time_to_first_chunk
    }

    /// How fast the answer came, from its first chunk to its end; `None` without chunks or tokens.
    #[must_use]
    pub fn output_tokens_per_second(&self) -> Option<f64> {
        self.output_tokens_per_second
    }
}
