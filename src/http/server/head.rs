//! What the head of a request says, and the span that is made of it.

use super::Options;
use crate::http::request_id::RequestId;
use crate::http::route::Route;
use crate::http::url::{self, Query};
use crate::http::{TARGET, grpc, method, version};
use crate::propagation;
use http::header::{HOST, USER_AGENT};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderName, Method};
use std::fmt;
use tracing::field::Empty;
use tracing::{Span, info_span, record_all};

/// What is known of a request until it ends.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) method: &'static str,
    pub(super) scheme: &'static str,
    pub(super) version: &'static str,
    pub(super) route: Option<Route>,
    /// The path of a gRPC call, which names its method.
    pub(super) call: Option<PathAndQuery>,
}

/// What the headers of a request say, read in one go: most requests have few, and none of these.
pub(super) struct Signs {
    pub(super) id: RequestId,
    /// Whether the connection may become something else than HTTP.
    pub(super) may_upgrade: bool,
    /// Whether a context may have come along.
    pub(super) has_context: bool,
    is_call: bool,
}

impl Signs {
    pub(super) fn of(parts: &Parts) -> Self {
        let mut may_upgrade = parts.method == Method::CONNECT;
        let (mut has_context, mut is_call, mut id) = (false, false, None);
        for (name, value) in &parts.headers {
            match name.as_str() {
                "x-request-id" => id = id.or(Some(value)),
                "upgrade" => may_upgrade = true,
                "content-type" => is_call = grpc::is_call(value),
                name => has_context = has_context || propagation::is_part(name),
            }
        }
        Signs { id: RequestId::of(id), may_upgrade, has_context, is_call }
    }
}

impl Head {
    pub(super) fn of(options: &Options, parts: &Parts, signs: &Signs) -> Self {
        let route = Route::left_in(&parts.extensions)
            .or_else(|| options.route.as_ref().and_then(|find| find(parts)));
        let call = parts.uri.path_and_query().filter(|_| signs.is_call);
        Head {
            method: method::known(&parts.method),
            scheme: if parts.uri.scheme_str() == Some("https") { "https" } else { "http" },
            version: version::name(parts.version),
            route,
            call: call.filter(|path| grpc::method(path.path()).is_some()).cloned(),
        }
    }

    /// `package.Service/Method` of a gRPC call.
    pub(super) fn call(&self) -> Option<&str> {
        self.call.as_ref().and_then(|path| grpc::method(path.path()))
    }

    /// The span, a child of what is current, with nothing but what decides about it.
    pub(super) fn span(&self) -> Span {
        info_span!(
            target: TARGET,
            "http.server.request",
            otel.name = display(Name(self)),
            otel.kind = "server",
            otel.status_code = Empty,
            http.request.method = Empty,
            http.request.method_original = Empty,
            http.route = Empty,
            http.response.status_code = Empty,
            http.request.body.size = Empty,
            http.response.body.size = Empty,
            error.type = Empty,
            url.path = Empty,
            url.scheme = Empty,
            url.query = Empty,
            network.protocol.version = Empty,
            server.address = Empty,
            server.port = Empty,
            client.address = Empty,
            user_agent.original = Empty,
            "http.request.header.x-request-id" = Empty,
            rpc.system.name = Empty,
            rpc.method = Empty,
            rpc.response.status_code = Empty,
        )
    }

    /// Says the rest, for a span that somebody sees.
    pub(super) fn describe(&self, span: &Span, options: &Options, parts: &Parts, id: &RequestId) {
        let (host, port) = authority(parts).map_or((None, None), |authority| {
            let (host, port) = url::host_and_port(authority);
            (Some(host), port)
        });
        let client = options.client.as_ref().and_then(|find| find(parts));
        record_all!(
            span,
            http.request.method = self.method,
            http.request.method_original = method::original(self.method, &parts.method),
            http.route = self.route.as_ref().map(Route::as_str),
            url.path = parts.uri.path(),
            url.scheme = self.scheme,
            url.query = parts.uri.query().map(|query| display(Query(query))),
            network.protocol.version = self.version,
            server.address = host,
            server.port = port.map(i64::from),
            client.address = client.map(display),
            user_agent.original = text(parts, USER_AGENT),
            "http.request.header.x-request-id" = id.as_str(),
            rpc.system.name = self.call.as_ref().map(|_| "grpc"),
            rpc.method = self.call(),
        );
    }
}

/// Where the client wanted to go.
fn authority(parts: &Parts) -> Option<&str> {
    match parts.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => text(parts, HOST),
    }
}

fn text(parts: &Parts, name: HeaderName) -> Option<&str> {
    parts.headers.get(name)?.to_str().ok()
}

/// The name of the span of such a request.
pub(super) struct Name<'a>(pub(super) &'a Head);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Name(head) = self;
        let method = method::in_name(head.method);
        match (head.call(), &head.route) {
            (Some(call), _) => f.write_str(call),
            (None, Some(route)) => write!(f, "{method} {}", route.as_str()),
            (None, None) => f.write_str(method),
        }
    }
}
