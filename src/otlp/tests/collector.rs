//! A collector that does what a test tells it.

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What to do once a request has come.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Answer(Vec<u8>),
    /// Writes that and closes.
    Close(Vec<u8>),
    /// Closes before having read the body.
    CloseEarly(Vec<u8>),
    /// Never answers.
    Hang,
    /// One byte in a while.
    Drip(Vec<u8>),
    /// That, and then rubbish for ever.
    Endless(Vec<u8>),
}

#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    pub(super) at: Instant,
}

type Script = dyn Fn(usize, &Seen) -> Act + Send + Sync;

#[derive(Clone)]
struct Shared {
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
    script: Arc<Script>,
}

/// Listens until it is dropped; then its port is free again and its connections are closed.
pub(super) struct Collector {
    address: SocketAddr,
    shared: Shared,
    thread: Option<JoinHandle<()>>,
}

/// An answer without a body.
pub(super) fn status(line: &str) -> Act {
    answer(line, "", b"")
}

/// `headers` are whole lines.
pub(super) fn answer(line: &str, headers: &str, body: &[u8]) -> Act {
    let head = format!("HTTP/1.1 {line}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    Act::Answer([head.as_bytes(), body].concat())
}

pub(super) fn ok() -> Act {
    answer("200 OK", "content-type: application/x-protobuf\r\n", b"")
}

trait Both: Read + Write + Send {}
impl<T: Read + Write + Send> Both for T {}

impl Collector {
    pub(super) fn new(script: impl Fn(usize, &Seen) -> Act + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), script)
    }

    /// Where a collector was before, say.
    pub(super) fn at(
        address: SocketAddr,
        script: impl Fn(usize, &Seen) -> Act + Send + Sync + 'static,
    ) -> Self {
        Self::tcp(address, script, |stream| Some(Box::new(stream)))
    }

    pub(super) fn tls(
        config: Arc<ServerConfig>,
        script: impl Fn(usize, &Seen) -> Act + Send + Sync + 'static,
    ) -> Self {
        Self::tcp("127.0.0.1:0".parse().unwrap(), script, move |stream| {
            let session = ServerConnection::new(Arc::clone(&config)).ok()?;
            Some(Box::new(StreamOwned::new(session, stream)))
        })
    }

    fn tcp(
        address: SocketAddr,
        script: impl Fn(usize, &Seen) -> Act + Send + Sync + 'static,
        wrap: impl Fn(TcpStream) -> Option<Box<dyn Both>> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        Self::start(address, script, move || {
            let (stream, _) = listener.accept()?;
            stream.set_nonblocking(false)?;
            stream.set_read_timeout(Some(Duration::from_millis(10)))?;
            stream.set_write_timeout(Some(Duration::from_secs(5)))?;
            wrap(stream).ok_or(io::ErrorKind::Other.into())
        })
    }

    pub(super) fn unix(
        path: &Path,
        script: impl Fn(usize, &Seen) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self::start("127.0.0.1:0".parse().unwrap(), script, move || {
            let (stream, _) = listener.accept()?;
            stream.set_nonblocking(false)?;
            stream.set_read_timeout(Some(Duration::from_millis(10)))?;
            Ok(Box::new(stream))
        })
    }

    fn start(
        address: SocketAddr,
        script: impl Fn(usize, &Seen) -> Act + Send + Sync + 'static,
        accept: impl Fn() -> io::Result<Box<dyn Both>> + Send + 'static,
    ) -> Self {
        let shared = Shared {
            seen: Arc::default(),
            connections: Arc::default(),
            over: Arc::default(),
            script: Arc::new(script),
        };
        let listening = shared.clone();
        let thread = thread::spawn(move || {
            let mut threads = Vec::new();
            while !listening.over.load(Ordering::Relaxed) {
                match accept() {
                    Ok(stream) => {
                        listening.connections.fetch_add(1, Ordering::Relaxed);
                        let shared = listening.clone();
                        threads.push(thread::spawn(move || shared.serve(stream)));
                    }
                    Err(_) => thread::sleep(Duration::from_millis(1)),
                }
            }
            drop(accept);
            threads.into_iter().for_each(|thread| drop(thread.join()));
        });
        Collector { address, shared, thread: Some(thread) }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    pub(super) fn bodies(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| String::from_utf8(seen.body).unwrap()).collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn serve(&self, mut stream: Box<dyn Both>) {
        let mut input = Vec::new();
        while let Some((seen, early)) = self.receive(&mut *stream, &mut input) {
            let number = {
                let mut all = self.seen.lock().unwrap();
                all.push(seen.clone());
                all.len() - 1
            };
            let act = early.unwrap_or_else(|| (self.script)(number, &seen));
            let more = match act {
                Act::Answer(bytes) => stream.write_all(&bytes).is_ok(),
                Act::Close(bytes) | Act::CloseEarly(bytes) => {
                    let _ = stream.write_all(&bytes);
                    false
                }
                Act::Hang => {
                    self.until_over();
                    false
                }
                Act::Drip(bytes) => {
                    for byte in bytes {
                        if stream.write_all(&[byte]).is_err() || self.is_over() {
                            return;
                        }
                        thread::sleep(Duration::from_millis(20));
                    }
                    true
                }
                Act::Endless(bytes) => {
                    let _ = stream.write_all(&bytes);
                    while !self.is_over() && stream.write_all(&[b'x'; 1_000]).is_ok() {}
                    false
                }
            };
            if !more {
                return;
            }
        }
    }

    /// Reads one request; asks the script already after the head, for those who close early.
    fn receive(&self, stream: &mut dyn Both, input: &mut Vec<u8>) -> Option<(Seen, Option<Act>)> {
        let end = |input: &[u8]| input.windows(4).position(|window| window == b"\r\n\r\n");
        while end(input).is_none() {
            self.read(stream, input)?;
        }
        let end = end(input)? + 4;
        let head = String::from_utf8(input[..end].to_vec()).unwrap();
        let length = head.to_ascii_lowercase();
        let length: usize =
            length.split("content-length: ").nth(1)?.lines().next()?.parse().unwrap();
        let mut seen = Seen { head, body: Vec::new(), at: Instant::now() };
        let number = self.seen.lock().unwrap().len();
        let early = (self.script)(number, &seen);
        if matches!(early, Act::CloseEarly(_)) {
            return Some((seen, Some(early)));
        }
        while input.len() < end + length {
            self.read(stream, input)?;
        }
        seen.body = input[end..end + length].to_vec();
        input.drain(..end + length);
        Some((seen, None))
    }

    fn read(&self, stream: &mut dyn Both, input: &mut Vec<u8>) -> Option<()> {
        let mut buffer = [0; 4_096];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => return None,
                Ok(read) => {
                    input.extend_from_slice(&buffer[..read]);
                    return Some(());
                }
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    if self.is_over() {
                        return None;
                    }
                }
                Err(_) => return None,
            }
        }
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn until_over(&self) {
        while !self.is_over() {
            thread::sleep(Duration::from_millis(1));
        }
    }
}
