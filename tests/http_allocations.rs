//! What a request may allocate whose trace is not kept.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/counting.rs"]
mod counting;

use counting::by_this_thread;
use http::{HeaderValue, Request, Response, Version};
use http_body_util::Empty;
use lightship::http::{Route, ServerLayer};
use lightship::{DogStatsd, Logs, Otlp, Prometheus, Sampler};
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tower_layer::Layer;
use tower_service::Service;

type Body = Empty<axum::body::Bytes>;

/// Answers at once, with nothing but a header.
#[derive(Clone)]
struct Answers;

impl Service<Request<Body>> for Answers {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        let mut response = Response::new(Body::new());
        response.headers_mut().insert("x-answer", HeaderValue::from_static("none"));
        ready(Ok(response))
    }
}

/// Allocations of one request, on the average of a thousand.
fn allocations<S>(mut service: S) -> u64
where
    S: Service<Request<Body>>,
{
    let mut ask = || {
        let mut request = Request::new(Body::new());
        // As routers do.
        request.extensions_mut().insert(1_u8);
        let answer = pin!(service.call(request));
        let polled = answer.poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(Ok(_))));
    };
    (0..100).for_each(|_| ask());
    let before = by_this_thread();
    (0..1_000).for_each(|_| ask());
    (by_this_thread() - before + 500) / 1_000
}

#[test]
fn a_request_that_is_not_kept_allocates_its_id_and_its_state() {
    let telemetry = lightship::builder("allocations")
        .without_environment()
        .otlp(Otlp::default().endpoint("http://127.0.0.1:9"))
        .sampler(Sampler::always_off())
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .notices(|_| {})
        .install()
        .unwrap();
    let bare = allocations(Answers);
    let layered = allocations(ServerLayer::new().layer(Answers));
    // The state of the request, its id in the extensions, and as a header of the response.
    assert_eq!(layered, bare + 3, "{layered} against {bare}");
    // What a request was is kept where somebody wants to hear of errors, and nothing is made of it.
    let told = allocations(ServerLayer::new().on_error(|_| ()).body_preview().layer(Answers));
    assert_eq!(told, layered + 1, "{told} against {layered}");
    same_thread_tells_series_apart(&telemetry);
}

/// Of what a thread remembers nothing may be taken for another request's.
fn same_thread_tells_series_apart(telemetry: &lightship::Telemetry) {
    let mut service = ServerLayer::new()
        .route(|request| Some(Route::from(request.uri.path().to_owned())))
        .layer(Answers);
    for _ in 0..3 {
        for (method, path, version) in [
            ("GET", "/a", Version::HTTP_11),
            ("POST", "/a", Version::HTTP_11),
            ("GET", "/b", Version::HTTP_11),
            ("GET", "/a", Version::HTTP_2),
        ] {
            let request = Request::builder().method(method).uri(path).version(version);
            let answer = pin!(service.call(request.body(Body::new()).unwrap()));
            let polled = answer.poll(&mut Context::from_waker(Waker::noop()));
            assert!(polled.is_ready());
        }
    }
    let page = telemetry.prometheus_text();
    let counts = page.lines().filter(|line| {
        line.starts_with("http_server_request_duration_seconds_count{")
            && line.contains("http_route=\"/")
    });
    let counts: Vec<_> = counts.collect();
    assert_eq!(counts.len(), 4, "{page}");
    assert!(counts.iter().all(|line| line.ends_with(" 3")), "{counts:?}");
}
