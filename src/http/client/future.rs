//! A request that is on its way.

use super::attempt::Attempt;
use super::message::ReceivedResponse;
use crate::http::failure;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// The future of a [`ClientService`](super::ClientService). Dropped before the response is there, it
    /// records that the request was cancelled.
    #[derive(Debug)]
    pub struct ClientFuture<F> {
        // There until it is done.
        #[pin]
        call: Option<F>,
        attempt: Option<Attempt>,
    }

    impl<F> PinnedDrop for ClientFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // What the client drops belongs to the request, which ends thereafter.
            if let Some(attempt) = this.attempt.take() {
                attempt.run(|| this.call.set(None));
            }
        }
    }
}

impl<F> ClientFuture<F> {
    pub(super) fn new(call: F, attempt: Attempt) -> Self {
        ClientFuture { call: Some(call), attempt: Some(attempt) }
    }
}

impl<F, R, E> Future for ClientFuture<F>
where
    F: Future<Output = Result<R, E>>,
    R: ReceivedResponse,
    E: 'static,
{
    type Output = Result<R, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(call) = this.call.as_mut().as_pin_mut() else { return Poll::Pending };
        // Held here, so that a panic ends it.
        let Some(attempt) = this.attempt.take() else { return Poll::Pending };
        let Poll::Ready(result) = attempt.run(|| call.poll(task)) else {
            *this.attempt = Some(attempt);
            return Poll::Pending;
        };
        attempt.run(|| this.call.set(None));
        match &result {
            Ok(response) => attempt.answered(response),
            Err(error) => attempt.failed(failure::error_type(error)),
        }
        Poll::Ready(result)
    }
}
