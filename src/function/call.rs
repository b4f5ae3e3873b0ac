//! One call of a function.

use super::error_text::ErrorText;
use super::future::Observed;
use super::meter::Meter;
use super::outcome::{Outcome, Unless};
use std::cell::Cell;
use tracing::Span;
use tracing::span::Entered;

/// Measures a call, from when it is made until it is dropped.
#[derive(Debug)]
#[doc(hidden)]
pub struct Call<M: Meter> {
    // Dropped after the meter has taken the time, which is not to have the span's closing in it.
    span: Span,
    meter: M,
    unless: Unless,
    outcome: Cell<Option<Outcome>>,
}

impl<M: Meter> Call<M> {
    #[inline(always)]
    pub fn new(span: Span, meter: M, unless: Unless) -> Self {
        Call { span, meter, unless, outcome: Cell::new(None) }
    }

    /// For a function that says how it ended only where it can: whatever else ends it.
    ///
    /// Where the thread panics already, as it does in a destructor, one can't tell a panic of this
    /// call apart; such a call counts as returned.
    #[inline(always)]
    pub fn returning(span: Span, meter: M, error_type: Option<&'static str>) -> Self {
        let call = Call::new(span, meter, Unless::Returns(error_type));
        if std::thread::panicking() {
            call.ends(error_type);
        }
        call
    }

    #[inline(always)]
    pub fn enter(&self) -> Entered<'_> {
        self.span.enter()
    }

    /// Polls `future` in the span; a panic on the way is told apart from a future that is dropped.
    #[inline(always)]
    pub fn poll<F: Future>(&mut self, future: F) -> Observed<'_, F, M> {
        Observed::new(self, future)
    }

    /// The call returns, with an error of this type or without any.
    #[inline(always)]
    pub fn ends(&self, error_type: Option<&'static str>) {
        self.outcome.set(Some(error_type.map_or(Outcome::Ok, Outcome::Error)));
    }

    /// What the span's status is to say.
    pub fn describe(&self, error: &ErrorText) {
        self.span.record("otel.status_description", error.as_str());
    }

    #[inline(always)]
    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    pub(super) fn panicked(&self) {
        self.outcome.set(Some(Outcome::Panic));
    }

    /// Tells the span what a success does not have to tell.
    #[cold]
    #[inline(never)]
    fn tell_span(&self, outcome: Outcome) {
        if self.span.is_disabled() {
            return;
        }
        self.span.record("outcome", outcome.name());
        match outcome {
            Outcome::Ok | Outcome::Cancelled => return,
            Outcome::Error(error_type) => self.span.record("error.type", error_type),
            Outcome::Panic => self.span.record("error.type", "panic"),
        };
        self.span.record("otel.status_code", "error");
    }
}

impl<M: Meter> Drop for Call<M> {
    #[inline]
    fn drop(&mut self) {
        let outcome = self.outcome.get().unwrap_or_else(|| self.unless.outcome());
        self.meter.record(outcome);
        if outcome != Outcome::Ok {
            self.tell_span(outcome);
        }
    }
}
