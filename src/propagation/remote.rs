//! The context that came with a request.

use crate::trace::entrance;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{self, Poll};

/// The context that came with a request: where it stands in its trace, and its baggage.
///
/// Made by [`extract`](super::extract). Spans that are made inside of [`run`](Self::run) or
/// [`wrap`](Self::wrap) are children of the remote span, kept or not as its sender decided, known
/// before any of them is made.
#[derive(Debug, Clone)]
pub struct Remote {
    context: Context,
}

impl Remote {
    pub(super) fn new(span: Option<SpanContext>) -> Self {
        let context = match span {
            Some(span) => Context::new().with_remote_span_context(span),
            None => Context::new(),
        };
        Remote { context }
    }

    /// Whether a trace came with the request.
    pub fn is_valid(&self) -> bool {
        self.context.has_active_span()
    }

    /// Runs `body` in this context, on this thread.
    pub fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        let _attached = self.context.clone().attach();
        entrance::enter(body)
    }

    /// Lets a future run in this context, on whatever thread it is polled.
    pub fn wrap<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        Received { future, remote: self.clone() }
    }
}

pin_project! {
    struct Received<F> {
        #[pin]
        future: F,
        remote: Remote,
    }
}

impl<F: Future> Future for Received<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.remote.run(|| this.future.poll(task))
    }
}
