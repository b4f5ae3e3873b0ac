//! A call that goes on over `await` points.

use super::call::Call;
use super::meter::Meter;
use super::outcome::Outcome;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// The body of an async function, polled in the span of its call.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    #[doc(hidden)]
    pub struct Observed<'call, F, M: Meter> {
        call: &'call mut Call<M>,
        // None once it is over: what it holds is dropped in the span.
        #[pin]
        future: Option<F>,
    }

    impl<F, M: Meter> PinnedDrop for Observed<'_, F, M> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_some() {
                let _entered = this.call.enter();
                this.future.set(None);
            }
        }
    }
}

/// Tells the call of a panic, unless it is forgotten.
struct Panicking<'call, M: Meter>(&'call Call<M>);

impl<M: Meter> Drop for Panicking<'_, M> {
    fn drop(&mut self) {
        self.0.comes_to(Outcome::Panic);
    }
}

impl<'call, F, M: Meter> Observed<'call, F, M> {
    #[inline(always)]
    pub(super) fn new(call: &'call mut Call<M>, future: F) -> Self {
        Observed { call, future: Some(future) }
    }
}

impl<F: Future, M: Meter> Future for Observed<'_, F, M> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let call: &Call<M> = this.call;
        let _entered = call.enter();
        // A future that is polled after its end, against the rules, waits for ever.
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
        let panicking = Panicking(call);
        let polled = future.poll(context);
        if polled.is_ready() {
            this.future.set(None);
        }
        std::mem::forget(panicking);
        polled
    }
}
