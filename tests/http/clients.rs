//! Requests that are sent: what becomes of them, and what they say of themselves.

use super::server::{Server, TIMEOUT, with_server};
use super::{CLIENT_DURATION, durations, only, raw};
use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};
use lightship::http::reqwest::ObservedRequest;
use lightship::http::{ClientLayer, Operation};
use lightship::testing::capture_async;
use std::future::pending;
use std::time::Duration;
use tower_layer::Layer;
use tower_service::Service;

/// Keeps no connections, so that servers end with their clients.
fn client() -> reqwest::Client {
    reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy().build().unwrap()
}

#[tokio::test]
async fn a_request_has_a_span_that_is_named_as_told() {
    let router = Router::new()
        .route("/users/{id}", get(|| async { "a user" }))
        .route("/classify", post(|| async { "invoice" }));
    let (port, seen) = with_server(router, |url| async move {
        let secret = url.replace("http://", "http://ada:pw@") + "/users/17?api_key=x&page=2";
        let user = client().get(&secret).observed().template("/users/{id}").send().await.unwrap();
        assert_eq!(user.text().await.unwrap(), "a user");
        let classify = client().post(format!("{url}/classify")).body("a text");
        classify.observed().name("HTTP POST /classify").resend_count(2).send().await.unwrap();
        client().get(format!("{url}/nowhere")).send_observed().await.unwrap();
        raw::address(&url).port().to_string()
    })
    .await;
    let users: Vec<_> = seen.spans().iter().filter(|s| s.name == "GET /users/{id}").collect();
    assert_eq!(users.iter().map(|span| span.kind).collect::<Vec<_>>(), ["server", "client"]);
    // reqwest itself makes a header of user and password.
    let url = format!("http://127.0.0.1:{port}/users/17?api_key=REDACTED&page=2");
    for (key, value) in [
        ("url.full", url.as_str()),
        ("url.template", "/users/{id}"),
        ("server.address", "127.0.0.1"),
        ("server.port", &port),
        ("http.request.method", "GET"),
        ("http.response.status_code", "200"),
        ("http.response.body.size", "6"),
        ("network.protocol.version", "1.1"),
    ] {
        assert_eq!(users[1].attribute(key), Some(value), "{key}");
    }
    assert!(!users[1].failed());
    let classify = only(&seen, "HTTP POST /classify");
    assert_eq!(classify.attribute("http.request.body.size"), Some("6"));
    assert_eq!(classify.attribute("http.request.resend_count"), Some("2"));
    let lost = seen.spans().iter().find(|span| span.name == "GET" && span.kind == "client");
    assert_eq!(lost.unwrap().attribute("error.type"), Some("404"));
    assert!(lost.unwrap().failed());
    assert_eq!(durations(&seen, CLIENT_DURATION), 3);
    let template =
        |s: &String| s.starts_with(CLIENT_DURATION) && s.contains("url.template=/users/{id}");
    assert!(seen.series().iter().any(template), "{seen}");
}

#[tokio::test]
async fn what_fails_says_how() {
    let router = Router::new().route("/slow", get(pending::<()>));
    let ((), seen) = with_server(router, |url| async move {
        let slow = format!("{url}/slow");
        let timeout = client().get(&slow).timeout(Duration::from_millis(50));
        timeout.observed().name("timeout").send().await.unwrap_err();
        let given_up = client().get(&slow).observed().name("given up").send();
        tokio::time::timeout(Duration::from_millis(50), given_up).await.unwrap_err();
        let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = nobody.local_addr().unwrap();
        drop(nobody);
        let refused = client().get(format!("http://{address}/"));
        refused.observed().name("refused").send().await.unwrap_err();
        for (name, reads) in [("closed", true), ("reset", false)] {
            let hangs_up = client().get(hangs_up(reads).await).observed().name(name);
            hangs_up.send().await.unwrap_err();
        }
        let wrong = client().get("nonsense");
        wrong.send_observed().await.unwrap_err();
    })
    .await;
    for (name, error) in [
        ("timeout", "timeout"),
        ("given up", "cancelled"),
        ("refused", "connect"),
        ("closed", "connection_reset"),
        ("reset", "connection_reset"),
    ] {
        let span = only(&seen, name);
        assert_eq!(span.attribute("error.type"), Some(error), "{name}");
        assert_eq!(span.attribute("http.response.status_code"), None);
        assert!(span.failed());
    }
    assert_eq!(durations(&seen, CLIENT_DURATION), 5, "{seen}");
}

/// The URL of a server that ends the connection, with or without having read the request.
async fn hangs_up(reads: bool) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        if reads {
            raw::read_until(&mut stream, "\r\n\r\n").await;
        } else {
            stream.readable().await.unwrap();
        }
    });
    url
}

#[tokio::test]
async fn redirects_are_one_span() {
    let router = Router::new()
        .route("/old", get(|| async { Redirect::permanent("/new") }))
        .route("/new", get(|| async { "here" }));
    let ((), seen) = with_server(router, |url| async move {
        let old = client().get(format!("{url}/old"));
        old.observed().name("moved").send().await.unwrap();
    })
    .await;
    let moved = only(&seen, "moved");
    assert!(moved.attribute("url.full").unwrap().ends_with("/old"));
    assert_eq!(moved.attribute("http.response.status_code"), Some("200"));
    // Both hops carry the trace on.
    for hop in ["GET /old", "GET /new"] {
        assert_eq!(only(&seen, hop).trace_id, moved.trace_id);
    }
}

#[tokio::test]
async fn the_layer_fits_clients_of_tower() {
    let router = Router::new().route("/users/{id}", get(|| async { "a user" }));
    let ((), seen) = capture_async(async {
        let server = Server::start(router).await;
        let layer = ClientLayer::new().operation(Operation::new().template("/users/{id}"));
        let mut through_reqwest = layer.layer(client());
        let request = client().get(server.url("/users/1")).build().unwrap();
        through_reqwest.call(request).await.unwrap();

        let executor = hyper_util::rt::TokioExecutor::new();
        let hyper = hyper_util::client::legacy::Client::builder(executor)
            .pool_max_idle_per_host(0)
            .build_http();
        let mut through_hyper = ClientLayer::new().layer(hyper);
        let body = http_body_util::Full::new(axum::body::Bytes::from_static(b"a text"));
        let mut request = axum::http::Request::get(server.url("/users/2")).body(body).unwrap();
        request.extensions_mut().insert(Operation::new().name("through hyper"));
        let call = tokio::time::timeout(TIMEOUT, through_hyper.call(request));
        drop(call.await.unwrap().unwrap());
        server.stop().await;
    })
    .await;
    let client = |name: &str| {
        seen.spans().iter().find(|span| span.kind == "client" && span.name == name).unwrap()
    };
    assert_eq!(client("GET /users/{id}").attribute("http.response.status_code"), Some("200"));
    assert_eq!(client("through hyper").attribute("http.request.body.size"), Some("6"));
    let mut traces: Vec<_> = seen.spans().iter().map(|span| &span.trace_id).collect();
    traces.sort_unstable();
    traces.dedup();
    assert_eq!((seen.spans().len(), traces.len()), (4, 2), "each carried its trace on: {seen}");
}
