//! What a collector may answer, and what that means.

use super::collector::{Act, Collector, answer, ok, status};
use super::*;

const PROTOBUF: &str = "content-type: application/x-protobuf\r\n";
/// partial_success { rejected: 3, error_message: "too old" }
const PARTIAL: &[u8] = b"\x0a\x0b\x08\x03\x12\x07too old";
/// partial_success { error_message: "deprecated" }
const REMARK: &[u8] = b"\x0a\x0c\x12\x0adeprecated";

/// Sends one request of ten items to a collector that does that, and flushes.
fn meet(act: Act) -> (Rig, Collector, bool) {
    let collector = Collector::new(move |_, _| act.clone());
    let rig = Rig::new(&target(collector.address()), PATIENT);
    rig.push("spans", 10);
    let complete = rig.flush(LONG);
    rig.assert_conserved();
    (rig, collector, complete)
}

fn assert_said(rig: &Rig, words: &[&str]) {
    let error = rig.error();
    assert!(words.iter().all(|word| error.contains(word)), "{words:?} in {error}");
    assert!(!error.contains("s3cr3t"), "{error}");
}

#[test]
fn a_request_is_what_the_specification_asks_for() {
    let collector = Collector::new(|_, _| ok());
    let mut target = target(collector.address());
    target.headers.push(("User-Agent".to_lowercase(), Secret::new("mine")));
    target.headers.push(("content-type".into(), Secret::new("text/plain")));
    target.headers.push(("transfer-encoding".into(), Secret::new("chunked")));
    let rig = Rig::new(&target, PATIENT);
    let gzipped = Request { gzipped: true, ..request(Signal::Traces, "zipped", 1) };
    rig.push("plain", 1);
    rig.spool.push(gzipped);
    assert!(rig.flush(LONG));
    let seen = collector.seen();
    let heads: Vec<_> = seen.iter().map(|seen| seen.head.to_ascii_lowercase()).collect();
    assert!(heads[0].starts_with("post /v1/traces http/1.1\r\n"), "{}", heads[0]);
    let lines = ["content-type: application/x-protobuf", "authorization: bearer s3cr3t-token"];
    for line in lines.iter().chain(&["user-agent: mine", "content-length: 5"]) {
        assert!(heads[0].contains(&format!("\r\n{line}\r\n")), "{line} in {}", heads[0]);
    }
    assert_eq!(heads[0].matches("content-type").count(), 1);
    assert!(!heads[0].contains("encoding"), "{}", heads[0]);
    assert!(heads[1].contains("\r\ncontent-encoding: gzip\r\n"), "{}", heads[1]);
    assert_eq!(collector.bodies(), ["plain", "zipped"]);
    assert_eq!(collector.connections(), 1, "the connection is kept");
}

#[test]
fn a_user_agent_says_who_we_are() {
    let (_, collector, _) = meet(ok());
    let agent = format!("user-agent: lightship/{}\r\n", env!("CARGO_PKG_VERSION"));
    assert!(collector.seen()[0].head.to_ascii_lowercase().contains(&agent));
}

#[test]
fn what_is_accepted_counts_as_sent() {
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".to_vec();
    let old = b"HTTP/1.0 200 OK\r\n\r\n".to_vec();
    let json = answer("200 OK", "content-type: application/json\r\n", b"{}");
    let text = answer("202 Accepted", "content-type: text/plain\r\n", b"thanks");
    let early = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
    let acts = [ok(), status("200 OK"), json, text, Act::Answer(chunked), Act::Close(old)];
    for act in acts.into_iter().chain([Act::Answer(early.to_vec())]) {
        let (rig, _, complete) = meet(act.clone());
        assert!(complete, "{act:?}: {}", rig.error());
        assert_eq!((rig.sent(), rig.error().as_str()), (10, ""), "{act:?}");
    }
}

#[test]
fn a_partial_success_is_counted_and_told() {
    let (rig, _, complete) = meet(answer("200 OK", PROTOBUF, PARTIAL));
    assert!(!complete, "three spans are gone");
    assert_eq!((rig.sent(), rig.dropped(DropReason::Rejected)), (7, 3));
    assert_said(&rig, &["rejected 3 of 10 items", "too old"]);
}

#[test]
fn no_more_is_rejected_than_was_sent() {
    // partial_success { rejected: 200 }
    let (rig, _, _) = meet(answer("200 OK", PROTOBUF, b"\x0a\x03\x08\xc8\x01"));
    assert_eq!((rig.sent(), rig.dropped(DropReason::Rejected)), (0, 10));
}

#[test]
fn a_remark_is_told_and_nothing_is_lost() {
    let (rig, _, complete) = meet(answer("200 OK", PROTOBUF, REMARK));
    assert!(complete);
    assert_eq!(rig.sent(), 10);
    assert_said(&rig, &["accepted, and remarked: deprecated"]);
}

#[test]
fn the_same_remark_is_told_once() {
    let collector = Collector::new(|_, _| answer("200 OK", PROTOBUF, REMARK));
    let rig = Rig::new(&target(collector.address()), PATIENT);
    rig.push("a", 1);
    assert!(rig.flush(LONG));
    rig.pipeline.failed("something else");
    rig.push("b", 1);
    assert!(rig.flush(LONG));
    assert_said(&rig, &["something else"]);
}

#[test]
fn what_is_not_to_be_tried_again_is_dropped_with_a_way_to_mend_it() {
    let page = "content-type: text/html\r\n";
    let rpc = b"\x08\x10\x12\x09bad spans";
    let echo = b"token s3cr3t-token is unknown";
    let table: [(&str, &str, &[u8], &[&str]); 11] = [
        ("400 Bad Request", PROTOBUF, rpc, &["answered 400", "bad spans"]),
        ("401 Unauthorized", "", echo, &["401", "******** is unknown", "OTLP_HEADERS"]),
        ("403 Forbidden", page, b"<html>", &["403", "a web page", "OTLP_HEADERS"]),
        ("404 Not Found", "", b"nope", &["404", "/v1/traces", "OTLP_ENDPOINT"]),
        ("405 Method Not Allowed", "", b"", &["405", "/v1/traces"]),
        ("413 Payload Too Large", "", b"", &["413", "BATCH_SIZE"]),
        ("415 Unsupported Media Type", "", b"", &["415", "COMPRESSION=none"]),
        ("418 I'm a teapot", "", b"a\r\n\x1b[31mb\xff", &["418", "a__"]),
        ("500 Internal Server Error", "", b"oh", &["500", ": oh;"]),
        ("302 Found", "location: http://x/y\r\n", b"", &["302", "not followed", "http://x/y"]),
        ("200 OK", page, b"<!DOCTYPE html><p>hi", &["web page", "not an OTLP endpoint"]),
    ];
    for (line, headers, body, words) in table {
        let (rig, collector, complete) = meet(answer(line, headers, body));
        assert!(!complete, "{line}");
        assert_eq!((rig.sent(), rig.dropped(DropReason::Rejected)), (0, 10), "{line}");
        assert_said(&rig, words);
        assert_said(&rig, &[&collector.address().to_string()]);
        rig.push("more", 1);
        rig.flush(LONG);
        assert_eq!(collector.seen().len(), 2, "nobody waits after {line}");
    }
}

#[test]
fn what_is_to_be_tried_again_is_kept() {
    for line in ["429 Too Many Requests", "502 Bad Gateway", "503 Busy", "504 Gateway Timeout"] {
        let (rig, _, complete) = meet(answer(line, "", b"busy"));
        assert!(!complete, "{line}");
        assert_eq!((rig.sent(), rig.transport.spooled_items()), (0, 10), "{line}");
        assert_eq!(rig.pipeline.status().spooled_bytes, 5);
        assert_said(&rig, &[&line[..3], "busy", "to be tried again"]);
        assert!(!rig.shutdown(Duration::from_millis(100)), "{line}");
        assert_eq!(rig.dropped(DropReason::Shutdown), 10, "{line}");
        rig.assert_conserved();
    }
}

#[test]
fn the_early_answer_of_one_who_does_not_read_on_counts() {
    let collector = Collector::new(|_, _| {
        Act::CloseEarly(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n".to_vec())
    });
    let rig = Rig::new(&target(collector.address()), PATIENT);
    // The reset that follows may overtake the answer; then the request is still there.
    rig.push(vec![b'x'; 200], 10);
    rig.flush(LONG);
    assert_eq!(rig.sent(), 0);
    let rejected = rig.dropped(DropReason::Rejected);
    assert!(rejected == 10 || rig.transport.spooled_items() == 10);
    rig.assert_conserved();
}

#[test]
fn garbage_is_not_an_answer() {
    let settings = b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64".to_vec();
    let alert = b"\x15\x03\x01\x00\x02\x02\x46".to_vec();
    for garbage in [settings, alert, b"220 mail.example.org ESMTP\r\n".to_vec()] {
        let (rig, _, complete) = meet(Act::Close(garbage));
        assert!(!complete);
        assert_eq!(rig.transport.spooled_items(), 10);
        assert_said(&rig, &["does not answer in HTTP/1.1", "gRPC or TLS"]);
        rig.shutdown(LONG);
        assert_eq!(rig.dropped(DropReason::Shutdown), 10, "nobody can have taken it");
    }
}

#[test]
fn an_endless_head_is_garbage() {
    let (rig, _, _) = meet(Act::Endless(b"HTTP/1.1 200 OK\r\nx-long: ".to_vec()));
    assert_said(&rig, &["does not answer in HTTP/1.1"]);
}

#[test]
fn an_endless_body_takes_neither_memory_nor_time() {
    let start = Instant::now();
    let (rig, collector, complete) = meet(Act::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()));
    assert!(start.elapsed() < target(collector.address()).timeout / 2, "{:?}", start.elapsed());
    assert!(complete, "the status says that it was accepted");
    assert_said(&rig, &["broke off its answer"]);
    rig.push("more", 1);
    rig.flush(LONG);
    assert_eq!(collector.connections(), 2, "that connection is no good any more");
}

#[test]
fn who_closes_in_the_middle_of_the_head_leaves_us_wondering() {
    for part in [&b""[..], b"HTTP/1.1 20"] {
        let (rig, _, complete) = meet(Act::Close(part.to_vec()));
        assert!(!complete);
        assert_said(&rig, &["closed the connection without an answer"]);
        assert_eq!(rig.transport.spooled_items(), 10, "it is sent again");
        rig.shutdown(LONG);
        assert_eq!(rig.dropped(DropReason::Unknown), 10);
        rig.assert_conserved();
    }
}

#[test]
fn who_closes_in_the_middle_of_the_body_has_answered() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc".to_vec();
    let (rig, _, complete) = meet(Act::Close(half));
    assert!(complete);
    assert_eq!(rig.sent(), 10);
    let half = b"HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\nabc".to_vec();
    let (rig, _, complete) = meet(Act::Close(half));
    assert!(!complete);
    assert_eq!(rig.transport.spooled_items(), 10);
}

#[test]
fn undecodable_bytes_of_one_who_accepts_are_told() {
    let (rig, _, complete) = meet(answer("200 OK", PROTOBUF, b"\xff\xff\xff"));
    assert!(complete);
    assert_eq!(rig.sent(), 10);
    assert_said(&rig, &["accepted, but its answer is not one of an OTLP endpoint"]);
}
