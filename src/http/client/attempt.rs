//! One request on its way out, until the head of its response is there.

use super::message::{ReceivedResponse, RequestHead, SentRequest, content_length};
use super::operation::Operation;
use crate::http::failure::{CANCELLED, PANIC};
use crate::http::measure::{CLIENT, Tags};
use crate::http::{TARGET, grpc, method, version};
use crate::propagation;
use http::StatusCode;
use std::fmt;
use std::time::Instant;
use tracing::field::Empty;
use tracing::{Span, info_span, record_all};

/// A request on its way. Dropped before its end, it was cancelled.
#[derive(Debug)]
pub(super) struct Attempt {
    span: Span,
    begun: Instant,
    method: &'static str,
    server: Option<Box<str>>,
    port: Option<u16>,
    operation: Option<Operation>,
    request_size: Option<u64>,
    response_size: Option<u64>,
    status: Option<StatusCode>,
    version: Option<&'static str>,
    rpc_status: Option<grpc::Status>,
    ended: bool,
}

impl Attempt {
    pub(super) fn begin(request: &mut impl SentRequest, default: Option<&Operation>) -> Self {
        let head = request.head();
        let operation = head.operation.or(default);
        let method = method::known(head.method);
        let attempt = Attempt {
            span: span(&head, method, operation),
            begun: Instant::now(),
            method,
            server: head.url.map(|url| url.host.into()),
            port: head.url.and_then(|url| url.port()),
            operation: operation.cloned(),
            request_size: head.size,
            response_size: None,
            status: None,
            version: None,
            rpc_status: None,
            ended: false,
        };
        propagation::inject_span(&attempt.span, request.headers_mut());
        attempt
    }

    /// Runs what belongs to the request.
    pub(super) fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        self.span.in_scope(body)
    }

    /// The response's head is there.
    pub(super) fn answered(mut self, response: &impl ReceivedResponse) {
        let status = response.status();
        self.status = Some(status);
        self.version = Some(version::name(response.version()));
        self.response_size = content_length(response.headers());
        self.rpc_status = grpc::Status::of(response.headers());
        let failed = status.is_client_error() || status.is_server_error();
        let rpc = self.rpc_status.filter(|status| status.is_error()).map(grpc::Status::name);
        self.finish(rpc.or(failed.then_some(status.as_str())));
    }

    /// There is no response, because of an error of this type.
    pub(super) fn failed(mut self, error: &'static str) {
        self.finish(Some(error));
    }

    fn finish(&mut self, error: Option<&str>) {
        self.ended = true;
        // The span ends when it was last left.
        self.span.in_scope(|| {
            record_all!(
                self.span,
                http.response.status_code = self.status.map(|status| i64::from(status.as_u16())),
                http.response.body.size = self.response_size.map(|size| size as i64),
                network.protocol.version = self.version,
                error.type = error,
                otel.status_code = error.map(|_| "ERROR"),
                rpc.response.status_code = self.rpc_status.map(grpc::Status::name),
            );
            self.measure(error);
        });
    }

    fn measure(&self, error: Option<&str>) {
        let status = self.status.map(|status| status.as_u16());
        let mut tags = Tags::new();
        tags.bounded("http.request.method", self.method);
        if let Some(status) = &status {
            tags.bounded("http.response.status_code", status);
        }
        if let Some(server) = &self.server {
            tags.counted("server.address", server);
        }
        if let Some(port) = &self.port {
            tags.number("server.port", port);
        }
        if let Some(template) = self.operation.as_ref().and_then(Operation::url_template) {
            tags.counted("url.template", template);
        }
        if let Some(version) = self.version {
            tags.bounded("network.protocol.version", version);
        }
        if let Some(error) = error {
            tags.bounded("error.type", error);
        }
        let (duration, sizes) = CLIENT.of(&tags);
        duration.record(self.begun.elapsed());
        for (histogram, size) in sizes.iter().zip([self.request_size, self.response_size]) {
            if let Some(size) = size {
                histogram.record(size);
            }
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.ended {
            let panics = std::thread::panicking();
            self.finish(Some(if panics { PANIC } else { CANCELLED }));
        }
    }
}

/// The span of a request. Nothing is written out unless somebody wants it.
fn span(head: &RequestHead<'_>, method: &'static str, operation: Option<&Operation>) -> Span {
    info_span!(
        target: TARGET,
        "http.client.request",
        otel.name = display(Name(method, operation)),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = method,
        http.request.method_original = method::original(method, head.method),
        http.request.resend_count = operation.and_then(Operation::resent),
        http.request.body.size = head.size.map(|size| size as i64),
        http.response.status_code = Empty,
        http.response.body.size = Empty,
        network.protocol.version = Empty,
        error.type = Empty,
        url.full = head.url.map(display),
        url.template = operation.and_then(Operation::url_template),
        server.address = head.url.map(|url| url.host),
        server.port = head.url.and_then(|url| url.port()).map(i64::from),
        rpc.response.status_code = Empty,
    )
}

/// The name of a span.
struct Name<'a>(&'static str, Option<&'a Operation>);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Name(method, operation) = self;
        let method = method::in_name(method);
        match operation.map(|operation| (operation.whole_name(), operation.url_template())) {
            Some((Some(name), _)) => f.write_str(name),
            Some((None, Some(template))) => write!(f, "{method} {template}"),
            _ => f.write_str(method),
        }
    }
}
