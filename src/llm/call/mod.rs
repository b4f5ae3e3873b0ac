//! Calls to models: a span, tokens, durations and an estimate of the cost for each.
//!
//! ```text
//! call(..) -> NewCall -> start -> Call -> chunk* -> finish | fail | drop -> span, metrics, cost
//! ```

mod finished;
mod measure;
mod running;
#[cfg(all(test, feature = "otlp", feature = "testing"))]
mod tests;

pub use finished::Finished;
pub use running::{Answer, Call};

use super::{Operation, Provider};
use std::borrow::Cow;

/// A call to a model that is about to be made.
///
/// # Examples
///
/// ```
/// use lightship::llm::{self, Operation, Provider, Usage};
///
/// let (_, seen) = lightship::testing::capture(|| {
///     let call = llm::call(Provider::OpenAi, "gpt-4o").operation(Operation::Chat).start();
///     // .. the request ..
///     let finished = call.finish(Usage::new(1_000, 100));
///     assert_eq!(finished.cost().unwrap().to_string(), "$0.0035");
/// });
/// # #[cfg(feature = "otlp")]
/// assert!(seen.span("chat gpt-4o").is_some());
/// ```
pub fn call<'a>(provider: Provider, model: impl Into<Cow<'a, str>>) -> NewCall<'a> {
    NewCall {
        provider,
        model: model.into(),
        operation: Operation::default(),
        conversation: None,
        server: None,
        is_stream: false,
    }
}

/// What is known of a call before it is made; made by [`call`].
#[derive(Debug, Clone)]
#[must_use = "nothing is recorded before `start`"]
pub struct NewCall<'a> {
    pub(super) provider: Provider,
    pub(super) model: Cow<'a, str>,
    pub(super) operation: Operation,
    pub(super) conversation: Option<Cow<'a, str>>,
    pub(super) server: Option<(Cow<'a, str>, u16)>,
    pub(super) is_stream: bool,
}

impl<'a> NewCall<'a> {
    /// What the model is asked to do: [`Operation::Chat`] unless said.
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operation = operation;
        self
    }

    /// The conversation that the call belongs to, on the span alone: `gen_ai.conversation.id`.
    pub fn conversation(mut self, id: impl Into<Cow<'a, str>>) -> Self {
        self.conversation = Some(id.into());
        self
    }

    /// Who answers: `server.address` and `server.port`, on the span and the duration.
    pub fn server(mut self, address: impl Into<Cow<'a, str>>, port: u16) -> Self {
        self.server = Some((address.into(), port));
        self
    }

    /// The answer comes in pieces: call [`Call::chunk`] for each.
    pub fn stream(mut self) -> Self {
        self.is_stream = true;
        self
    }

    /// Starts the span and the clock. The span is not entered; [`Call::in_scope`] and
    /// [`Call::span`] are for what the request itself records.
    pub fn start(self) -> Call<'a> {
        Call::start(self)
    }
}
