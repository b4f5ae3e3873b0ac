//! Bodies that are too large, too slow, or end too early.

use crate::support::{BRIEF, NAMED, NOWHERE, PATIENCE, PDF, Running, is_refused, raw, uploaded};
use lightship_services::seed::{gzip, zstd};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const LIMIT: usize = 64 << 10;

fn document(length: usize) -> Vec<u8> {
    let mut document = b"%PDF-1.4\n".to_vec();
    document.resize(length, b' ');
    document
}

fn head(more: &str) -> String {
    format!(
        "POST /documents/upload HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\n\
         X-Filename: a.pdf\r\nConnection: close\r\n{more}\r\n"
    )
}

#[tokio::test]
async fn the_limit_itself_is_let_in() {
    let service = Running::start(NOWHERE, |_| {}).await;
    let packed = |encoding| [PDF, NAMED, ("content-encoding", encoding)];
    uploaded(service.upload(document(LIMIT), &[PDF, NAMED]).await).await;
    uploaded(service.upload(gzip(&document(LIMIT)).unwrap(), &packed("gzip")).await).await;
    uploaded(service.upload(zstd(&document(LIMIT)).unwrap(), &packed("zstd")).await).await;

    is_refused(service.upload(document(LIMIT + 1), &[PDF, NAMED]).await, 413, "too_large").await;
    let one_more = document(LIMIT + 1);
    let answer = service.upload(gzip(&one_more).unwrap(), &packed("gzip")).await;
    is_refused(answer, 413, "too_large").await;
    let answer = service.upload(zstd(&one_more).unwrap(), &packed("zstd")).await;
    is_refused(answer, 413, "too_large").await;
    assert_eq!(service.directory.files().len(), 3);
}

#[tokio::test]
async fn a_bomb_does_not_go_off() {
    let service = Running::start(NOWHERE, |_| {}).await;
    let bomb = document(64 << 20);
    for (encoding, packed) in [("gzip", gzip(&bomb).unwrap()), ("zstd", zstd(&bomb).unwrap())] {
        let small = packed.len() < 2 * LIMIT;
        assert!(small, "{encoding}: {} bytes", packed.len());
        let headers = [PDF, NAMED, ("content-encoding", encoding)];
        is_refused(service.upload(packed, &headers).await, 413, "too_large").await;
    }
    assert!(service.directory.files().is_empty());
}

#[tokio::test]
async fn what_is_announced_too_large_is_not_read() {
    let service = Running::start(NOWHERE, |_| {}).await;
    let answer = raw(service.address(), head("Content-Length: 99999999999\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("too_large"), "{answer}");
}

#[tokio::test]
async fn a_length_that_is_not_announced_is_counted() {
    let service = Running::start(NOWHERE, |_| {}).await;
    let request = chunks(LIMIT / 1000 + 1) + "0\r\n\r\n";
    let answer = raw(service.address(), request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("too_large"), "{answer}");
}

#[tokio::test]
async fn a_body_without_end_is_not_read_for_ever() {
    let service = Running::start(NOWHERE, |config| config.body_timeout = PATIENCE * 2).await;
    // Twice what may be, and no end.
    let answer = raw(service.address(), chunks(2 * LIMIT / 1000 + 1).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("too_large"), "{answer}");
}

/// A request with so many chunks of a thousand bytes.
fn chunks(count: usize) -> String {
    let chunk = format!("3e8\r\n{}\r\n", "%PDF-".repeat(200));
    head("Transfer-Encoding: chunked\r\n") + &chunk.repeat(count)
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let service = Running::start(NOWHERE, |config| config.body_timeout = BRIEF).await;
    let request = head("Content-Length: 1000\r\n") + "%PDF-";
    let answer = raw(service.address(), request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("body_timed_out"), "{answer}");
    assert!(service.directory.files().is_empty());
}

#[tokio::test]
async fn half_a_document_is_none() {
    let service = Running::start(NOWHERE, |_| {}).await;
    let request = head("Content-Length: 1000\r\n") + "%PDF-1.4";
    let mut stream = TcpStream::connect(service.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    drop(stream);
    let broken = head("Transfer-Encoding: chunked\r\n") + "5\r\n%PDF-\r\nno length\r\n";
    let answer = raw(service.address(), broken.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    // Whoever comes after is served, and alone.
    uploaded(service.upload(document(20), &[PDF, NAMED]).await).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(service.directory.files().len(), 1);
}
