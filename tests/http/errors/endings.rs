//! Which ends are failures, and what is told of each.

use super::super::{only, raw, server};
use super::{CANARY, Told, assert_safe, post, told_of};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http_body::Frame;
use http_body_util::StreamBody;
use lightship::http::{ErrorNote, ServerLayer};
use lightship::testing::capture_async;
use server::{Server, TIMEOUT};
use std::error::Error;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tower_layer::Layer;
use tower_service::Service;

fn get_request(target: &str) -> Vec<u8> {
    post(target, "", b"")
}

#[tokio::test]
async fn a_server_error_is_told_once_with_what_the_head_says() {
    let router = Router::new()
        .route("/documents/{id}", axum::routing::post(|| async { StatusCode::BAD_GATEWAY }));
    let headers = "user-agent: curl/8\r\nx-request-id: order-17\r\n";
    let told = told_of(router, Told::layer, [post("/documents/4711?page=2", headers, b"")]).await;
    let context = told.one();
    let values: Vec<_> = context.iter().collect();
    assert_eq!(
        values,
        [
            ("http.request.method", "POST"),
            ("http.route", "/documents/{id}"),
            ("url.query", "page=2"),
            ("user_agent.original", "curl/8"),
            ("http.request.header.x-request-id", "order-17"),
            ("http.response.status_code", "502"),
            ("error.type", "502"),
            ("http.request.body.size", "0"),
        ]
    );
}

#[tokio::test]
async fn what_is_no_failure_of_the_server_is_not_told() {
    let router = Router::new()
        .route("/ok", axum::routing::any(|| async { "ok" }))
        .route("/refused", axum::routing::any(|| async { StatusCode::BAD_REQUEST }))
        .route("/health", axum::routing::any(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
    let requests = ["/ok", "/refused", "/nowhere", "/health"].map(get_request);
    let told = told_of(router, |told| told.layer().skip(["/health"]), requests).await;
    assert!(told.all().is_empty(), "{:?}", told.all());
}

#[tokio::test]
async fn a_route_that_is_not_there_is_absent() {
    let router = Router::new().fallback(|| async { StatusCode::NOT_IMPLEMENTED });
    let told = told_of(router, Told::layer, [get_request("/users/ada@example.com")]).await;
    let context = told.one();
    assert_eq!(context.get("http.route"), None);
    assert!(!context.to_string().contains("users"), "a path may say who somebody is: {context}");
}

#[tokio::test]
async fn a_panic_is_told_with_its_text() {
    let late = || async {
        tokio::task::yield_now().await;
        if true {
            panic!("no room for {CANARY} {}", "x".repeat(500))
        }
    };
    let router = Router::new().route("/late", axum::routing::any(late));
    let told = told_of(router, Told::layer, [get_request("/late")]).await;
    let context = told.one();
    assert_eq!(context.get("error.type"), Some("panic"));
    assert_eq!(context.get("http.response.status_code"), None);
    let message = context.get("exception.message").unwrap();
    assert!(message.starts_with("no room for [REDACTED:planted] xxx"), "{message}");
    assert_eq!(message.chars().count(), 200);
}

#[tokio::test]
async fn a_callback_that_panics_harms_nobody() {
    let panics = || async {
        if true {
            panic!("a handler's panic")
        }
    };
    let streamed = || async {
        let stream = futures_util::stream::poll_fn(|_| {
            if true {
                panic!("a stream's panic")
            } else {
                Poll::<Option<io::Result<Frame<Bytes>>>>::Ready(None)
            }
        });
        Body::new(StreamBody::new(stream))
    };
    let router = Router::new()
        .route("/500", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/panic", get(panics))
        .route("/stream", get(streamed));
    let told = Told::default();
    let calls = told.clone();
    let (answers, seen) = capture_async(async {
        let layer = ServerLayer::new().on_error(move |context| {
            calls.0.lock().unwrap().push(context);
            panic!("a callback's panic");
        });
        let server = Server::bare(router.layer(layer)).await;
        let mut answers = Vec::new();
        let url = server.url("");
        for path in ["/500", "/panic", "/stream", "/500"] {
            let head = format!("GET {path} HTTP/1.1");
            let answer = raw::exchange(&url, &head);
            answers.push(tokio::time::timeout(TIMEOUT, answer).await.unwrap());
        }
        server.stop().await;
        answers
    })
    .await;
    assert!(answers[0].contains(" 500 ") && answers[3].contains(" 500 "), "{answers:?}");
    assert_eq!(seen.spans().len(), 4);
    let types: Vec<_> =
        told.all().iter().map(|told| told.get("error.type").unwrap().to_owned()).collect();
    assert_eq!(types, ["500", "panic", "panic", "500"]);
    let texts =
        told.all().into_iter().filter_map(|told| told.get("exception.message").map(str::to_owned));
    assert_eq!(texts.collect::<Vec<_>>(), ["a handler's panic", "a stream's panic"]);
}

#[tokio::test]
async fn a_request_that_nobody_waits_for_is_no_failure() {
    let told = Told::default();
    let mut service = told.layer().layer(Router::new().route("/slow", get(pending::<()>)));
    let request = axum::http::Request::get("/slow").body(Body::empty()).unwrap();
    let call = Service::call(&mut service, request);
    tokio::time::timeout(Duration::from_millis(20), call).await.unwrap_err();
    assert!(told.all().is_empty());
}

#[tokio::test]
async fn a_stream_that_fails_is_told_with_its_error() {
    let handler = || async {
        let frames = [
            Ok(Frame::data(Bytes::from_static(b"chunk"))),
            Err(io::Error::other(format!("lost {CANARY}"))),
        ];
        Body::new(StreamBody::new(futures_util::stream::iter(frames)))
    };
    let router = Router::new().route("/stream", axum::routing::any(handler));
    let told = told_of(router, Told::layer, [get_request("/stream")]).await;
    let context = told.one();
    assert_eq!(context.get("http.response.status_code"), Some("200"));
    assert_eq!(context.get("error.type"), Some("axum_core::error::Error"));
    assert_eq!(context.get("exception.message"), Some("lost [REDACTED:planted]"));
}

#[tokio::test]
async fn a_service_that_fails_is_told_with_its_error() {
    #[derive(Clone)]
    struct Fails<E>(fn() -> E);
    impl<B, E> Service<axum::http::Request<B>> for Fails<E> {
        type Response = Response;
        type Error = E;
        type Future = std::future::Ready<Result<Response, E>>;
        fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<Result<(), E>> {
            Poll::Ready(Ok(()))
        }
        fn call(&mut self, _: axum::http::Request<B>) -> Self::Future {
            std::future::ready(Err(self.0()))
        }
    }
    type BoxError = Box<dyn Error + Send + Sync>;
    async fn told<E: 'static>(fail: fn() -> E) -> (String, Option<String>) {
        let told = Told::default();
        let mut service = told.layer().layer(Fails(fail));
        assert!(service.call(axum::http::Request::new(Body::empty())).await.is_err());
        let context = told.one();
        let get = |key| context.get(key).map(str::to_owned);
        (get("error.type").unwrap(), get("exception.message"))
    }
    let told_message = |kind: &str, message: &str| (kind.to_owned(), Some(message.to_owned()));
    let refused = || io::Error::new(io::ErrorKind::ConnectionRefused, "no storage");
    assert_eq!(told(refused).await, told_message("connect", "no storage"));
    let boxed = || BoxError::from("request timed out");
    assert_eq!(told(boxed).await, told_message("timeout", "request timed out"));
    assert_eq!(told(|| 17_u8).await, ("u8".to_owned(), None));
}

/// An error of a service, which knows how to answer.
struct AppError(io::Error);

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        let note = ErrorNote::of(&self.0).error_type("disk_full").user("3f2b8c1e-9d4a-4f6b");
        assert!(!format!("{note:?}").contains("canary"));
        response.extensions_mut().insert(note);
        response
    }
}

#[tokio::test]
async fn a_handler_may_say_more_and_the_log_line_has_it() {
    let failing =
        || async { Err::<(), _>(AppError(io::Error::other(format!("{CANARY} is full")))) };
    let router = Router::new().route("/put", axum::routing::any(failing));
    let told = told_of(router.clone(), Told::layer, [get_request("/put")]).await;
    let context = told.one();
    assert_eq!(context.get("error.type"), Some("disk_full"));
    assert_eq!(context.get("exception.message"), Some("[REDACTED:planted] is full"));
    assert_eq!(context.get("user.short_id"), Some("3f2b8c1e"));

    let ((), seen) = capture_async(async {
        let layer = ServerLayer::new().on_error(|context| {
            context.record();
            context.log();
        });
        let server = Server::bare(router.layer(layer)).await;
        raw::exchange(&server.url(""), "POST /put?token=canary HTTP/1.1").await;
        server.stop().await;
    })
    .await;
    let span = only(&seen, "POST /put");
    assert_eq!(span.attribute("exception.message"), Some("canary-7f3a is full"), "no rule for it");
    assert_eq!(span.attribute("user.short_id"), Some("3f2b8c1e"));
    assert_eq!(span.attribute("http.request.body.size"), Some("0"));
    let line = seen.log("request failed").unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = line.to_string();
    assert!(text.contains(&span.trace_id) && text.contains("disk_full"), "{text}");
    assert!(text.contains("/put") && text.contains("\"3f2b8c1e\""), "{text}");
}

#[tokio::test]
async fn many_fail_at_once_and_each_is_told_once() {
    let router = Router::new().route(
        "/{n}",
        axum::routing::any(|| async {
            tokio::task::yield_now().await;
            StatusCode::SERVICE_UNAVAILABLE
        }),
    );
    let told = Told::default();
    let server = Server::bare(router.layer(told.layer())).await;
    let url = Arc::new(server.url(""));
    let mut clients = Vec::new();
    for n in 0..100 {
        let url = Arc::clone(&url);
        clients.push(tokio::spawn(async move {
            let head = format!("GET /{n} HTTP/1.1\r\nx-request-id: request-{n}");
            raw::exchange(&url, &head).await
        }));
    }
    for client in clients {
        tokio::time::timeout(TIMEOUT, client).await.unwrap().unwrap();
    }
    server.stop().await;
    let mut ids: Vec<_> = told
        .all()
        .iter()
        .inspect(|context| assert_safe(context))
        .map(|context| context.get("http.request.header.x-request-id").unwrap().to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!((told.all().len(), ids.len()), (100, 100));
}
