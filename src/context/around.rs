//! What OpenTelemetry's own context holds: the remote parent, and baggage.

use crate::trace;
use opentelemetry::Context;

/// The context that is current somewhere.
#[derive(Debug, Clone)]
pub(super) struct Around(Context);

impl Around {
    pub(super) fn current() -> Self {
        Around(trace::current_context())
    }

    /// Runs `body` in it, on this thread.
    pub(super) fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        trace::in_context(&self.0, body)
    }
}
