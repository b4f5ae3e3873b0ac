//! Bodies that count what goes through them.

use super::exchange::{End, Exchange};
use crate::http::body_preview::BodyPreview;
use bytes::Buf;
#[cfg(feature = "axum")]
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

/// How many bytes of a request's body the handler has read.
#[derive(Debug, Clone, Default)]
pub(super) struct Counter(Arc<AtomicU64>);

impl Counter {
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    #[cfg(feature = "axum")]
    fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// How much of a request's body was read, as far as that is known.
#[derive(Debug)]
pub(super) enum Read {
    Counted(Counter),
    /// What was declared; none where nothing was.
    Declared(Option<u64>),
}

impl Read {
    pub(super) fn bytes(&self) -> Option<u64> {
        match self {
            Read::Counted(counter) => Some(counter.get()),
            Read::Declared(size) => *size,
        }
    }
}

/// Has what is read of a body counted, without another type for it, which all that stands below the
/// layer would have to know: axum's body can hold any other. Of others counts what they declare.
pub(super) fn watched<B: Body + 'static>(mut body: B, preview: Option<BodyPreview>) -> (B, Read) {
    if body.is_end_stream() {
        return (body, Read::Declared(Some(0)));
    }
    if let Some(read) = count(&mut body, preview) {
        return (body, Read::Counted(read));
    }
    let size = body.size_hint().exact();
    (body, Read::Declared(size))
}

#[cfg(feature = "axum")]
fn count(body: &mut dyn std::any::Any, preview: Option<BodyPreview>) -> Option<Counter> {
    let body = body.downcast_mut::<axum::body::Body>()?;
    let counter = Counter::default();
    let inner = std::mem::take(body);
    *body = axum::body::Body::new(RequestBody { body: inner, counter: counter.clone(), preview });
    Some(counter)
}

#[cfg(not(feature = "axum"))]
fn count(_: &mut dyn std::any::Any, _: Option<BodyPreview>) -> Option<Counter> {
    None
}

#[cfg(feature = "axum")]
pin_project! {
    /// The body of a request, which counts what the handler reads of it.
    #[derive(Debug)]
    struct RequestBody<B> {
        #[pin]
        body: B,
        counter: Counter,
        preview: Option<BodyPreview>,
    }
}

#[cfg(feature = "axum")]
impl<B: Body<Data = Bytes>> Body for RequestBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let polled = this.body.poll_frame(task);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            this.counter.add(frame.data_ref().map_or(0, Buf::remaining));
            if let (Some(preview), Some(data)) = (this.preview, frame.data_ref()) {
                preview.add(data);
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

pin_project! {
    /// The body of a response that passed a [`ServerLayer`](super::ServerLayer): the request's span and
    /// duration last until it ends, fails or is dropped.
    #[derive(Debug, Default)]
    pub struct ResponseBody<B> {
        // Always there until dropped.
        #[pin]
        body: Option<B>,
        exchange: Option<Box<Exchange>>,
        // What was promised, where that was said.
        length: Option<u64>,
        runs_inside: bool,
    }

    impl<B> PinnedDrop for ResponseBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Some(exchange) = this.exchange.take() else { return };
            match *this.runs_inside {
                true => exchange.run(|| this.body.set(None)),
                false => this.body.set(None),
            }
            // Servers don't ask a body again that has given all that it promised.
            if *this.length == Some(exchange.written()) {
                exchange.end(End::Answered);
            }
        }
    }
}

impl<B: Body> ResponseBody<B> {
    /// `length` is what the body or the response's head says of it.
    pub(super) fn new(body: B, exchange: Option<Box<Exchange>>, length: Option<u64>) -> Self {
        let runs_inside = exchange.as_ref().is_some_and(|exchange| exchange.holds(&body));
        ResponseBody { body: Some(body), exchange, length, runs_inside }
    }
}

impl<B: Body> Body for ResponseBody<B>
where
    B::Error: 'static,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(mut body) = this.body.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        // Held here, so that a panic ends it.
        let Some(mut exchange) = this.exchange.take() else { return body.poll_frame(task) };
        let polled;
        match *this.runs_inside {
            true => (polled, exchange) = exchange.watch(|| body.as_mut().poll_frame(task)),
            false => polled = body.as_mut().poll_frame(task),
        }
        let end = match &polled {
            Poll::Pending => None,
            Poll::Ready(None) => Some(End::Answered),
            Poll::Ready(Some(Err(error))) => Some(exchange.failed(error)),
            Poll::Ready(Some(Ok(frame))) => {
                exchange.wrote(frame.data_ref().map_or(0, Buf::remaining));
                frame.trailers_ref().inspect(|trailers| exchange.trailers(trailers));
                (frame.is_trailers() || body.is_end_stream()).then_some(End::Answered)
            }
        };
        match end {
            Some(end) => exchange.end(end),
            None => *this.exchange = Some(exchange),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
