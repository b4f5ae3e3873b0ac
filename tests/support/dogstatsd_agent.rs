//! Agents that collect what they are sent, on the loopback or in a directory of their own.

use super::{Line, parse_payload};
use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The size of an agent's buffer: what is longer is cut, or ends the stream.
const BUFFER: usize = 8_192;
const TICK: Duration = Duration::from_millis(2);

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Udp(SocketAddr),
    Datagram(PathBuf),
    Stream(PathBuf),
}

/// A listening agent. Dropping it stops it; what it was sent until then it has read.
#[derive(Debug)]
pub struct FakeAgent {
    kind: Kind,
    payloads: Arc<Mutex<Vec<Vec<u8>>>>,
    paused: Arc<AtomicBool>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

enum Socket {
    Udp(UdpSocket),
    Datagram(UnixDatagram),
    Stream(UnixListener, Vec<UnixStream>),
}

impl FakeAgent {
    /// Over UDP on a free port of the IPv4 loopback.
    pub fn udp() -> Self {
        Self::listen(Kind::Udp(([127, 0, 0, 1], 0).into()))
    }

    /// Listens anew where another one was.
    pub fn listen(kind: Kind) -> Self {
        let (socket, kind) = bind(kind);
        let payloads = Arc::new(Mutex::new(Vec::new()));
        let (paused, stopping) =
            (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let reader = Reader {
            socket,
            payloads: Arc::clone(&payloads),
            paused: Arc::clone(&paused),
            stopping: Arc::clone(&stopping),
        };
        let thread = Some(thread::spawn(move || reader.run()));
        FakeAgent { kind, payloads, paused, stopping, thread }
    }

    pub fn kind(&self) -> Kind {
        self.kind.clone()
    }

    /// The setting that finds this agent.
    pub fn address(&self) -> String {
        match &self.kind {
            Kind::Udp(address) => format!("udp://{address}"),
            Kind::Datagram(path) => format!("unixgram://{}", path.display()),
            Kind::Stream(path) => format!("unixstream://{}", path.display()),
        }
    }

    /// Stops reading, while the socket stays: its queue fills up.
    pub fn pause(&self) {
        self.paused.store(true, Ordering::SeqCst);
        thread::sleep(TICK * 3);
    }

    pub fn resume(&self) {
        self.paused.store(false, Ordering::SeqCst);
    }

    /// Reads what is there, closes the socket and returns everything that ever came.
    pub fn stop(mut self) -> Vec<Vec<u8>> {
        self.end();
        self.payloads()
    }

    pub fn payloads(&self) -> Vec<Vec<u8>> {
        self.payloads.lock().unwrap().clone()
    }

    /// Everything that came, understood.
    ///
    /// # Panics
    ///
    /// If one of Datadog's agents would refuse any of it.
    pub fn lines(&self) -> Vec<Line> {
        understand(&self.payloads())
    }

    /// Waits until the lines are as wanted.
    ///
    /// # Panics
    ///
    /// If that takes longer than ten seconds.
    pub fn wait_for(&self, wanted: impl Fn(&[Line]) -> bool) -> Vec<Line> {
        let start = Instant::now();
        loop {
            let lines = self.lines();
            if wanted(&lines) {
                return lines;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "still only {lines:?}");
            thread::sleep(TICK);
        }
    }

    fn end(&mut self) {
        self.resume();
        self.stopping.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking(), "the agent panicked");
        }
        if let Kind::Datagram(path) | Kind::Stream(path) = &self.kind {
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for FakeAgent {
    fn drop(&mut self) {
        self.end();
    }
}

/// Keeps a UDP port from others while nobody listens there: datagrams to it are refused, for the
/// socket is connected to somebody else. A Unix path is nobody else's anyway.
#[derive(Debug)]
pub struct Vacant(Option<UdpSocket>);

impl Vacant {
    /// A vacant place of this kind, and where it is.
    pub fn reserve(kind: Kind) -> (Self, Kind) {
        let Kind::Udp(address) = kind else { return (Vacant(None), kind) };
        let socket = UdpSocket::bind(address).expect("a free port");
        socket.connect(SocketAddr::new(address.ip(), 9)).unwrap();
        let kind = Kind::Udp(socket.local_addr().unwrap());
        (Vacant(Some(socket)), kind)
    }
}

/// The lines of many payloads.
///
/// # Panics
///
/// If an agent would refuse any of it.
pub fn understand(payloads: &[Vec<u8>]) -> Vec<Line> {
    payloads.iter().flat_map(|payload| parse_payload(payload).expect("strict")).collect()
}

fn bind(kind: Kind) -> (Socket, Kind) {
    match kind {
        Kind::Udp(address) => {
            let socket = UdpSocket::bind(address).expect("a free port");
            socket.set_nonblocking(true).unwrap();
            let address = socket.local_addr().unwrap();
            (Socket::Udp(socket), Kind::Udp(address))
        }
        Kind::Datagram(path) => {
            clear(&path);
            let socket = UnixDatagram::bind(&path).expect("a free path");
            socket.set_nonblocking(true).unwrap();
            (Socket::Datagram(socket), Kind::Datagram(path))
        }
        Kind::Stream(path) => {
            clear(&path);
            let listener = UnixListener::bind(&path).expect("a free path");
            listener.set_nonblocking(true).unwrap();
            (Socket::Stream(listener, Vec::new()), Kind::Stream(path))
        }
    }
}

fn clear(path: &Path) {
    let _ = std::fs::remove_file(path);
}

struct Reader {
    socket: Socket,
    payloads: Arc<Mutex<Vec<Vec<u8>>>>,
    paused: Arc<AtomicBool>,
    stopping: Arc<AtomicBool>,
}

impl Reader {
    fn run(mut self) {
        loop {
            // Asked first, so that what was sent before `stop` is still read.
            let stopping = self.stopping.load(Ordering::SeqCst);
            if !self.paused.load(Ordering::SeqCst) {
                while self.read_some() {}
            }
            if stopping {
                return;
            }
            thread::sleep(TICK);
        }
    }

    fn read_some(&mut self) -> bool {
        let mut buffer = [0; 65_536];
        let read = match &mut self.socket {
            Socket::Udp(socket) => socket.recv(&mut buffer),
            Socket::Datagram(socket) => socket.recv(&mut buffer),
            Socket::Stream(listener, streams) => {
                return read_streams(listener, streams, &self.payloads);
            }
        };
        match read {
            Ok(length) => {
                assert!(length <= BUFFER, "a datagram of {length} bytes would be cut");
                self.payloads.lock().unwrap().push(buffer[..length].to_vec());
                true
            }
            Err(error) => {
                assert!(error.kind() == ErrorKind::WouldBlock, "{error}");
                false
            }
        }
    }
}

fn read_streams(
    listener: &UnixListener,
    streams: &mut Vec<UnixStream>,
    payloads: &Mutex<Vec<Vec<u8>>>,
) -> bool {
    if let Ok((stream, _)) = listener.accept() {
        // A frame is read in one go: its rest is waited for.
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(TICK)).unwrap();
        streams.push(stream);
    }
    let before = payloads.lock().unwrap().len();
    streams.retain_mut(|stream| {
        let mut header = [0; 4];
        match stream.read_exact(&mut header) {
            Ok(()) => {}
            Err(error) => return matches!(error.kind(), ErrorKind::WouldBlock),
        }
        let length = u32::from_le_bytes(header) as usize;
        // The agent ends a stream over either.
        assert!((1..=BUFFER).contains(&length), "a frame of {length} bytes");
        let mut payload = vec![0; length];
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let whole = stream.read_exact(&mut payload).is_ok();
        stream.set_read_timeout(Some(TICK)).unwrap();
        if whole {
            payloads.lock().unwrap().push(payload);
        }
        whole
    });
    payloads.lock().unwrap().len() > before
}
