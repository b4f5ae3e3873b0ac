//! What OpenTelemetry's own context holds: the remote parent, and baggage.

use super::attribute::Repr;
use crate::{subscriber, trace};
use opentelemetry::{Context, Value};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The context that is current somewhere.
#[derive(Debug, Clone)]
pub(super) struct Around(Option<Context>);

impl Around {
    pub(super) fn current() -> Self {
        Around(Some(trace::current_context()))
    }

    /// `None` leaves what is there.
    #[cfg(feature = "http")]
    pub(super) fn of(context: Option<Context>) -> Self {
        Around(context)
    }

    /// Runs `body` in it, on this thread.
    pub(super) fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        match &self.0 {
            Some(context) => trace::in_context(context, body),
            None => body(),
        }
    }
}

/// Nothing is allocated where the span is not kept.
pub(super) fn set_attribute(key: &'static str, value: Repr<'_>) {
    if !subscriber::records_current_span() {
        return;
    }
    let value = match value {
        Repr::Text(text) => Value::from(text.to_owned()),
        Repr::Integer(number) => Value::I64(number),
        Repr::Float(number) => Value::F64(number),
        Repr::Bool(truth) => Value::Bool(truth),
    };
    Span::current().set_attribute(key, value);
}
