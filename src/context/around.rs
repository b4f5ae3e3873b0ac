//! What OpenTelemetry's own context holds: the remote parent, and baggage.

use opentelemetry::Context;

/// The context that is current somewhere.
#[derive(Debug, Clone)]
pub(super) struct Around(Context);

impl Around {
    pub(super) fn current() -> Self {
        Around(Context::current())
    }

    /// Runs `body` in it, on this thread.
    pub(super) fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        let _attached = self.0.clone().attach();
        body()
    }
}
