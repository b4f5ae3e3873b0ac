//! An agent on loopback that takes every datagram and does nothing with it.
//!
//! It is a process of its own, so that reading does not count as CPU time of those who send.

use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};

pub(crate) const CHILD: &str = "child-drain";

/// The agent; ends when dropped, or when this process does.
pub(crate) struct Drain {
    child: Child,
    address: String,
}

impl Drain {
    pub(crate) fn start() -> Self {
        let mut child = child(CHILD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can start itself");
        let mut address = String::new();
        let output = child.stdout.take().expect("it was piped");
        BufReader::new(output).read_line(&mut address).expect("the child says its address");
        Drain { child, address: address.trim().to_owned() }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Drain {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It may have ended already; there is nobody to tell.
        let _ = self.child.wait();
    }
}

/// This program, as a child with a part of its own.
pub(crate) fn child(part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.arg(part);
    command
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
