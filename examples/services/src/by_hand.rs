//! The spans that a layer is to make: of a request, a call to another service, a query.

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument, Span, field, info_span};

/// A span for every request, named by its route.
pub(crate) async fn server(route: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let route = route.as_ref().map(MatchedPath::as_str);
    let method = request.method().as_str();
    let span = info_span!(
        "request",
        otel.name = route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}")),
        otel.kind = "server",
        otel.status_code = field::Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = field::Empty,
        classification.label = field::Empty,
        classification.model_version = field::Empty,
    );
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    response
}

/// A span for a call to another service.
pub(crate) fn client(method: &Method, path: &str) -> Span {
    info_span!(
        "call",
        otel.name = format!("HTTP {method} {path}"),
        otel.kind = "client",
        otel.status_code = field::Empty,
        http.request.method = method.as_str(),
        http.response.status_code = field::Empty,
        error.type = field::Empty,
    )
}

/// A span for the one query that there is.
pub(crate) fn insert_documents() -> Span {
    info_span!(
        "INSERT documents",
        otel.kind = "client",
        otel.status_code = field::Empty,
        db.system.name = "sqlite",
        db.operation.name = "INSERT",
        db.collection.name = "documents",
        error.type = field::Empty,
    )
}

/// What came back to a [`client`].
pub(crate) fn answered(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_client_error() || status.is_server_error() {
        failed(span, status.as_str());
    }
}

/// That, and why, a call or a query failed.
pub(crate) fn failed(span: &Span, why: &str) {
    span.record("error.type", why);
    span.record("otel.status_code", "ERROR");
}
