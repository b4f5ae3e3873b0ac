//! Names, routes and the attributes of an ordinary request.

use super::server::{Server, with_server};
use super::{SERVER_DURATION, durations, only, raw};
use axum::Router;
use axum::routing::{any, get, post};
use lightship::http::{RequestId, Route, ServerLayer};
use lightship::testing::capture_async;
use std::net::IpAddr;

fn documents() -> Router {
    Router::new()
        .route("/documents/{id}", get(|| async { "a document" }))
        .route("/documents", post(|body: String| async move { body.len().to_string() }))
        .nest("/admin", Router::new().route("/users/{user}", get(|| async { "a user" })))
}

#[tokio::test]
async fn spans_are_named_by_routes_and_never_by_paths() {
    let ((), seen) = with_server(documents(), |url| async move {
        raw::exchange(&url, "GET /documents/17?page=2&token=secret HTTP/1.1").await;
        raw::exchange(&url, "GET /admin/users/ada HTTP/1.1").await;
        raw::exchange(&url, "GET /nowhere/17 HTTP/1.1").await;
        raw::exchange(&url, "DELETE /documents/17 HTTP/1.1").await;
    })
    .await;
    let document = only(&seen, "GET /documents/{id}");
    assert_eq!(document.kind, "server");
    for (key, value) in [
        ("http.request.method", "GET"),
        ("http.route", "/documents/{id}"),
        ("http.response.status_code", "200"),
        ("http.request.body.size", "0"),
        ("http.response.body.size", "10"),
        ("url.path", "/documents/17"),
        ("url.query", "page=2&token=REDACTED"),
        ("url.scheme", "http"),
        ("network.protocol.version", "1.1"),
        ("server.address", "api.test"),
        ("server.port", "81"),
    ] {
        assert_eq!(document.attribute(key), Some(value), "{key}: {document:?}");
    }
    for key in ["error.type", "client.address", "user_agent.original", "rpc.method"] {
        assert_eq!(document.attribute(key), None, "{key}");
    }
    assert!(!document.failed());
    only(&seen, "GET /admin/users/{user}");
    let nowhere = only(&seen, "GET");
    assert_eq!(nowhere.attribute("http.response.status_code"), Some("404"));
    assert_eq!(nowhere.attribute("http.route"), None);
    assert!(!nowhere.failed(), "404 is the client's fault");
    only(&seen, "DELETE /documents/{id}");
    assert!(!seen.to_string().contains("secret"), "{seen}");
}

#[tokio::test]
async fn metrics_tell_requests_apart_by_what_is_bounded() {
    let ((), seen) = with_server(documents(), |url| async move {
        for id in 0..3 {
            raw::exchange(&url, &format!("GET /documents/{id} HTTP/1.1")).await;
        }
        let body = "POST /documents HTTP/1.1\r\ncontent-length: 5";
        let head = format!("{body}\r\nhost: a\r\nconnection: close\r\n\r\nhello");
        raw::read_until(&mut raw::send(&url, &head).await, "never").await;
        raw::exchange(&url, "GET /nowhere/1 HTTP/1.1").await;
        raw::exchange(&url, "BREW /nowhere/2 HTTP/1.0").await;
    })
    .await;
    let tags = |method, status, route: Option<&'static str>, version| {
        let mut tags = vec![
            ("http.request.method", method),
            ("http.response.status_code", status),
            ("network.protocol.version", version),
            ("url.scheme", "http"),
        ];
        tags.extend(route.map(|route| ("http.route", route)));
        tags
    };
    let document = tags("GET", "200", Some("/documents/{id}"), "1.1");
    let upload = tags("POST", "200", Some("/documents"), "1.1");
    let (lost, brewed) = (tags("GET", "404", None, "1.1"), tags("_OTHER", "404", None, "1.0"));
    for (tags, count) in [(&document, 3), (&upload, 1), (&lost, 1), (&brewed, 1)] {
        assert_eq!(seen.histogram(SERVER_DURATION, tags).count, count, "{tags:?} {seen}");
    }
    assert_eq!(durations(&seen, SERVER_DURATION), 6);
    let read = seen.histogram("http.server.request.body.size", &upload);
    assert_eq!((read.count, read.sum), (1, 5.0));
    let written = seen.histogram("http.server.response.body.size", &document);
    assert_eq!((written.count, written.sum), (3, 30.0));
    for method in ["GET", "POST", "_OTHER"] {
        let active = [("http.request.method", method), ("url.scheme", "http")];
        assert_eq!(seen.gauge("http.server.active_requests", &active), Some(0.0));
    }
}

#[tokio::test]
async fn odd_methods_have_names_too() {
    let router = Router::new().route("/{page}", any(|| async { "a page" }));
    let (answers, seen) = with_server(router, |url| async move {
        let head = raw::exchange(&url, "HEAD /a HTTP/1.1").await;
        raw::exchange(&url, "OPTIONS /a HTTP/1.1").await;
        raw::exchange(&url, "brew /a HTTP/1.1").await;
        head
    })
    .await;
    assert!(answers.contains("content-length: 6"), "{answers}");
    let head = only(&seen, "HEAD /{page}");
    assert_eq!(head.attribute("http.response.body.size"), Some("0"));
    assert_eq!(head.attribute("error.type"), None);
    only(&seen, "OPTIONS /{page}");
    let brewed = only(&seen, "HTTP /{page}");
    assert_eq!(brewed.attribute("http.request.method"), Some("_OTHER"));
    assert_eq!(brewed.attribute("http.request.method_original"), Some("brew"));
}

#[tokio::test]
async fn requests_have_ids_that_clients_may_choose() {
    let handler = |id: axum::Extension<RequestId>| async move { id.0.to_string() };
    let router = Router::new().route("/", get(handler));
    let (answers, seen) = with_server(router, |url| async move {
        let sane = "GET / HTTP/1.1\r\nx-request-id: order-17";
        let insane = format!("GET / HTTP/1.1\r\nx-request-id: {}", "x".repeat(4_000));
        [
            raw::exchange(&url, sane).await,
            raw::exchange(&url, &insane).await,
            raw::exchange(&url, "GET / HTTP/1.1").await,
        ]
    })
    .await;
    let ids: Vec<_> = seen
        .spans()
        .iter()
        .map(|span| span.attribute("http.request.header.x-request-id").unwrap())
        .collect();
    assert_eq!(ids[0], "order-17");
    assert!(ids[1..].iter().all(|id| id.len() == 32), "{ids:?}");
    assert_ne!(ids[1], ids[2]);
    for (answer, id) in answers.iter().zip(&ids) {
        assert!(answer.contains(&format!("x-request-id: {id}\r\n")), "{answer}");
        assert!(answer.ends_with(&format!("\r\n\r\n{id}")), "{answer}");
    }
}

#[tokio::test]
async fn paths_that_are_left_out_have_ids_alone() {
    let (answer, seen) = capture_async(async {
        let router = Router::new().fallback(|| async { "ok" });
        let layer = ServerLayer::new().skip(["/health", "/metrics"]);
        let server = Server::bare(router.layer(layer)).await;
        let answer = raw::exchange(&server.url(""), "GET /health?verbose HTTP/1.1").await;
        raw::exchange(&server.url(""), "GET /metrics HTTP/1.1").await;
        raw::exchange(&server.url(""), "GET /health/deep HTTP/1.1").await;
        server.stop().await;
        answer
    })
    .await;
    assert!(answer.contains("x-request-id: "), "{answer}");
    assert_eq!(only(&seen, "GET").attribute("url.path"), Some("/health/deep"));
    assert_eq!(durations(&seen, SERVER_DURATION), 1);
}

#[tokio::test]
async fn routes_and_clients_can_be_told() {
    let ((), seen) = capture_async(async {
        let layer = ServerLayer::new()
            .route(|request| request.uri.path().starts_with("/told/").then(|| "/told/{id}".into()))
            .client_address(|request| {
                request.headers.get("x-client")?.to_str().ok()?.parse::<IpAddr>().ok()
            });
        let router = Router::new().fallback(|| async {
            let mut response = axum::response::Response::new(axum::body::Body::from("late"));
            response.extensions_mut().insert(Route::from("/late/{id}".to_owned()));
            response
        });
        let server = Server::bare(router.layer(layer)).await;
        let told = "GET /told/1 HTTP/1.1\r\nx-client: 10.1.2.3\r\nuser-agent: curl/8";
        raw::exchange(&server.url(""), told).await;
        raw::exchange(&server.url(""), "GET /late/1 HTTP/1.1").await;
        server.stop().await;
    })
    .await;
    let told = only(&seen, "GET /told/{id}");
    assert_eq!(told.attribute("client.address"), Some("10.1.2.3"));
    assert_eq!(told.attribute("user_agent.original"), Some("curl/8"));
    let late = only(&seen, "GET /late/{id}");
    assert_eq!(late.attribute("http.route"), Some("/late/{id}"));
    assert!(seen.series().iter().any(|series| series.contains("http.route=/late/{id}")), "{seen}");
}
