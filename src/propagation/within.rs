//! A future that runs, and ends, in a context.

use crate::trace::{self, entrance};
use opentelemetry::Context;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{self, Poll};

pin_project! {
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub(super) struct Within<F> {
        // Always there until dropped.
        #[pin]
        future: Option<F>,
        context: Context,
        arrives: bool,
    }

    impl<F> PinnedDrop for Within<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            trace::in_context(this.context, || this.future.set(None));
        }
    }
}

impl<F> Within<F> {
    pub(super) fn new(future: F, context: Context) -> Self {
        Within { future: Some(future), context, arrives: false }
    }

    /// For work that came from another process in this context.
    pub(super) fn arriving(future: F, context: Context) -> Self {
        Within { future: Some(future), context, arrives: true }
    }
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(future) = this.future.as_pin_mut() else { return Poll::Pending };
        trace::in_context(this.context, || match *this.arrives {
            true => entrance::enter(|| future.poll(task)),
            false => future.poll(task),
        })
    }
}
