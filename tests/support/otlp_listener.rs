//! Where a fake collector listens, and the thread that accepts.

use super::connection::{Stream, serve};
use super::{PATIENCE, Shared, TICK};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

/// Where a collector listens.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    fn accept(&self) -> std::io::Result<Stream> {
        match self {
            Listener::Tcp(listener) => listener.accept().map(|(stream, _)| Stream::Tcp(stream)),
            Listener::Unix(listener) => listener.accept().map(|(stream, _)| Stream::Unix(stream)),
        }
    }
}

pub(super) fn bind(place: &Place) -> (Listener, Place) {
    let start = Instant::now();
    loop {
        let bound = match place {
            Place::Tcp(address) => TcpListener::bind(address).map(Listener::Tcp),
            Place::Unix(path) => {
                let _ = std::fs::remove_file(path);
                UnixListener::bind(path).map(Listener::Unix)
            }
        };
        match bound {
            Ok(Listener::Tcp(listener)) => {
                listener.set_nonblocking(true).unwrap();
                let address = listener.local_addr().unwrap();
                return (Listener::Tcp(listener), Place::Tcp(address));
            }
            Ok(Listener::Unix(listener)) => {
                listener.set_nonblocking(true).unwrap();
                return (Listener::Unix(listener), place.clone());
            }
            // Somebody's outgoing connection may have got the port in the meantime.
            Err(error) if error.kind() == ErrorKind::AddrInUse && start.elapsed() < PATIENCE => {
                thread::sleep(TICK);
            }
            Err(error) => panic!("listening on {place:?}: {error}"),
        }
    }
}

/// Serves each connection on a thread of its own, and ends them all with itself.
pub(super) fn accept(listener: &Listener, shared: &Arc<Shared>, stopping: &Arc<AtomicBool>) {
    let mut serving = Vec::new();
    while !stopping.load(Ordering::SeqCst) {
        match listener.accept() {
            Ok(stream) => {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let handle = stream.try_clone().unwrap();
                let (shared, stopping) = (Arc::clone(shared), Arc::clone(stopping));
                let thread = thread::spawn(move || serve(stream, &shared, &stopping));
                serving.push((handle, thread));
            }
            Err(error) => {
                assert!(error.kind() == ErrorKind::WouldBlock, "{error}");
                thread::sleep(TICK);
            }
        }
    }
    for (stream, thread) in serving {
        stream.shutdown();
        thread.join().expect("a connection's thread");
    }
}
