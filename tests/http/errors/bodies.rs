//! Previews of bodies: what is kept as handlers read, and what is shown of it.

use super::super::raw;
use super::{CANARY, Told, post, told_of};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{StatusCode, request::Parts};
use axum::routing::any;
use flate2::Compression;
use flate2::write::GzEncoder;
use lightship::http::{BodyPreview, ErrorContext};
use std::io::Write;
use std::sync::{Arc, Mutex};

const JSON: &str = "content-type: application/json\r\n";
const PREVIEW: &str = "http.request.body.preview";
const SIZE: &str = "http.request.body.size";

/// Reads its body and fails.
fn failing() -> Router {
    Router::new()
        .route("/read", any(|_: Bytes| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/unread", any(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .layer(DefaultBodyLimit::disable())
}

async fn told(request: Vec<u8>) -> ErrorContext {
    told_of(failing(), |told| told.layer().body_preview(), [request]).await.one()
}

#[tokio::test]
async fn json_is_shown_scrubbed() {
    let body = format!(
        r#"{{"kind":"pdf","user":{{"password":"{CANARY}","pins":[1,{{"pin":4711}}]}},
            "maidenName":"{CANARY}","note":"by {CANARY}","raw":"{{\"secret\":\"canary\"}}"}}"#
    );
    let context = told(post("/read", JSON, body.as_bytes())).await;
    let shown = r#"{"kind":"pdf","user":{"password":"[REDACTED]","pins":[1,{"pin":"[REDACTED]"}]},
            "maidenName":"[REDACTED]","note":"by [REDACTED:planted]","raw":"{\"secret\":\"[REDACTED]\"}"}"#;
    assert_eq!(context.get(PREVIEW), Some(shown));
    assert_eq!(context.get(SIZE), Some(&*body.len().to_string()));
    assert_eq!(context.get("http.request.header.content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_preview_has_at_most_4096_bytes() {
    for (bytes, shown) in [(4_095, 4_095), (4_096, 4_096), (4_097, 4_096), (9_000, 4_096)] {
        let body = format!("[\"{}\"]", "x".repeat(bytes - 4));
        let context = told(post("/read", JSON, body.as_bytes())).await;
        assert_eq!(context.get(PREVIEW), Some(&body[..shown]), "{bytes}");
        assert_eq!(context.get(SIZE), Some(&*bytes.to_string()));
    }
    // 4,096 is within a character.
    let body = format!("[\"x{}\"]", "€".repeat(2_000));
    let context = told(post("/read", JSON, body.as_bytes())).await;
    assert_eq!(context.get(PREVIEW), Some(&body[..4_095]));
}

#[tokio::test]
async fn a_secret_across_the_cut_goes_whole() {
    // Wherever the cut is in it: in what was kept of the body, or in what is shown.
    for before in [4_060, 4_080, 4_085, 4_090, 4_096, 4_590, 4_600, 4_604] {
        for secret in [CANARY.to_owned(), format!("\",\"password\":\"{CANARY}{CANARY}\"")] {
            let body = format!("[{{\"a\":\"{}{secret}\"}}]", "x".repeat(before - 7));
            let context = told(post("/read", JSON, body.as_bytes())).await;
            let shown = context.get(PREVIEW).unwrap();
            assert!(!shown.contains("cana"), "{before}: {}", &shown[shown.len() - 50..]);
        }
    }
}

#[tokio::test]
async fn other_bodies_have_a_size_and_a_type() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::none());
    gzip.write_all(br#"{"password":"canary"}"#).unwrap();
    let gzip = gzip.finish().unwrap();
    let encoded = format!("{JSON}content-encoding: gzip\r\n");
    for (headers, body, media_type) in [
        (encoded.as_str(), &gzip[..], Some("application/json")),
        (encoded.as_str(), br#"{"a":"canary"}"#, Some("application/json")),
        ("content-type: text/plain\r\n", b"canary", Some("text/plain")),
        (
            "content-type: multipart/form-data; boundary=canary\r\n",
            b"--canary--",
            Some("multipart/form-data"),
        ),
        ("", br#"{"a":"canary"}"#, None),
        (JSON, b"{\"a\":\"canary \xff\"}", Some("application/json")),
    ] {
        let context = told(post("/read", headers, body)).await;
        assert_eq!(context.get(PREVIEW), None, "{headers}");
        assert_eq!(context.get(SIZE), Some(&*body.len().to_string()), "{headers}");
        assert_eq!(context.get("http.request.header.content-type"), media_type);
    }
}

#[tokio::test]
async fn a_body_that_is_not_read_or_not_asked_for_is_not_shown() {
    let body = br#"{"kind":"pdf"}"#;
    let unread = told(post("/unread", JSON, body)).await;
    assert_eq!((unread.get(PREVIEW), unread.get(SIZE)), (None, Some("0")));
    let not_asked = told_of(failing(), Told::layer, [post("/read", JSON, body)]).await.one();
    assert_eq!((not_asked.get(PREVIEW), not_asked.get(SIZE)), (None, Some("14")));
}

#[tokio::test]
async fn a_huge_body_is_read_as_ever() {
    let body = format!("[\"{}\"]", "x".repeat(5 << 20));
    let context = told(post("/read", JSON, body.as_bytes())).await;
    assert_eq!(context.get(PREVIEW), Some(&body[..4_096]));
    assert_eq!(context.get(SIZE), Some(&*body.len().to_string()));
}

#[tokio::test]
async fn a_body_in_pieces_is_put_together() {
    let mut request = b"POST /read HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
        content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        .to_vec();
    let body = "{\"a\":\"é€🦀\",\"password\":\"canary\"}";
    for byte in body.bytes() {
        request.extend_from_slice(b"1\r\n");
        request.push(byte);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    let context = told(request).await;
    assert_eq!(context.get(PREVIEW), Some("{\"a\":\"é€🦀\",\"password\":\"[REDACTED]\"}"));
    assert_eq!(context.get(SIZE), Some(&*body.len().to_string()));
}

#[tokio::test]
async fn it_works_over_http_2() {
    let told = Told::default();
    let layer = super::telemetry().scope(|| told.layer().body_preview());
    let server = super::Server::bare(failing().layer(layer)).await;
    let socket = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) = h2::client::handshake(socket).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = axum::http::Request::post(server.url("/read?secret=canary"))
        .header("content-type", "application/problem+json")
        .header("cookie", "session=canary")
        .body(())
        .unwrap();
    let (response, mut body) = client.send_request(request, false).unwrap();
    body.send_data(Bytes::from_static(br#"{"token":"#), false).unwrap();
    body.send_data(Bytes::from_static(br#""canary"}"#), true).unwrap();
    assert_eq!(response.await.unwrap().status(), 500);
    drop((client, body));
    connection.await.unwrap().unwrap();
    server.stop().await;
    assert_eq!(told.one().get(PREVIEW), Some(r#"{"token":"[REDACTED]"}"#));
}

#[tokio::test]
async fn a_handler_may_make_its_own_context() {
    let made = Arc::new(Mutex::new(Vec::new()));
    let (by_request, by_parts) = (Arc::clone(&made), Arc::clone(&made));
    let router = Router::new()
        .route(
            "/request/{id}",
            any(|request: Request| async move {
                by_request.lock().unwrap().push(ErrorContext::of(&request));
            }),
        )
        .route(
            "/parts/{id}",
            any(|parts: Parts, _: Bytes| async move {
                let context = ErrorContext::of_parts(&parts).user("1234567890");
                by_parts.lock().unwrap().push(context);
            }),
        );
    let body = br#"{"password":"canary","a":1}"#;
    let requests = ["/request/17", "/parts/17"].map(|path| post(path, JSON, body));
    let told = told_of(router, |told| told.layer().body_preview(), requests).await;
    assert!(told.all().is_empty());
    let made = made.lock().unwrap();
    assert_eq!(made[0].get("http.route"), Some("/request/{id}"));
    assert_eq!((made[0].get(PREVIEW), made[0].get(SIZE)), (None, Some("27")), "declared");
    assert_eq!(made[1].get("http.route"), Some("/parts/{id}"));
    assert_eq!(made[1].get(PREVIEW), Some(r#"{"password":"[REDACTED]","a":1}"#));
    assert_eq!(made[1].get("user.short_id"), Some("12345678"));
    assert_eq!(made[1].get("http.request.header.x-request-id").unwrap().len(), 32);
}

#[tokio::test]
async fn whoever_reads_another_body_may_say_what_came() {
    let told = Told::default();
    let server = super::Server::bare(
        Router::new()
            .route(
                "/",
                any(|request: Request| async move {
                    let preview = request.extensions().get::<BodyPreview>().cloned();
                    preview.unwrap().add(br#"{"pin":4711}"#);
                    StatusCode::INTERNAL_SERVER_ERROR
                }),
            )
            .layer(told.layer().body_preview()),
    )
    .await;
    let request = post("/", JSON, b"{}");
    raw::exchange_bytes(&server.url(""), &request).await;
    server.stop().await;
    let context = told.one();
    assert_eq!(context.get(PREVIEW), Some(r#"{"pin":"[REDACTED]"}"#));
}
