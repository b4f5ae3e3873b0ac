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

use super::budget::{self, Ask, BudgetExceeded, Reservation};
use super::{Cost, Operation, Provider};
use crate::workflow;
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
        tenant: None,
        expected: None,
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
    pub(super) tenant: Option<Cow<'a, str>>,
    pub(super) expected: Option<Cost>,
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

    /// For whom the call is made, where [budgets](super::Budget) are kept for each tenant; leaves the process
    /// nowhere but as a hash.
    pub fn tenant(mut self, id: impl Into<Cow<'a, str>>) -> Self {
        self.tenant = Some(id.into());
        self
    }

    /// What the call will cost at most, to be reserved of the [budgets](super::Budget) until it is known.
    pub fn expected_cost(mut self, cost: Cost) -> Self {
        self.expected = Some(cost);
        self
    }

    /// Starts the span and the clock. The span is not entered; [`Call::in_scope`] and
    /// [`Call::span`] are for what the request itself records.
    ///
    /// No budget keeps it from being made, but it counts in all of them; see [`try_start`](Self::try_start).
    pub fn start(self) -> Call<'a> {
        let workflow = workflow::current();
        let reservation = self.reserve(workflow.as_ref(), false).ok();
        Call::start(self, workflow, reservation)
    }

    /// The same, if no [budget](super::Budget) that denies is used up.
    ///
    /// # Errors
    ///
    /// Which budget has no room for the call, and until when. Nothing is recorded of it but that.
    ///
    /// # Examples
    ///
    /// ```
    /// use lightship::llm::{self, Budget, Cost, OnExceed, Provider};
    ///
    /// llm::budget::set([Budget::total(0.01).on_exceed(OnExceed::Deny)]);
    /// let call = llm::call(Provider::OpenAi, "gpt-4o").expected_cost(Cost::from_usd(0.02).unwrap());
    /// let error = call.try_start().unwrap_err();
    /// assert_eq!(error.limit().to_string(), "$0.01");
    /// # llm::budget::set([]);
    /// ```
    pub fn try_start(self) -> Result<Call<'a>, BudgetExceeded> {
        let workflow = workflow::current();
        let reservation = self.reserve(workflow.as_ref(), true)?;
        Ok(Call::start(self, workflow, Some(reservation)))
    }

    fn reserve(
        &self,
        workflow: Option<&workflow::Current>,
        may_be_denied: bool,
    ) -> Result<Reservation, BudgetExceeded> {
        budget::reserve(&Ask {
            model: &self.model,
            tenant: self.tenant.as_deref(),
            workflow: workflow.map(|workflow| workflow.name()),
            estimate: self.expected,
            may_be_denied,
        })
    }
}
