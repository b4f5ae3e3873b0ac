//! A future that takes its context along.

use super::Context;
use crate::metrics::current::{self, Active};
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{self, Poll};

pin_project! {
    /// A future that runs in a [`Context`], on whatever thread it is polled; made by
    /// [`Context::wrap`] and [`carry`](crate::carry).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Scoped<F> {
        // Always there until dropped.
        #[pin]
        future: Option<F>,
        context: Context,
        active: Option<Active>,
    }

    // The future ends in its context, too: a span that closes there closes its parents by way of the
    // thread's subscriber, and what a destructor records belongs to the scope.
    impl<F> PinnedDrop for Scoped<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.context.enter(this.active.as_ref(), || this.future.set(None));
        }
    }
}

impl<F: Future> Scoped<F> {
    pub(crate) fn new(future: F, context: Context) -> Self {
        let active = context.scope.is_some().then(Active::new);
        Scoped { future: Some(future), context, active }
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(future) = this.future.as_pin_mut() else { return Poll::Pending };
        this.context.enter(this.active.as_ref(), || future.poll(task))
    }
}

impl Context {
    /// As `run`, for a scope that was made active before.
    fn enter<R>(&self, active: Option<&Active>, body: impl FnOnce() -> R) -> R {
        match (&self.scope, active) {
            (Some(scope), Some(active)) => {
                current::with_active_scope(scope, active, || self.enter_work(body))
            }
            _ => self.enter_work(body),
        }
    }
}
