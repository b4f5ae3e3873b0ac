//! The server's side: a layer around whatever answers requests.

mod body;
mod exchange;
mod future;
mod head;
mod memory;
mod ongoing;
mod report;

pub use body::ResponseBody;
pub use future::ServerFuture;
pub use ongoing::Ongoing;

use super::error_context::ErrorContext;
use super::measure::Described;
use super::route::Route;
use crate::context::Context;
use crate::metrics::current;
use exchange::Exchange;
use head::Signs;
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use report::OnError;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::{self, Poll};
use tower_layer::Layer;
use tower_service::Service;

type FindRoute = dyn Fn(&Parts) -> Option<Route> + Send + Sync;
type FindClient = dyn Fn(&Parts) -> Option<IpAddr> + Send + Sync;

/// Gives each request that a service answers a span, metrics and an id.
///
/// The span is named by method and route (`POST /documents/{id}`), is a child of the span that the
/// request came from, and is kept or not as that was. The handler runs in it, with the baggage that
/// came along. It lasts until the body of the response has ended: one that is not finished, because the
/// client or a timeout gave up, has `error.type` `cancelled`; a handler's panic is `panic`, and goes
/// on unwinding. Statuses from 500 on are errors.
///
/// A request whose trace is not kept costs some microseconds and three small allocations: its state, and
/// its id twice; and the box that axum puts the response's body into.
///
/// A request's body keeps its type; a response's becomes a [`ResponseBody`]. What the handler reads is
/// counted where the body is axum's (feature `axum`); of another counts what it declares, and where it
/// declares nothing its size is not recorded. In axum, add the layer by `Router::layer`, as the last one.
///
/// Made within [`Telemetry::scope`](crate::TelemetryHandle::scope) or a capture of
/// `lightship::testing`, it records there, whatever task the requests run in.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "axum")]
/// # fn service() -> axum::Router {
/// use axum::{Router, routing::get};
/// use lightship::http::ServerLayer;
///
/// Router::new()
///     .route("/documents/{id}", get(|| async { "a document" }))
///     .route("/health", get(|| async { "ok" }))
///     .layer(ServerLayer::new().skip(["/health"]))
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ServerLayer {
    options: Arc<Options>,
}

/// What a layer was told.
#[derive(Clone)]
struct Options {
    skipped: Vec<Box<str>>,
    route: Option<Arc<FindRoute>>,
    client: Option<Arc<FindClient>>,
    on_error: Option<Arc<OnError>>,
    /// Whether the beginnings of JSON bodies are kept.
    previews: bool,
    /// Where it was made, if that was in a scope.
    home: Option<Context>,
    described: Described,
}

impl ServerLayer {
    /// A layer for all requests.
    pub fn new() -> Self {
        let home = current::scope().map(Context::of);
        let described = Described::not_yet();
        let options = Options {
            skipped: Vec::new(),
            route: None,
            client: None,
            on_error: None,
            previews: false,
            home,
            described,
        };
        ServerLayer { options: Arc::new(options) }
    }

    /// Leaves out requests for these very paths, such as `/health`: no span, no metrics. They still get
    /// an id.
    pub fn skip<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        let paths = paths.into_iter().map(|path| path.into().into_boxed_str());
        self.options_mut().skipped.extend(paths);
        self
    }

    /// Asks `find` for a request's route, where its extensions have none. Without one, a span is
    /// named by its method.
    ///
    /// # Examples
    ///
    /// ```
    /// use lightship::http::{Route, ServerLayer};
    ///
    /// let layer = ServerLayer::new().route(|request| match request.uri.path() {
    ///     "/documents" => Some(Route::from("/documents")),
    ///     path if path.starts_with("/documents/") => Some(Route::from("/documents/{id}")),
    ///     _ => None,
    /// });
    /// # let _: ServerLayer = layer;
    /// ```
    pub fn route(mut self, find: impl Fn(&Parts) -> Option<Route> + Send + Sync + 'static) -> Self {
        self.options_mut().route = Some(Arc::new(find));
        self
    }

    /// Records the address of the client that `find` knows as `client.address`. It tells who somebody
    /// is, so it is left out unless asked for; and only you know which header or proxy is to be
    /// believed.
    ///
    /// # Examples
    ///
    /// ```
    /// use lightship::http::ServerLayer;
    ///
    /// let layer = ServerLayer::new().client_address(|request| {
    ///     // The last entry is that of our own proxy.
    ///     let forwarded = request.headers.get("x-forwarded-for")?.to_str().ok()?;
    ///     forwarded.rsplit(',').next()?.trim().parse().ok()
    /// });
    /// # let _: ServerLayer = layer;
    /// ```
    pub fn client_address(
        mut self,
        find: impl Fn(&Parts) -> Option<IpAddr> + Send + Sync + 'static,
    ) -> Self {
        self.options_mut().client = Some(Arc::new(find));
        self
    }

    /// Calls `tell` with what may be told of each request that the service failed: with a status from 500
    /// on, a status of gRPC that says so, an error or a panic, be it in the response's body. A request
    /// that was cancelled is none of these, nor is one with a path that is [skipped](Self::skip).
    ///
    /// It runs once for each, in the request's span, when its end is recorded; a panic in it goes no
    /// further. An answer says no more of the error than its status: a handler that has an
    /// [`ErrorNote`](super::ErrorNote) to add puts it into the extensions of its response. Of a panic
    /// there is the text.
    ///
    /// A request that goes well costs one small allocation more.
    ///
    /// # Examples
    ///
    /// ```
    /// use lightship::http::ServerLayer;
    ///
    /// // A line of level ERROR for each, with the request, the error and the trace.
    /// let layer = ServerLayer::new().body_preview().on_error(|context| context.log());
    /// # let _: ServerLayer = layer;
    /// ```
    pub fn on_error(mut self, tell: impl Fn(ErrorContext) + Send + Sync + 'static) -> Self {
        self.options_mut().on_error = Some(Arc::new(tell));
        self
    }

    /// Keeps up to 4,608 bytes of each JSON body as the handler reads it, which
    /// [`on_error`](Self::on_error) and [`ErrorContext::of`] then show, scrubbed and cut to 4,096 bytes.
    ///
    /// Nothing is buffered for it and nothing waits. That is done to axum's bodies (feature `axum`); for
    /// others see [`BodyPreview`](super::BodyPreview).
    pub fn body_preview(mut self) -> Self {
        self.options_mut().previews = true;
        self
    }

    fn options_mut(&mut self) -> &mut Options {
        Arc::make_mut(&mut self.options)
    }
}

impl Default for ServerLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    fn skips(&self, path: &str) -> bool {
        self.skipped.iter().any(|skipped| **skipped == *path)
    }

    fn at_home<R>(&self, body: impl FnOnce() -> R) -> R {
        match &self.home {
            Some(home) => home.run(body),
            None => body(),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("skipped", &self.skipped).finish_non_exhaustive()
    }
}

impl<S> Layer<S> for ServerLayer {
    type Service = ServerService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ServerService { inner, options: Arc::clone(&self.options) }
    }
}

/// What a [`ServerLayer`] makes of a service.
#[derive(Debug, Clone)]
pub struct ServerService<S> {
    inner: S,
    options: Arc<Options>,
}

impl<S, B, RB> Service<Request<B>> for ServerService<S>
where
    S: Service<Request<B>, Response = Response<RB>>,
    S::Error: 'static,
    B: Body + 'static,
    RB: Body,
    RB::Error: 'static,
{
    type Response = Response<ResponseBody<RB>>;
    type Error = S::Error;
    type Future = ServerFuture<S::Future>;

    fn poll_ready(&mut self, task: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let signs = Signs::of(&parts);
        let id = signs.id.clone();
        parts.extensions.insert(id.clone());
        if self.options.skips(parts.uri.path()) {
            let request = Request::from_parts(parts, body);
            return ServerFuture::skipped(self.inner.call(request), id);
        }
        let preview = report::preview(&self.options, &mut parts);
        let (body, read) = body::watched(body, preview);
        let exchange =
            self.options.at_home(|| Exchange::begin(&self.options, &mut parts, &signs, read));
        let request = Request::from_parts(parts, body);
        // If this panics, the exchange ends by it.
        let (handler, exchange) = exchange.watch(|| self.inner.call(request));
        ServerFuture::new(handler, exchange, id)
    }
}
