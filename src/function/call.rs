//! One call of a function.

use super::error_text::ErrorText;
use super::future::Observed;
use super::inside::{Given, Inside, merge};
use super::meter::Meter;
use super::outcome::{Outcome, Unless};
use std::cell::Cell;
use std::fmt;
use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};
use tracing::{Level, Span};

/// Measures a call, from when it is made until it is dropped.
#[derive(Debug)]
#[doc(hidden)]
pub struct Call<M: Meter> {
    /// None where nobody wants to know: then a call costs a few comparisons.
    live: Option<Live<M>>,
}

pub(super) struct Live<M: Meter> {
    span: Option<Span>,
    meter: M,
    unless: Unless,
    outcome: Cell<Option<Outcome>>,
    /// What the code inside tagged it with.
    #[allow(clippy::box_collection, reason = "seldom there, and then a call has to be small")]
    given: Cell<Option<Box<Given>>>,
}

impl<M: Meter> Call<M> {
    /// A call whose span `span` makes, which is not asked where nobody wants spans of this level: a
    /// span's own macro asks that, too, but moves a span about whatever the answer is.
    #[inline(always)]
    pub fn new(level: Level, meter: M, unless: Unless, span: impl FnOnce(&M) -> Span) -> Self {
        match is_wanted(level) || meter.is_live() {
            true => Self::live(meter, unless, span),
            false => Call { live: None },
        }
    }

    /// The same, and none at all where nobody wants to know: what is not there is not dropped.
    #[inline(always)]
    pub fn begin(
        level: Level,
        meter: M,
        unless: Unless,
        span: impl FnOnce(&M) -> Span,
    ) -> Option<Self> {
        match is_wanted(level) || meter.is_live() {
            true => Some(Self::live(meter, unless, span)),
            false => None,
        }
    }

    // Out of line, so that a call of which nobody wants to know is short.
    #[inline(never)]
    fn live(meter: M, unless: Unless, span: impl FnOnce(&M) -> Span) -> Self {
        let span = Some(span(&meter)).filter(|span| !span.is_disabled());
        let is_live = span.is_some() || meter.is_live();
        // One can't tell a panic of this call apart where the thread panics already, as it does in a
        // destructor: what can't say how it ended returned.
        let outcome = match unless {
            Unless::Returns(error_type) if std::thread::panicking() => {
                Some(error_type.map_or(Outcome::Ok, Outcome::Error))
            }
            _ => None,
        };
        let outcome = Cell::new(outcome);
        let given = Cell::new(None);
        Call { live: is_live.then_some(Live { span, meter, unless, outcome, given }) }
    }

    #[inline(always)]
    pub fn enter(&self) -> Option<Inside<'_, M>> {
        self.live.as_ref().map(|live| Inside::new(live, &live.meter, live.span.as_ref()))
    }

    /// Polls `future` in the span; a panic on the way is told apart from a future that is dropped.
    #[inline(always)]
    pub fn poll<F: Future>(&mut self, future: F) -> Observed<'_, F, M> {
        Observed::new(self, future)
    }

    /// The call returns, with an error of this type or without any.
    #[inline(always)]
    pub fn ends(&self, error_type: Option<&'static str>) {
        self.comes_to(error_type.map_or(Outcome::Ok, Outcome::Error));
    }

    /// What the span's status is to say.
    pub fn describe(&self, error: &ErrorText) {
        if let Some(Live { span: Some(span), .. }) = &self.live {
            span.record("otel.status_description", tracing::field::display(error.shown()));
        }
    }

    #[inline(always)]
    pub(super) fn comes_to(&self, outcome: Outcome) {
        if let Some(live) = &self.live {
            live.outcome.set(Some(outcome));
        }
    }
}

#[inline(always)]
fn is_wanted(level: Level) -> bool {
    level <= STATIC_MAX_LEVEL && level <= LevelFilter::current()
}

impl<M: Meter> Live<M> {
    // Out of line, as above.
    #[inline(never)]
    fn end(&self) {
        let outcome = self.outcome.get().unwrap_or_else(|| self.unless.outcome());
        // First, for the time is not to have the span's closing in it.
        match self.given.take() {
            None => self.meter.record(outcome),
            Some(given) => self.meter.record_tagged(outcome, &given),
        }
        if outcome != Outcome::Ok {
            self.tell_span(outcome);
        }
    }

    /// Tags that the code inside gave it.
    #[cold]
    #[inline(never)]
    pub(super) fn give(&self, new: Given) {
        let mut all = self.given.take().unwrap_or_default();
        merge(&mut all, new, self.span.as_ref());
        self.given.set(Some(all));
    }

    /// Tells the span what a success does not have to tell.
    #[cold]
    #[inline(never)]
    fn tell_span(&self, outcome: Outcome) {
        let Some(span) = &self.span else { return };
        span.record("outcome", outcome.name());
        match outcome {
            Outcome::Ok | Outcome::Cancelled => return,
            Outcome::Error(error_type) => span.record("error.type", error_type),
            Outcome::Panic => span.record("error.type", "panic"),
        };
        span.record("otel.status_code", "error");
    }
}

impl<M: Meter + fmt::Debug> fmt::Debug for Live<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Live { span, meter, .. } = self;
        f.debug_struct("Live").field("span", span).field("meter", meter).finish_non_exhaustive()
    }
}

impl<M: Meter> Drop for Call<M> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(live) = &self.live {
            live.end();
        }
    }
}
