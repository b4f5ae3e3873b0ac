//! A collector on loopback that takes every request, and counts the spans in it.

use crate::child::Server;
use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) const CHILD: &str = "child-collector";
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";

static SPANS: AtomicU64 = AtomicU64::new(0);

/// The collector; ends when dropped, or when this process does.
pub(crate) struct Collector(Server);

impl Collector {
    pub(crate) fn start() -> Self {
        Collector(Server::start(CHILD))
    }

    pub(crate) fn address(&self) -> &str {
        self.0.address()
    }

    /// How many spans have arrived up to now.
    pub(crate) fn spans(&mut self) -> u64 {
        let Server { child, output, .. } = &mut self.0;
        let mut count = String::new();
        child.stdin.as_mut().and_then(|input| writeln!(input).ok()).expect("the child listens");
        output.read_line(&mut count).expect("the child answers");
        count.trim().parse().expect("the child answers with a count")
    }

    /// How many have arrived as soon as it is that many, or after some seconds.
    pub(crate) fn wait_for(&mut self, spans: u64) -> u64 {
        let began = Instant::now();
        loop {
            let arrived = self.spans();
            if arrived >= spans || began.elapsed() > Duration::from_secs(5) {
                return arrived;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The child's part: every line asks for the count.
pub(crate) fn answer_until_stdin_closes() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    println!("{}", listener.local_addr().expect("a bound socket has an address"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Whoever hangs up has no more to say.
            thread::spawn(move || serve(stream));
        }
    });
    for _ in std::io::stdin().lines() {
        println!("{}", SPANS.load(Ordering::Relaxed));
    }
}

fn serve(stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::with_capacity(1 << 16, stream);
    loop {
        let (mut length, mut gzipped) = (0, false);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim_end().to_ascii_lowercase();
            match line.split_once(": ") {
                Some(("content-length", value)) => length = value.parse().unwrap_or(0),
                Some(("content-encoding", "gzip")) => gzipped = true,
                _ if line.is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        stream.get_mut().write_all(ANSWER)?;
        count(&body, gzipped)?;
    }
}

fn count(body: &[u8], gzipped: bool) -> Result<()> {
    let mut plain = Vec::new();
    match gzipped {
        true => GzDecoder::new(body).read_to_end(&mut plain)?,
        false => body.take(u64::MAX).read_to_end(&mut plain)?,
    };
    let request = ExportTraceServiceRequest::decode(&plain[..])?;
    let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
    let spans: usize = scopes.map(|scope| scope.spans.len()).sum();
    SPANS.fetch_add(spans as u64, Ordering::Relaxed);
    Ok(())
}
