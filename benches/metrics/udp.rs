//! An agent on loopback that takes every datagram and does nothing with it.
//!
//! It is a process of its own, so that reading does not count as CPU time of those who send.

use crate::child::Server;
use std::io::Read;
use std::net::UdpSocket;

pub(crate) const CHILD: &str = "child-drain";

/// The agent; ends when dropped, or when this process does.
pub(crate) struct Drain(Server);

impl Drain {
    pub(crate) fn start() -> Self {
        Drain(Server::start(CHILD))
    }

    pub(crate) fn address(&self) -> &str {
        self.0.address()
    }
}

/// The child's part.
pub(crate) fn drain_until_stdin_closes() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has a free port");
    println!("{}", socket.local_addr().expect("a bound socket has an address"));
    std::thread::spawn(move || {
        let mut buffer = [0; 65_536];
        while socket.recv(&mut buffer).is_ok() {}
    });
    // Nothing is ever written to it: this waits for its end.
    let _ = std::io::stdin().read(&mut [0]);
}
