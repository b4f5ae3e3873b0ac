//! A request from its head to the end of its response.

use super::Options;
use super::body::Counter;
use super::head::{Head, Name, may_upgrade};
use super::ongoing::Ongoing;
use crate::context::Context;
use crate::http::failure::{CANCELLED, PANIC};
use crate::http::grpc;
use crate::http::measure::{self, SERVER, Tags};
use crate::http::request_id::RequestId;
use crate::http::route::Route;
use crate::metrics::{Gauge, current};
use crate::propagation;
use http::request::Parts;
use http::{Response, StatusCode};
use http_body::Body;
use opentelemetry::trace::TraceContextExt;
use std::time::Instant;
use tracing::{Span, record_all};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// How a request ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// With its response.
    Answered,
    /// Something else came in between; this is its type.
    Failed(&'static str),
}

/// A request that is being answered. Dropped before its end, it was cancelled, or the handler panicked.
#[derive(Debug)]
pub(super) struct Exchange {
    head: Head,
    span: Span,
    context: Context,
    /// Whether its metrics go elsewhere than to what is installed.
    scoped: bool,
    begun: Instant,
    active: Gauge,
    status: Option<StatusCode>,
    rpc_status: Option<grpc::Status>,
    /// How much the handler read; none where there is no body.
    read: Option<Counter>,
    written: u64,
    ongoing: Option<Ongoing>,
    ended: bool,
}

impl Exchange {
    pub(super) fn begin<B: Body>(
        options: &Options,
        parts: &mut Parts,
        id: &RequestId,
        body: &B,
    ) -> (Box<Self>, Option<Counter>) {
        options.described.now();
        let head = Head::of(options, parts);
        let remote = propagation::extract(&parts.headers);
        // The parent is known before the span is made, and with it whether the trace is kept.
        let (span, context) = remote.run(|| {
            let span = head.span(options, parts, id);
            let context = span.in_scope(Context::current);
            (span, context)
        });
        let scoped = current::scope().is_some();
        let active = measure::active(&head.tags_of_active());
        active.increment(1);
        let ongoing = may_upgrade(parts).then(|| Ongoing::new(context.clone()));
        if let Some(ongoing) = &ongoing {
            parts.extensions.insert(ongoing.clone());
        }
        let read = (!body.is_end_stream()).then(Counter::default);
        let exchange = Exchange {
            head,
            span,
            context,
            scoped,
            begun: Instant::now(),
            active,
            status: None,
            rpc_status: None,
            read: read.clone(),
            written: 0,
            ongoing,
            ended: false,
        };
        // It is passed on and on.
        (Box::new(exchange), read)
    }

    /// Runs what belongs to the request.
    pub(super) fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        self.context.run(body)
    }

    /// Takes note of the response's head. It comes back if there is a body to wait for.
    pub(super) fn answered<B: Body>(
        mut self: Box<Self>,
        response: &Response<B>,
    ) -> Option<Box<Self>> {
        let status = response.status();
        self.status = Some(status);
        self.rpc_status = grpc::Status::of(response.headers());
        if self.head.route.is_none()
            && let Some(route) = Route::left_in(response.extensions())
        {
            self.route_found(route);
        }
        let upgraded = status == StatusCode::SWITCHING_PROTOCOLS
            || (self.head.method == "CONNECT" && status.is_success());
        if upgraded && let Some(ongoing) = self.ongoing.take() {
            ongoing.keep(self);
            return None;
        }
        let has_body = self.head.method != "HEAD"
            && !status.is_informational()
            && status != StatusCode::NO_CONTENT
            && status != StatusCode::NOT_MODIFIED
            && !response.body().is_end_stream();
        if !has_body {
            self.end(End::Answered);
            return None;
        }
        Some(self)
    }

    /// A route that is known late, from the response.
    fn route_found(&mut self, route: Route) {
        self.head.route = Some(route);
        let Some(route) = &self.head.route else { return };
        self.span.record("http.route", route.as_str());
        // The span has begun, and its name is no field any more.
        let context = self.run(|| self.span.context());
        if context.span().is_recording() {
            context.span().update_name(Name(&self.head).to_string());
        }
    }

    pub(super) fn wrote(&mut self, bytes: usize) {
        self.written += bytes as u64;
    }

    pub(super) fn written(&self) -> u64 {
        self.written
    }

    pub(super) fn trailers(&mut self, trailers: &http::HeaderMap) {
        if self.head.call.is_some() {
            self.rpc_status = grpc::Status::of(trailers).or(self.rpc_status);
        }
    }

    pub(super) fn end(mut self: Box<Self>, end: End) {
        self.finish(end);
    }

    fn finish(&mut self, end: End) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        // A span ends when it was last left, which with its response was just now.
        if matches!(end, End::Answered) && !self.scoped {
            return self.record(end);
        }
        self.context.run(|| self.record(end));
    }

    fn record(&self, end: End) {
        self.active.decrement(1);
        let error = self.error(end);
        let read = self.read.as_ref().map_or(0, Counter::get);
        record_all!(
            self.span,
            http.response.status_code = self.status.map(|status| i64::from(status.as_u16())),
            http.request.body.size = read as i64,
            http.response.body.size = self.written as i64,
            error.type = error,
            otel.status_code = error.map(|_| "ERROR"),
            rpc.response.status_code = self.rpc_status.map(grpc::Status::name),
        );
        self.measure(error, read);
    }

    fn measure(&self, error: Option<&str>, read: u64) {
        let status = self.status.map(|status| status.as_u16());
        let rpc = self.rpc_status.filter(|_| self.head.call.is_some());
        let mut tags = self.head.tags();
        if let Some(status) = &status {
            tags.bounded("http.response.status_code", status);
        }
        if let Some(rpc) = &rpc {
            tags.bounded("rpc.response.status_code", rpc.name());
        }
        match self.head.call() {
            Some(call) if rpc.is_none_or(grpc::Status::knows_method) => {
                tags.counted("rpc.method", call);
            }
            Some(_) => {}
            None => tags.route(self.head.route.as_ref()),
        }
        if let Some(error) = error {
            tags.bounded("error.type", error);
        }
        let (duration, [request, response]) = SERVER.of(&tags);
        duration.record(self.begun.elapsed());
        request.record(read);
        response.record(self.written);
    }

    fn error(&self, end: End) -> Option<&str> {
        match end {
            End::Failed(kind) => Some(kind),
            End::Answered => {
                let rpc = self.rpc_status.filter(|status| status.is_server_error());
                let failed = self.status.as_ref().filter(|status| status.is_server_error());
                rpc.map(grpc::Status::name).or(failed.map(StatusCode::as_str))
            }
        }
    }
}

impl Head {
    fn tags_of_active(&self) -> Tags<'_> {
        let mut tags = Tags::new();
        tags.bounded("http.request.method", self.method);
        tags.bounded("url.scheme", self.scheme);
        tags
    }

    fn tags(&self) -> Tags<'_> {
        let mut tags = self.tags_of_active();
        tags.bounded("network.protocol.version", self.version);
        tags
    }
}

impl<'a> Tags<'a> {
    fn route(&mut self, route: Option<&'a Route>) {
        match route {
            Some(route) if route.is_bounded() => self.bounded("http.route", route.as_str()),
            Some(route) => self.counted("http.route", route.as_str()),
            None => {}
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let panics = std::thread::panicking();
        self.finish(End::Failed(if panics { PANIC } else { CANCELLED }));
    }
}
