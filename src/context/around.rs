//! What OpenTelemetry's own context holds: the remote parent, and baggage.

use super::attribute::Attribute;
use crate::tag::{Marked, Plain};
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
pub(super) fn set_attribute(span: &Span, key: &'static str, value: Attribute<'_>) {
    if !subscriber::records_span(span) {
        return;
    }
    let value = match value {
        Attribute::Float(number) => Value::F64(number),
        Attribute::Tag(tag) => match tag.plain() {
            Plain::Text(text) => Value::from(text.to_owned()),
            Plain::Integer(number) => Value::I64(number),
            Plain::Bool(truth) => Value::Bool(truth),
            // For the policy, which our exporter asks.
            Plain::Made(made) => Value::from(Marked(made).to_string()),
        },
    };
    span.set_attribute(key, value);
}
