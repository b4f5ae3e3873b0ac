//! A response that is on its way.

use super::body::ResponseBody;
use super::exchange::Exchange;
use crate::http::client::content_length;
use crate::http::request_id::{self, RequestId};
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The future of a [`ServerService`](super::ServerService). Dropped before the response is there, it
    /// records that the request was cancelled.
    pub struct ServerFuture<F> {
        // There until it is done.
        #[pin]
        handler: Option<F>,
        // None if the request is left out.
        exchange: Option<Box<Exchange>>,
        id: RequestId,
    }

    impl<F> PinnedDrop for ServerFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // What the handler drops belongs to the request, which ends thereafter.
            if let Some(exchange) = this.exchange.take() {
                exchange.run(|| this.handler.set(None));
            }
        }
    }
}

impl<F> ServerFuture<F> {
    pub(super) fn new(handler: F, exchange: Box<Exchange>, id: RequestId) -> Self {
        ServerFuture { handler: Some(handler), exchange: Some(exchange), id }
    }

    pub(super) fn skipped(handler: F, id: RequestId) -> Self {
        ServerFuture { handler: Some(handler), exchange: None, id }
    }
}

impl<F, B, E> Future for ServerFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
    E: 'static,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut handle = || {
            let handler = this.handler.as_mut().as_pin_mut();
            let polled = handler.map_or(Poll::Pending, |handler| handler.poll(task));
            if polled.is_ready() {
                // What it drops belongs to the request, too.
                this.handler.set(None);
            }
            polled
        };
        let Some(mut exchange) = this.exchange.take() else {
            let response = ready!(handle())?;
            return Poll::Ready(Ok(answer(response, None, this.id)));
        };
        // Held here, so that a panic ends it.
        let polled;
        (polled, exchange) = exchange.watch(handle);
        let Poll::Ready(result) = polled else {
            *this.exchange = Some(exchange);
            return Poll::Pending;
        };
        Poll::Ready(match result {
            Ok(response) => {
                let exchange = exchange.answered(&response);
                Ok(answer(response, exchange, this.id))
            }
            Err(error) => {
                let end = exchange.failed(&error);
                exchange.end(end);
                Err(error)
            }
        })
    }
}

/// The response as the client sees it.
fn answer<B: Body>(
    mut response: Response<B>,
    exchange: Option<Box<Exchange>>,
    id: &RequestId,
) -> Response<ResponseBody<B>> {
    // A handler may have put another there.
    response.headers_mut().entry(request_id::HEADER).or_insert_with(|| id.value());
    let length = exchange.as_ref().and_then(|_| {
        let known = response.body().size_hint().exact();
        known.or_else(|| content_length(response.headers()))
    });
    response.map(|body| ResponseBody::new(body, exchange, length))
}

impl<F> fmt::Debug for ServerFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerFuture").field("id", &self.id).finish_non_exhaustive()
    }
}
