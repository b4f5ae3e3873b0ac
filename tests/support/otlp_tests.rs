//! The fake collector does what it says, to requests made by hand.

use super::sample::{metrics_request, trace_request};
use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

const TRACE: [u8; 16] = [0xab; 16];

fn post(path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: here\r\nContent-Type: application/x-protobuf\r\n\
         Content-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn traces() -> Vec<u8> {
    post("/v1/traces", "", &trace_request("harbour", TRACE).encode_to_vec())
}

fn connect(collector: &FakeCollector) -> TcpStream {
    let stream = TcpStream::connect(collector.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// The bytes up to the end of a head, and as many more as it promises.
fn read_answer(mut stream: impl Read) -> String {
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    let head = String::from_utf8(answer).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8_lossy(&body)
}

#[test]
fn spans_come_flat_and_as_a_tree() {
    let collector = FakeCollector::start();
    let mut stream = connect(&collector);
    stream.write_all(&traces()).unwrap();
    assert!(read_answer(&stream).starts_with("HTTP/1.1 200 "));
    let spans = collector.spans();
    assert_eq!(
        tree(&spans, &["pier", "free"]),
        "POST /berths pier=nördlich \"2\" free=true\n  check\n  insert [error: the disk is full]\n"
    );
    let root = spans.iter().find(|span| span.parent.is_none()).unwrap();
    assert_eq!((root.trace_id.as_str(), root.id.as_str()), (&*"ab".repeat(16), "0101010101010101"));
    assert_eq!(root.kind, "server");
    assert_eq!(root.attribute("length"), Some(&Value::Int(-9_007_199_254_740_993)));
    assert_eq!(root.attribute("depth"), Some(&2.5.into()));
    assert_eq!(root.text("pier"), Some("nördlich \"2\""));
    assert_eq!(root.resource("service.name").unwrap(), "harbour");
    let insert = spans.iter().find(|span| span.name == "insert").unwrap();
    assert_eq!(insert.event("retry").unwrap().attributes, [("attempt".to_owned(), 2.into())]);

    let alone: Vec<_> = spans.into_iter().filter(|span| span.name == "check").collect();
    assert_eq!(tree(&alone, &[]), "check [parent elsewhere]\n");
}

#[test]
fn points_come_flat() {
    let collector = FakeCollector::start();
    let mut stream = connect(&collector);
    let body = metrics_request("harbour").encode_to_vec();
    stream.write_all(&post("/prefix/v1/metrics", "", &body)).unwrap();
    assert!(read_answer(&stream).starts_with("HTTP/1.1 200 "));
    let points = collector.points();
    let [sum, wait] = points.as_slice() else { panic!("{points:?}") };
    assert_eq!((sum.kind.as_str(), sum.temporality.as_str()), ("sum", "delta"));
    assert!(sum.monotonic && sum.number() == Some(3.0), "{sum:?}");
    assert_eq!(sum.attribute("pier").unwrap(), "north");
    assert_eq!((wait.unit.as_str(), wait.temporality.as_str()), ("s", "cumulative"));
    let histogram = wait.histogram().unwrap();
    assert_eq!((histogram.count, histogram.sum), (3, Some(23.0)));
    assert_eq!(histogram.counts, [2, 0, 1]);
}

#[test]
fn a_connection_is_kept_and_gzip_is_read() {
    let collector = FakeCollector::start();
    let mut stream = connect(&collector);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&trace_request("harbour", TRACE).encode_to_vec()).unwrap();
    let body = encoder.finish().unwrap();
    let headers = "Content-Encoding: gzip\r\nX-Token: harbour\r\n";
    let zipped = post("/v1/traces", headers, &body);
    // Two in one write: the second is not lost in the first one's buffer.
    stream.write_all(&[zipped.clone(), zipped].concat()).unwrap();
    read_answer(&stream);
    read_answer(&stream);
    let requests = collector.requests();
    assert_eq!((requests.len(), collector.connections()), (2, 1));
    assert!(requests[1].is_gzipped() && requests[1].body == body);
    assert_eq!(requests[1].header("x-token"), Some("harbour"));
    assert_eq!(collector.spans().len(), 6);
}

#[test]
fn answers_come_as_told() {
    let collector = FakeCollector::start();
    collector.answer_next([
        Answer::status(503).header("Retry-After", "7").body("busy"),
        Answer::partial(2, "two were late"),
        Answer::html(200).after(Duration::from_millis(50)),
    ]);
    let mut stream = connect(&collector);
    let mut ask = || {
        stream.write_all(&traces()).unwrap();
        read_answer(&stream)
    };
    let busy = ask();
    assert!(busy.starts_with("HTTP/1.1 503 ") && busy.contains("Retry-After: 7\r\n"), "{busy}");
    assert!(busy.ends_with("busy"), "{busy}");
    assert!(collector.spans().is_empty());
    assert!(ask().ends_with("\n\u{11}\u{8}\u{2}\u{12}\rtwo were late"));
    let start = Instant::now();
    assert!(ask().ends_with("</html>"));
    assert!(start.elapsed() >= Duration::from_millis(50));
    assert!(ask().starts_with("HTTP/1.1 200 "));
    let answered: Vec<_> = collector.requests().iter().map(|it| it.answered).collect();
    assert_eq!(answered, [Some(503), Some(200), Some(200), Some(200)]);
}

#[test]
fn answers_are_cut_or_never_come() {
    let mut collector = FakeCollector::start();
    collector.answer_next([Answer::html(200).cut(20), Answer::hang_up(), Answer::never()]);
    let answer = || {
        let mut stream = connect(&collector);
        stream.write_all(&traces()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer.len()
    };
    assert_eq!((answer(), answer()), (20, 0));

    let mut stream = connect(&collector);
    stream.write_all(&traces()).unwrap();
    collector.wait_for_requests(3);
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    stream.read_exact(&mut [0]).unwrap_err();
    assert!(collector.requests().iter().all(|it| it.answered.is_none()));
    assert!(collector.spans().is_empty() && collector.requests()[2].spans().len() == 3);
    collector.stop();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
}

#[test]
fn it_dies_and_comes_back_where_it_was() {
    let mut collector = FakeCollector::start();
    let (address, mut kept) = (collector.address(), connect(&collector));
    kept.write_all(&traces()).unwrap();
    read_answer(&kept);
    collector.stop();
    assert!(TcpStream::connect(address).is_err());
    // Either nothing more is taken, or nothing comes back.
    let _ = kept.write_all(&traces());
    assert!(kept.read(&mut [0]).map_or(true, |length| length == 0));

    collector.restart();
    assert_eq!(collector.address(), address);
    let mut stream = connect(&collector);
    stream.write_all(&traces()).unwrap();
    read_answer(&stream);
    assert_eq!((collector.count(), collector.connections()), (2, 2));
    assert_eq!(collector.wait_for_spans(6).len(), 6);
}

#[test]
fn it_listens_on_a_unix_socket() {
    let name = format!("lightship-otlp-{}-{:p}.sock", std::process::id(), &TRACE);
    let path = std::env::temp_dir().join(name);
    let mut collector = FakeCollector::unix(&path);
    assert!(collector.endpoint().starts_with("unix:///"));
    let mut stream = UnixStream::connect(&path).unwrap();
    stream.write_all(&traces()).unwrap();
    assert!(read_answer(&stream).starts_with("HTTP/1.1 200 "));
    assert_eq!(collector.spans().len(), 3);
    collector.stop();
    assert!(!path.exists());
    collector.restart();
    assert!(UnixStream::connect(&path).is_ok());
}

#[test]
fn what_is_no_otlp_is_refused_and_remembered() {
    let mut twice = trace_request("harbour", TRACE);
    let spans = &mut twice.resource_spans[0].scope_spans[0].spans;
    let again = spans[2].attributes[0].clone();
    spans[2].attributes.push(again);
    let mut without_id = trace_request("harbour", [0; 16]);
    without_id.resource_spans[0].scope_spans[0].spans.truncate(1);
    let good = trace_request("harbour", TRACE).encode_to_vec();
    let json = b"POST /v1/traces HTTP/1.1\r\nContent-Type: application/json\r\n\
                 Content-Length: 2\r\n\r\n{}";
    for (request, why) in [
        (post("/v1/traces", "", b"\xff"), "decode"),
        (post("/v1/traces", "Content-Encoding: gzip\r\n", &good), "gzip"),
        (post("/v2/traces", "", &good), "nothing is at"),
        (post("/v1/traces", "", &without_id.encode_to_vec()), "trace id"),
        (post("/v1/traces", "", &twice.encode_to_vec()), "the key \"pier\""),
        (json.to_vec(), "Content-Type"),
    ] {
        let collector = FakeCollector::start();
        let mut stream = connect(&collector);
        stream.write_all(&request).unwrap();
        assert!(read_answer(&stream).starts_with("HTTP/1.1 400 "), "{why}");
        let requests = collector.requests();
        let problem = requests[0].problem.as_ref().unwrap();
        assert!(problem.contains(why), "{problem}");
        let ask = std::panic::AssertUnwindSafe(|| collector.spans());
        let spans = std::panic::catch_unwind(ask);
        assert!(spans.is_err(), "{why}");
    }
}
