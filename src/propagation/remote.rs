//! The context that came with a request.

use super::baggage::{self, Baggage};
use super::headers::{Found, Position};
use super::within::Within;
use crate::trace::{self, Asked, RANDOM, entrance};
use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId};
use std::fmt;

/// The context that came with a request: where it stands in its trace, and its baggage.
///
/// Made by [`extract`](super::extract). Spans that are made inside of [`run`](Self::run) or
/// [`wrap`](Self::wrap) are children of the remote span, kept or not as its sender decided, known
/// before any of them is made; so they are where a span of this process is current, such as a consumer's
/// around all of its messages. Where no trace came they stay children of that.
///
/// Cloning costs two reference counts.
///
/// # Examples
///
/// ```
/// use lightship::propagation::{Propagator, Propagators};
///
/// let headers = [("b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1")];
/// let remote = Propagators::new([Propagator::B3]).extract(&headers);
/// assert!(remote.is_valid() && remote.is_sampled());
/// assert_eq!(remote.trace_id().as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
/// assert_eq!(remote.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
/// ```
#[derive(Clone)]
pub struct Remote {
    context: Context,
    ignored: u64,
}

/// Nobody has decided about this trace, but for ourselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deferred(pub(crate) TraceId);

impl Remote {
    /// On top of the current context, whose span and baggage are not the request's.
    pub(super) fn new(
        found: Option<Found>,
        keeps: impl FnOnce(TraceId) -> bool,
        baggage: Option<opentelemetry::baggage::Baggage>,
        ignored: u64,
    ) -> Self {
        let mut context = trace::current_context();
        let asked = match &found {
            Some(Found::Decision(kept)) => Some(*kept),
            _ => None,
        };
        context = match found {
            Some(Found::At(position)) => at(context, position, keeps),
            _ if context.has_active_span() => Context::new(),
            _ => context,
        };
        if asked.is_some() || context.get::<Asked>().is_some() {
            context = context.with_value(Asked(asked));
        }
        context = match baggage {
            Some(baggage) => context.with_baggage(baggage),
            None if !context.baggage().is_empty() => context.with_cleared_baggage(),
            None => context,
        };
        Remote { context, ignored }
    }

    /// Whether a trace came with the request.
    pub fn is_valid(&self) -> bool {
        self.place().is_some()
    }

    /// Whether the trace is kept: as its sender decided, or where nobody has, as this service does.
    /// `false` without a trace.
    pub fn is_sampled(&self) -> bool {
        self.place().is_some_and(|place| place.is_sampled())
    }

    /// The trace's id, 32 hexadecimal digits in lower case.
    pub fn trace_id(&self) -> Option<String> {
        self.place().map(|place| place.trace_id().to_string())
    }

    /// The remote span's id, 16 hexadecimal digits in lower case.
    pub fn span_id(&self) -> Option<String> {
        self.place().map(|place| place.span_id().to_string())
    }

    /// The baggage that came with the request.
    pub fn baggage(&self) -> Baggage {
        baggage::of(&self.context)
    }

    /// How many headers, or parts of them, made no sense or were too long, and were ignored.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// Runs `body` in this context, on this thread.
    pub fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        trace::in_context(&self.context, || entrance::enter(body))
    }

    /// Lets a future run in this context, on whatever thread it is polled. It ends there, too: what its
    /// destructors send carries this context.
    pub fn wrap<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        Within::arriving(future, self.context.clone())
    }

    pub(super) fn place(&self) -> Option<SpanContext> {
        let span = self.context.span();
        Some(span.span_context()).filter(|place| place.is_valid()).cloned()
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }
}

fn at(context: Context, position: Position, keeps: impl FnOnce(TraceId) -> bool) -> Context {
    let trace_id = TraceId::from(position.trace_id);
    let sampled = position.sampled.unwrap_or_else(|| keeps(trace_id));
    let random = if position.random { RANDOM } else { TraceFlags::default() };
    let flags = random.with_sampled(sampled);
    let span_id = SpanId::from(position.span_id);
    let span = SpanContext::new(trace_id, span_id, flags, true, position.state);
    let context = context.with_remote_span_context(span);
    match position.sampled {
        Some(_) => context,
        None => context.with_value(Deferred(trace_id)),
    }
}

/// Ids and flags as in `traceparent`, or `none`.
impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place() {
            None => f.write_str("none"),
            Some(place) => {
                let flags = place.trace_flags().to_u8();
                write!(f, "{}-{}-{flags:02x}", place.trace_id(), place.span_id())
            }
        }
    }
}

/// Baggage by its keys alone, for values are anybody's.
impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("place", &format_args!("{self}"))
            .field("baggage", &self.baggage())
            .field("ignored", &self.ignored)
            .finish()
    }
}
