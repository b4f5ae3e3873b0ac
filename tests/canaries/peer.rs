//! A server that keeps every byte it is sent, and says that all is well.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Serves as long as the process lives.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    received: Arc<Mutex<Vec<u8>>>,
}

impl Peer {
    pub(crate) fn start() -> Self {
        Self::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    }

    /// Says this to everybody.
    pub(crate) fn answering(answer: impl Into<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let peer = Peer { address, received: Arc::default() };
        let (received, answer) = (Arc::clone(&peer.received), answer.into());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (received, answer) = (Arc::clone(&received), answer.clone());
                thread::spawn(move || serve(stream, &received, &answer));
            }
        });
        peer
    }

    pub(crate) fn received(&self) -> Vec<u8> {
        self.received.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, received: &Mutex<Vec<u8>>, answer: &str) {
    let (mut all, mut some) = (Vec::new(), [0; 4_096]);
    while !is_whole(&all) {
        match stream.read(&mut some) {
            Ok(0) | Err(_) => break,
            Ok(n) => all.extend_from_slice(&some[..n]),
        }
    }
    received.lock().unwrap().extend_from_slice(&all);
    // Who has gone has gone.
    let _ = stream.write_all(answer.as_bytes());
}

/// Whether all of a request is there.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    request.len() >= end + 4 + length
}
