//! Connecting, on a thread of its own: a name server or a dead host may hold it for a minute.

use super::Patience;
use super::socket::Socket;
use crate::config::settings::OtlpEndpoint;
use std::io;
use std::net::{TcpStream, ToSocketAddrs};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Unconnected {
    /// The name led nowhere.
    Lookup(io::Error),
    Connect(io::Error),
}

/// One attempt at a time, however long it takes.
#[derive(Debug)]
pub(super) struct Connector {
    endpoint: OtlpEndpoint,
    /// One that outlived the request it was for; the next one waits for it.
    under_way: Option<Receiver<Result<Socket, Unconnected>>>,
}

impl Connector {
    pub(super) fn new(endpoint: OtlpEndpoint) -> Self {
        Connector { endpoint, under_way: None }
    }

    pub(super) fn connect(&mut self, patience: &Patience) -> Result<Socket, Unconnected> {
        // What an older attempt failed with is old news.
        if let Some(Ok(Ok(socket))) = self.under_way.as_ref().map(Receiver::try_recv) {
            self.under_way = None;
            return Ok(socket);
        }
        let answer = match self.under_way.take() {
            Some(older) if matches!(older.try_recv(), Err(mpsc::TryRecvError::Empty)) => older,
            _ => self.start(patience.left()).map_err(Unconnected::Connect)?,
        };
        loop {
            let Some(slice) = patience.slice() else {
                self.under_way = Some(answer);
                return Err(Unconnected::Connect(io::ErrorKind::TimedOut.into()));
            };
            match answer.recv_timeout(slice) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let error = io::Error::other("the thread that connects panicked");
                    return Err(Unconnected::Connect(error));
                }
            }
        }
    }

    fn start(&self, left: Duration) -> io::Result<Receiver<Result<Socket, Unconnected>>> {
        let (sender, receiver) = mpsc::channel();
        let endpoint = self.endpoint.clone();
        thread::Builder::new().name("lightship-connect".into()).spawn(move || {
            crate::quiet::this_thread();
            // Nobody listens any more: fine.
            let _ = sender.send(connect(&endpoint, left));
        })?;
        Ok(receiver)
    }
}

fn connect(endpoint: &OtlpEndpoint, left: Duration) -> Result<Socket, Unconnected> {
    match endpoint {
        OtlpEndpoint::Tcp { host, port, .. } => tcp(host, *port, left),
        #[cfg(unix)]
        OtlpEndpoint::Unix { socket, .. } => {
            UnixStream::connect(socket).map(Socket::Unix).map_err(Unconnected::Connect)
        }
        #[cfg(not(unix))]
        OtlpEndpoint::Unix { .. } => {
            Err(Unconnected::Connect(io::Error::other("this system has no Unix sockets")))
        }
    }
}

/// Tries every address of the name, each in its share of the time.
fn tcp(host: &str, port: u16, left: Duration) -> Result<Socket, Unconnected> {
    let deadline = Instant::now() + left;
    let addresses: Vec<_> = (host, port).to_socket_addrs().map_err(Unconnected::Lookup)?.collect();
    let mut failure = io::Error::other("the name has no address");
    if addresses.is_empty() {
        return Err(Unconnected::Lookup(failure));
    }
    for (n, address) in addresses.iter().enumerate() {
        let others = u32::try_from(addresses.len() - n).unwrap_or(1);
        let share = deadline.saturating_duration_since(Instant::now()) / others;
        match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
            Ok(stream) => {
                // What we write is whole requests: waiting for more is of no use.
                let _ = stream.set_nodelay(true);
                return Ok(Socket::Tcp(stream));
            }
            Err(error) => failure = error,
        }
    }
    Err(Unconnected::Connect(failure))
}
