//! Bodies that take their time, end too early, or have something behind them.

use super::server::with_server;
use super::{SERVER_DURATION, durations, only, raw};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use http_body::Frame;
use http_body_util::StreamBody;
use std::io;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;

type Frames = mpsc::UnboundedSender<Result<Frame<Bytes>, io::Error>>;

/// A body that somebody writes as time goes by.
fn streamed() -> (Frames, Body) {
    let (frames, mut written) = mpsc::unbounded_channel();
    let stream = futures_util::stream::poll_fn(move |task| written.poll_recv(task));
    (frames, Body::new(StreamBody::new(stream)))
}

fn data(text: &'static str) -> Result<Frame<Bytes>, io::Error> {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

fn writing<F>(write: impl FnOnce(Frames) -> F + Clone + Send + Sync + 'static) -> Router
where
    F: Future<Output = ()> + Send + 'static,
{
    Router::new().route(
        "/stream",
        get(|| async move {
            let (frames, body) = streamed();
            tokio::spawn(write(frames));
            body
        }),
    )
}

#[tokio::test]
async fn a_stream_is_measured_to_its_end() {
    let router = writing(|frames| async move {
        for _ in 0..3 {
            sleep(Duration::from_millis(20)).await;
            frames.send(data("chunk")).unwrap();
        }
    });
    let (answer, seen) =
        with_server(router, |url| async move { raw::exchange(&url, "GET /stream HTTP/1.1").await })
            .await;
    assert!(answer.ends_with("0\r\n\r\n"), "{answer}");
    let span = only(&seen, "GET /stream");
    assert_eq!(span.attribute("http.response.body.size"), Some("15"));
    assert_eq!(span.attribute("error.type"), None);
    assert!(span.duration >= Duration::from_millis(60), "{:?}", span.duration);
    assert_eq!(durations(&seen, SERVER_DURATION), 1);
}

#[tokio::test]
async fn a_stream_that_nobody_reads_to_its_end_was_cancelled() {
    let router = writing(|frames| async move {
        while frames.send(data("chunk")).is_ok() {
            sleep(Duration::from_millis(1)).await;
        }
    });
    let ((), seen) = with_server(router, |url| async move {
        let mut client = raw::send(&url, "GET /stream HTTP/1.1\r\nhost: a\r\n\r\n").await;
        raw::read_until(&mut client, "chunk").await;
    })
    .await;
    let span = only(&seen, "GET /stream");
    assert_eq!(span.attribute("http.response.status_code"), Some("200"));
    assert_eq!(span.attribute("error.type"), Some("cancelled"));
    let size: u64 = span.attribute("http.response.body.size").unwrap().parse().unwrap();
    assert!(size >= 5, "{size}");
}

#[tokio::test]
async fn a_stream_that_fails_names_its_error() {
    let router = writing(|frames| async move {
        frames.send(data("chunk")).unwrap();
        frames.send(Err(io::ErrorKind::TimedOut.into())).unwrap();
    });
    let ((), seen) = with_server(router, |url| async move {
        raw::exchange(&url, "GET /stream HTTP/1.1").await;
    })
    .await;
    let span = only(&seen, "GET /stream");
    // axum's own type for errors of bodies.
    assert_eq!(span.attribute("error.type"), Some("axum_core::error::Error"));
    assert!(span.failed());
}

#[tokio::test]
async fn what_was_promised_and_given_is_complete() {
    let router = Router::new()
        .route("/nothing", get(|| async { StatusCode::NO_CONTENT }))
        .route("/unchanged", get(|| async { StatusCode::NOT_MODIFIED }))
        .route("/much", get(|| async { vec![b'x'; 1 << 20] }));
    let (much, seen) = with_server(router, |url| async move {
        raw::exchange(&url, "GET /nothing HTTP/1.1").await;
        raw::exchange(&url, "GET /unchanged HTTP/1.1").await;
        raw::exchange(&url, "GET /much HTTP/1.1").await
    })
    .await;
    assert!(much.len() > 1 << 20);
    assert_eq!(seen.spans().len(), 3);
    for span in seen.spans() {
        assert_eq!(span.attribute("error.type"), None, "{span:?}");
    }
    let much = only(&seen, "GET /much");
    assert_eq!(much.attribute("http.response.body.size"), Some("1048576"));
}

#[tokio::test]
async fn a_server_that_has_sent_what_it_promised_asks_no_more() {
    let (keep, kept) = std::sync::mpsc::channel();
    let router = Router::new().route(
        "/sized",
        get(|| async move {
            let (frames, body) = streamed();
            frames.send(data("chunk")).unwrap();
            keep.send(frames).unwrap();
            Response::builder().header("content-length", 5).body(body).unwrap()
        }),
    );
    let (answer, seen) =
        with_server(router, |url| async move { raw::exchange(&url, "GET /sized HTTP/1.1").await })
            .await;
    drop(kept);
    assert!(answer.ends_with("chunk"), "{answer}");
    assert_eq!(only(&seen, "GET /sized").attribute("error.type"), None);
}

#[tokio::test]
async fn request_bodies_count_what_was_read() {
    let router = Router::new()
        .route("/read", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/refused", post(|| async { StatusCode::PAYLOAD_TOO_LARGE }));
    let ((), seen) = with_server(router, |url| async move {
        let chunked = "POST /read HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
            transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
        raw::read_until(&mut raw::send(&url, chunked).await, "never").await;
        let refused = "POST /refused HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
            content-length: 5\r\n\r\nhello";
        raw::read_until(&mut raw::send(&url, refused).await, "never").await;
    })
    .await;
    assert_eq!(only(&seen, "POST /read").attribute("http.request.body.size"), Some("11"));
    assert_eq!(only(&seen, "POST /refused").attribute("http.request.body.size"), Some("0"));
}

/// A call of gRPC, over HTTP/2 without TLS, that is answered with this status.
async fn call(url: String, code: &'static str) {
    let socket = tokio::net::TcpStream::connect(raw::address(&url)).await.unwrap();
    let (mut client, connection) = h2::client::handshake(socket).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = axum::http::Request::post(format!("{url}/documents.Store/Put"))
        .header("content-type", "application/grpc+proto")
        .header("x-answer", code)
        .body(())
        .unwrap();
    let (response, mut body) = client.send_request(request, false).unwrap();
    body.send_data(Bytes::from_static(b"\0\0\0\0\0"), true).unwrap();
    let mut answer = response.await.unwrap().into_body();
    while let Some(data) = answer.data().await {
        answer.flow_control().release_capacity(data.unwrap().len()).unwrap();
    }
    let trailers = answer.trailers().await.unwrap().unwrap();
    assert_eq!(trailers["grpc-status"], code);
    drop((client, body, answer));
    connection.await.unwrap().unwrap();
}

#[tokio::test]
async fn grpc_says_in_trailers_how_it_went() {
    let router = Router::new().fallback(|headers: HeaderMap, _: Bytes| async move {
        let (frames, body) = streamed();
        frames.send(data("\0\0\0\0\0")).unwrap();
        let code = headers["x-answer"].clone();
        let status = HeaderMap::from_iter([("grpc-status".parse().unwrap(), code)]);
        frames.send(Ok(Frame::trailers(status))).unwrap();
        Response::builder().header("content-type", "application/grpc+proto").body(body).unwrap()
    });
    let ((), seen) = with_server(router, |url| async move {
        for code in ["0", "5", "14", "12"] {
            call(url.clone(), code).await;
        }
    })
    .await;
    let ends: Vec<_> = seen
        .spans()
        .iter()
        .map(|span| {
            assert_eq!(span.name, "documents.Store/Put");
            assert_eq!(span.attribute("rpc.system.name"), Some("grpc"));
            assert_eq!(span.attribute("network.protocol.version"), Some("2"));
            assert_eq!(span.attribute("http.request.body.size"), Some("5"));
            (span.attribute("rpc.response.status_code").unwrap(), span.attribute("error.type"))
        })
        .collect();
    let expected = [
        ("OK", None),
        ("NOT_FOUND", None),
        ("UNAVAILABLE", Some("UNAVAILABLE")),
        ("UNIMPLEMENTED", Some("UNIMPLEMENTED")),
    ];
    assert_eq!(ends, expected);
    // Whoever makes a method up makes no series.
    let of = |code: &str| {
        let code = format!("rpc.response.status_code={code}");
        seen.series().into_iter().find(|s| s.starts_with(SERVER_DURATION) && s.contains(&code))
    };
    assert!(of("OK").unwrap().contains("rpc.method=documents.Store/Put"));
    assert!(!of("UNIMPLEMENTED").unwrap().contains("rpc.method"));
}
