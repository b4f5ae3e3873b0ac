//! One connection: requests in, answers out, until either side has enough.

use super::answer::Ending;
use super::{Answer, Received, Shared, TICK};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

const MAX_HEAD: usize = 64 << 10;
const MAX_BODY: usize = 128 << 20;
const MAX_HEADERS: usize = 64;

#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        match self {
            Stream::Tcp(stream) => stream.try_clone().map(Stream::Tcp),
            Stream::Unix(stream) => stream.try_clone().map(Stream::Unix),
        }
    }

    /// Ends both directions, for every clone.
    pub(super) fn shutdown(&self) {
        // A peer that was faster is as good.
        let _ = match self {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Both),
            Stream::Unix(stream) => stream.shutdown(Shutdown::Both),
        };
    }

    /// A listener that does not block makes streams that do not, on some systems.
    fn blocking(&self) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.set_nonblocking(false),
            Stream::Unix(stream) => stream.set_nonblocking(false),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.read(buffer),
            Stream::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.write(bytes),
            Stream::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Answers what comes until the peer, an answer or `stopping` ends the connection.
pub(super) fn serve(mut stream: Stream, shared: &Shared, stopping: &AtomicBool) {
    let mut buffer = Vec::new();
    if stream.blocking().is_ok() {
        while let Ok(Some(request)) = read_request(&mut stream, &mut buffer) {
            let closing = request.header("connection").is_some_and(|it| it == "close");
            let goes_on = answer(&mut stream, request, shared, stopping);
            if closing || !goes_on.unwrap_or(false) {
                break;
            }
        }
    }
    // The one who accepts holds a clone, so that dropping this one would not end the connection.
    stream.shutdown();
}

/// Says whether the connection goes on.
fn answer(
    stream: &mut Stream,
    request: Received,
    shared: &Shared,
    stopping: &AtomicBool,
) -> io::Result<bool> {
    // As a real one: a script is for requests that deserve it.
    let answer = if request.problem.is_some() { Answer::status(400) } else { shared.answer() };
    let number = shared.record(request);
    let bytes = answer.bytes();
    let start = Instant::now();
    while start.elapsed() < answer.delay {
        if stopping.load(Ordering::SeqCst) {
            return Ok(false);
        }
        thread::sleep(TICK.min(answer.delay));
    }
    match answer.ending {
        Ending::Whole => {
            // Before it is said: who has the answer must find it noted.
            shared.note_answer(number, answer.status);
            stream.write_all(&bytes)?;
            Ok(!answer.headers.iter().any(|(_, value)| value == "close"))
        }
        Ending::Cut(length) => {
            stream.write_all(&bytes[..length.min(bytes.len())])?;
            Ok(false)
        }
        // Whatever comes is swallowed, until somebody closes.
        Ending::Never => io::copy(stream, &mut io::sink()).map(|_| false),
    }
}

/// The next request; `None` at the end, or where the bytes are no HTTP.
fn read_request(stream: &mut Stream, buffer: &mut Vec<u8>) -> io::Result<Option<Received>> {
    let (head_length, mut request) = loop {
        match parse_head(buffer) {
            Ok(Some(head)) => break head,
            Ok(None) if buffer.len() < MAX_HEAD => {}
            _ => return Ok(None),
        }
        if !read_more(stream, buffer)? {
            return Ok(None);
        }
    };
    let length = request.header("content-length").and_then(|length| length.parse().ok());
    let length: usize = length.unwrap_or(0);
    if length > MAX_BODY {
        return Ok(None);
    }
    while buffer.len() < head_length + length {
        if !read_more(stream, buffer)? {
            return Ok(None);
        }
    }
    request.body = buffer[head_length..head_length + length].to_vec();
    buffer.drain(..head_length + length);
    request.understand();
    Ok(Some(request))
}

fn read_more(stream: &mut Stream, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let mut chunk = [0; 16 << 10];
    let length = stream.read(&mut chunk)?;
    buffer.extend_from_slice(&chunk[..length]);
    Ok(length > 0)
}

/// The length of the head and the request without its body, once the head is whole.
fn parse_head(buffer: &[u8]) -> Result<Option<(usize, Received)>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = request.parse(buffer)? else { return Ok(None) };
    let headers = request.headers.iter().map(|header| {
        let value = String::from_utf8_lossy(header.value).into_owned();
        (header.name.to_ascii_lowercase(), value)
    });
    let received = Received {
        method: request.method.unwrap_or_default().to_owned(),
        path: request.path.unwrap_or_default().to_owned(),
        headers: headers.collect(),
        ..Received::default()
    };
    Ok(Some((length, received)))
}
