//! Requests that end otherwise than with a response.

use super::server::{Server, TIMEOUT, with_server};
use super::{SERVER_DURATION, durations, only, raw};
use axum::Router;
use axum::routing::get;
use lightship::http::ServerLayer;
use lightship::testing::capture_async;
use std::future::pending;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tower_service::Service;
use tracing::info_span;

#[tokio::test]
async fn a_handler_that_panics_is_recorded_and_panics_on() {
    let router = Router::new().route(
        "/late",
        get(|| async {
            tokio::task::yield_now().await;
            if true {
                panic!("a test's panic")
            }
        }),
    );
    let (answer, seen) =
        with_server(router, |url| async move { raw::exchange(&url, "GET /late HTTP/1.1").await })
            .await;
    assert_eq!(answer, "", "the connection's task has panicked");
    let span = only(&seen, "GET /late");
    assert_eq!(span.attribute("error.type"), Some("panic"));
    assert_eq!(span.attribute("http.response.status_code"), None);
    assert!(span.failed());
    let tags = [
        ("error.type", "panic"),
        ("http.request.method", "GET"),
        ("http.route", "/late"),
        ("network.protocol.version", "1.1"),
        ("url.scheme", "http"),
    ];
    assert_eq!(seen.histogram(SERVER_DURATION, &tags).count, 1, "{seen}");
}

#[tokio::test]
async fn server_errors_are_errors() {
    let router = Router::new()
        .route("/broken", get(|| async { axum::http::StatusCode::SERVICE_UNAVAILABLE }));
    let ((), seen) = with_server(router, |url| async move {
        raw::exchange(&url, "GET /broken HTTP/1.1").await;
    })
    .await;
    let span = only(&seen, "GET /broken");
    assert_eq!(span.attribute("error.type"), Some("503"));
    assert_eq!(span.error.as_deref(), Some(""));
}

#[tokio::test]
async fn a_client_that_goes_away_cancels_its_request() {
    let started = Arc::new(Notify::new());
    let (handler, waiting) = (Arc::clone(&started), started);
    let router = Router::new().route(
        "/slow",
        get(move || async move {
            info_span!("work").in_scope(|| handler.notify_one());
            pending::<()>().await;
        }),
    );
    let ((), seen) = with_server(router, |url| async move {
        let client = raw::send(&url, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
        waiting.notified().await;
        drop(client);
    })
    .await;
    let span = only(&seen, "GET /slow");
    assert_eq!(span.attribute("error.type"), Some("cancelled"));
    assert_eq!(span.attribute("http.response.status_code"), None);
    assert_eq!(only(&seen, "work").trace_id, span.trace_id);
    let active = [("http.request.method", "GET"), ("url.scheme", "http")];
    assert_eq!(seen.gauge("http.server.active_requests", &active), Some(0.0));
    assert_eq!(durations(&seen, SERVER_DURATION), 1);
}

#[tokio::test]
async fn a_timeout_around_the_layer_cancels_too() {
    let router = Router::new().route("/slow", get(pending::<()>));
    let ((), seen) = capture_async(async {
        let mut inside = router.layer(ServerLayer::new());
        let request = axum::http::Request::get("/slow").body(axum::body::Body::empty()).unwrap();
        let call = Service::call(&mut inside, request);
        tokio::time::timeout(Duration::from_millis(20), call).await.unwrap_err();
    })
    .await;
    assert_eq!(only(&seen, "GET /slow").attribute("error.type"), Some("cancelled"));
}

#[tokio::test]
async fn two_hundred_at_once_and_one_in_five_cancelled() {
    const ALL: usize = 200;
    /// Tells that its handler is gone.
    struct Here(mpsc::UnboundedSender<()>);
    impl Drop for Here {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let (inside, mut arrived) = mpsc::unbounded_channel();
    let (left, mut gone) = mpsc::unbounded_channel();
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let opened = Arc::clone(&gate);
    let handler = move || {
        let (inside, gate, here) = (inside.clone(), Arc::clone(&gate), Here(left.clone()));
        async move {
            let _here = here;
            inside.send(()).unwrap();
            let _open = gate.acquire().await.unwrap();
            info_span!("work").in_scope(|| "done")
        }
    };
    let router = Router::new().route("/{n}", get(handler));
    let (answers, seen) = with_server(router, |url| async move {
        let mut clients = Vec::new();
        for n in 0..ALL {
            let head = format!("GET /{n} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
            clients.push(raw::send(&url, &head).await);
        }
        for _ in 0..ALL {
            arrived.recv().await.unwrap();
        }
        let (leave, mut stay): (Vec<_>, Vec<_>) =
            clients.into_iter().enumerate().partition(|(n, _)| n % 5 == 0);
        drop(leave);
        for _ in 0..ALL / 5 {
            gone.recv().await.unwrap();
        }
        opened.add_permits(ALL);
        let mut answers = 0;
        for (_, client) in &mut stay {
            answers += usize::from(raw::read_until(client, "done").await.contains("200 OK"));
        }
        answers
    })
    .await;
    assert_eq!(answers, ALL / 5 * 4);
    let requests: Vec<_> = seen.spans().iter().filter(|span| span.kind == "server").collect();
    let error = |kind: &str| {
        requests.iter().filter(|span| span.attribute("error.type") == Some(kind)).count()
    };
    assert_eq!(requests.len(), ALL);
    assert_eq!(error("cancelled"), ALL / 5);
    assert_eq!(seen.spans().len(), ALL + answers, "each that went through has worked");
    // No span is without its parent.
    assert_eq!(seen.span_trees().len(), ALL);
    assert_eq!(durations(&seen, SERVER_DURATION), ALL);
    let active = [("http.request.method", "GET"), ("url.scheme", "http")];
    assert_eq!(seen.gauge("http.server.active_requests", &active), Some(0.0));
}

#[tokio::test]
async fn an_upgrade_lasts_as_long_as_what_it_became() {
    use axum::Extension;
    use axum::http::{StatusCode, header};
    use lightship::http::Ongoing;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let handler = |Extension(ongoing): Extension<Ongoing>, mut request: axum::extract::Request| async move {
        let upgrade = request.extensions_mut().remove::<hyper::upgrade::OnUpgrade>().unwrap();
        tokio::spawn(ongoing.wrap(async move {
            let mut socket = hyper_util::rt::TokioIo::new(upgrade.await.unwrap());
            let mut byte = [0];
            socket.read_exact(&mut byte).await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            info_span!("talk").in_scope(|| {});
            socket.write_all(&byte).await.unwrap();
        }));
        (
            StatusCode::SWITCHING_PROTOCOLS,
            [(header::CONNECTION, "upgrade"), (header::UPGRADE, "echo")],
        )
    };
    let router = Router::new().route("/talk", get(handler)).route("/plain", get(|| async {}));
    let ((), seen) = with_server(router, |url| async move {
        let head = "GET /talk HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";
        let mut client = raw::send(&url, head).await;
        assert!(raw::read_until(&mut client, "\r\n\r\n").await.contains(" 101 "));
        client.write_all(b"x").await.unwrap();
        assert_eq!(raw::read_until(&mut client, "x").await, "x");
        // Until the other side has gone, too.
        assert_eq!(raw::read_until(&mut client, "never").await, "");
        // Asked for, and not granted.
        let head = "GET /plain HTTP/1.1\r\nconnection: close, upgrade\r\nupgrade: echo";
        raw::exchange(&url, head).await;
    })
    .await;
    let span = only(&seen, "GET /talk");
    assert_eq!(span.attribute("http.response.status_code"), Some("101"));
    assert_eq!(span.attribute("error.type"), None);
    assert!(span.duration >= Duration::from_millis(50), "{:?}", span.duration);
    assert_eq!(only(&seen, "talk").trace_id, span.trace_id);
    assert_eq!(only(&seen, "GET /plain").attribute("error.type"), None);
    assert_eq!(durations(&seen, SERVER_DURATION), 2);
}

#[tokio::test]
async fn a_service_that_fails_names_its_error() {
    #[derive(Clone)]
    struct Fails;
    impl<B> Service<axum::http::Request<B>> for Fails {
        type Response = axum::response::Response;
        type Error = std::io::Error;
        type Future = std::future::Ready<Result<Self::Response, Self::Error>>;
        fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<Result<(), Self::Error>> {
            Poll::Ready(Ok(()))
        }
        fn call(&mut self, _: axum::http::Request<B>) -> Self::Future {
            std::future::ready(Err(std::io::ErrorKind::TimedOut.into()))
        }
    }
    let ((), seen) = capture_async(async {
        let mut service = tower_layer::Layer::layer(&ServerLayer::new(), Fails);
        let request = axum::http::Request::new(axum::body::Body::empty());
        let call = tokio::time::timeout(TIMEOUT, service.call(request));
        call.await.unwrap().map(|_| ()).unwrap_err();
    })
    .await;
    assert_eq!(only(&seen, "GET").attribute("error.type"), Some("timeout"));
}

#[tokio::test]
async fn layers_of_two_captures_keep_apart() {
    let router = || Router::new().route("/", get(|| async {}));
    let (_, empty) = capture_async(async {}).await;
    let (server, early) = capture_async(async { Server::start(router()).await }).await;
    let ((), seen) = with_server(router(), |url| async move {
        raw::exchange(&url, "GET / HTTP/1.1").await;
        raw::exchange(&server.url(""), "GET / HTTP/1.1").await;
    })
    .await;
    assert_eq!((empty.spans().len(), early.spans().len(), seen.spans().len()), (0, 0, 1));
}
