//! A request from its head to the end of its response.

use super::Options;
use super::body::Read;
use super::head::{Head, Name, Signs};
use super::memory::{self, Kind, Series};
use super::ongoing::Ongoing;
use super::report::{Outcome, Witness};
use crate::context::Context;
use crate::http::failure::{self, CANCELLED, PANIC};
use crate::http::grpc;
use crate::http::measure::{self, SERVER, Tags};
use crate::http::route::Route;
use crate::metrics::clock::Start;
use crate::metrics::{Gauge, current};
use crate::trace::entrance;
use crate::{propagation, subscriber};
use http::request::Parts;
use http::{Response, StatusCode};
use http_body::Body;
use opentelemetry::trace::TraceContextExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
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
    context: Context,
    /// Whether somebody may see what is recorded on the span.
    shown: bool,
    begun: Start,
    active: Gauge,
    status: Option<StatusCode>,
    rpc_status: Option<grpc::Status>,
    read: Read,
    written: u64,
    ongoing: Option<Ongoing>,
    witness: Option<Box<Witness>>,
    ended: bool,
}

impl Exchange {
    pub(super) fn begin(
        options: &Options,
        parts: &mut Parts,
        signs: &Signs,
        read: Read,
    ) -> Box<Self> {
        options.described.now();
        let begun = Start::now();
        let head = Head::of(options, parts, signs);
        // The parent is known before the span is made, and with it whether the trace is kept.
        let (span, around) = if signs.has_context || !propagation::is_outside() {
            let remote = propagation::extract(&parts.headers);
            (remote.run(|| head.span()), Some(remote.context().clone()))
        } else {
            (entrance::enter(|| head.span()), None)
        };
        let shown = subscriber::shows(&span);
        if shown {
            head.describe(&span, options, parts, &signs.id);
        }
        let context = Context::of_work(current::scope(), span, around);
        let active =
            memory::active(head.method, head.scheme, || measure::active(&head.tags_of_active()));
        active.increment(1);
        let ongoing = signs.may_upgrade.then(|| Ongoing::new(context.clone()));
        if let Some(ongoing) = &ongoing {
            parts.extensions.insert(ongoing.clone());
        }
        let exchange = Exchange {
            head,
            context,
            shown,
            begun,
            active,
            status: None,
            rpc_status: None,
            read,
            written: 0,
            ongoing,
            witness: Witness::of(options, parts, &signs.id),
            ended: false,
        };
        // It is passed on and on.
        Box::new(exchange)
    }

    /// Runs what belongs to the request.
    pub(super) fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        self.context.run(body)
    }

    /// The same for code whose panic somebody wants to hear of; it panics on.
    pub(super) fn watch<R>(mut self: Box<Self>, body: impl FnOnce() -> R) -> (R, Box<Self>) {
        if self.witness.is_none() {
            return (self.run(body), self);
        }
        match catch_unwind(AssertUnwindSafe(|| self.run(body))) {
            Ok(result) => (result, self),
            Err(payload) => {
                if let Some(witness) = &mut self.witness {
                    witness.panicked(&*payload);
                }
                self.end(End::Failed(PANIC));
                resume_unwind(payload)
            }
        }
    }

    /// How a request ends with this error.
    pub(super) fn failed<E: 'static>(&mut self, error: &E) -> End {
        if let Some(witness) = &mut self.witness {
            witness.failed(error);
        }
        End::Failed(failure::error_type(error))
    }

    /// Takes note of the response's head. It comes back if there is a body to wait for.
    pub(super) fn answered<B: Body>(
        mut self: Box<Self>,
        response: &Response<B>,
    ) -> Option<Box<Self>> {
        let status = response.status();
        self.status = Some(status);
        if let Some(witness) = &mut self.witness {
            witness.answered(response.extensions());
        }
        if self.head.call.is_some() {
            self.rpc_status = grpc::Status::of(response.headers());
        }
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
        let (Some(route), Some(span)) = (&self.head.route, self.context.span()) else { return };
        if !self.shown {
            return;
        }
        span.record("http.route", route.as_str());
        // The span has begun, and its name is no field any more.
        let context = self.run(|| span.context());
        if context.span().is_recording() {
            context.span().update_name(Name(&self.head).to_string());
        }
    }

    /// Whether what this response's body does belongs into the span. What lies there in whole runs no code
    /// that could log or make spans, and is none of a span that nobody sees.
    pub(super) fn holds<B: Body>(&self, body: &B) -> bool {
        self.shown || self.context.is_scoped() || body.size_hint().exact().is_none()
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
        if matches!(end, End::Answered) && !self.context.is_scoped() {
            return self.record(end);
        }
        self.context.run(|| self.record(end));
    }

    fn record(&self, end: End) {
        self.active.decrement(1);
        let error = self.error(end);
        let read = self.read.bytes();
        if self.shown
            && let Some(span) = self.context.span()
        {
            self.describe_end(span, error, read);
        }
        self.measure(error, read);
        if let (Some(witness), Some(error)) = (&self.witness, error) {
            let Head { method, ref route, .. } = self.head;
            let outcome =
                Outcome { method, route: route.as_ref(), status: self.status, error, read };
            witness.tell(&self.context, outcome);
        }
    }

    fn describe_end(&self, span: &Span, error: Option<&str>, read: Option<u64>) {
        record_all!(
            span,
            http.response.status_code = self.status.map(|status| i64::from(status.as_u16())),
            http.request.body.size = read.map(|bytes| bytes as i64),
            http.response.body.size = self.written as i64,
            error.type = error,
            otel.status_code = error.map(|_| "ERROR"),
            rpc.response.status_code = self.rpc_status.map(grpc::Status::name),
        );
    }

    fn measure(&self, error: Option<&str>, read: Option<u64>) {
        let kind = self.kind().filter(|_| error.is_none());
        let (duration, [request, response]) = match kind {
            Some(kind) => kind.series(|| self.series(error)),
            None => self.series(error),
        };
        duration.record(self.begun.elapsed_seconds());
        if let Some(read) = read {
            request.record(read);
        }
        response.record(self.written);
    }

    /// What its series depend on, where that is little.
    fn kind(&self) -> Option<Kind<'_>> {
        let Head { method, scheme, version, ref route, ref call } = self.head;
        let status = self.status.filter(|_| call.is_none())?.as_u16();
        Some(Kind { method, scheme, version, status, route: route.as_ref() })
    }

    fn series(&self, error: Option<&str>) -> Series {
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
        SERVER.of(&tags)
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
