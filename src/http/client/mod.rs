//! The client's side: a layer around whatever sends requests.

mod attempt;
mod future;
mod message;
mod operation;

pub use future::ClientFuture;
pub(super) use message::content_length;
#[cfg(feature = "reqwest")]
pub(super) use message::{ReceivedResponse, RequestHead, SentRequest};
pub use operation::Operation;

use super::measure::Described;
use crate::context::Context;
use crate::metrics::current;
use attempt::Attempt;
#[cfg(not(feature = "reqwest"))]
use message::{ReceivedResponse, SentRequest};
use std::task::{self, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Gives each request that a client sends a span and metrics, and the request the headers that carry
/// the trace on.
///
/// It takes requests of the crates `http` and `reqwest`, and stands around a client of hyper-util, a
/// channel of tonic, or a `reqwest::Client` (feature `reqwest`, for which the module
/// [`http::reqwest`](super::reqwest) has an easier way). Stack it inside of what sends a request again,
/// so that each attempt has a span.
///
/// A span is named by its method, or as an [`Operation`] among the request's extensions says; it ends
/// when the head of the response is there, as the conventions recommend where somebody might never
/// read the body. Statuses from 400 on, and requests that fail (`timeout`, `connect`, `cancelled` where
/// the future was dropped, or the error's type) are errors.
///
/// # Examples
///
/// ```
/// use http::Request;
/// use lightship::http::{ClientLayer, Operation};
/// use tower_layer::Layer;
///
/// # fn with<C>(client: C) {
/// let client = ClientLayer::new().layer(client);
/// # }
/// let mut request = Request::post("http://127.0.0.1:8081/users/17").body(()).unwrap();
/// request.extensions_mut().insert(Operation::new().template("/users/{id}"));
/// ```
#[derive(Debug, Clone)]
pub struct ClientLayer {
    operation: Option<Operation>,
    home: Option<Context>,
    described: Described,
}

impl ClientLayer {
    /// A layer for any client.
    pub fn new() -> Self {
        let home = current::scope().map(Context::of);
        ClientLayer { operation: None, home, described: Described::not_yet() }
    }

    /// What requests are about that don't say it themselves.
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    fn at_home<R>(&self, body: impl FnOnce() -> R) -> R {
        match &self.home {
            Some(home) => home.run(body),
            None => body(),
        }
    }
}

impl Default for ClientLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = ClientService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ClientService { inner, layer: self.clone() }
    }
}

/// What a [`ClientLayer`] makes of a client.
#[derive(Debug, Clone)]
pub struct ClientService<S> {
    inner: S,
    layer: ClientLayer,
}

impl<S, R> Service<R> for ClientService<S>
where
    R: SentRequest,
    S: Service<R>,
    S::Response: ReceivedResponse,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ClientFuture<S::Future>;

    fn poll_ready(&mut self, task: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, mut request: R) -> Self::Future {
        self.layer.described.now();
        let attempt =
            self.layer.at_home(|| Attempt::begin(&mut request, self.layer.operation.as_ref()));
        // If this panics, the attempt is dropped by it.
        let call = attempt.run(|| self.inner.call(request));
        ClientFuture::new(call, attempt)
    }
}
