//! Clients that a test talks with, and the listener they talk to.

use crate::admin::{AdminListener, LIMITS, Limits, Response, Routes};
use crate::status::{DropReason, Notices, Pipeline};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Short enough for a test, and in the same order as the real ones.
pub(super) const QUICK: Limits = Limits {
    connections: 16,
    head: Duration::from_millis(400),
    answer: Duration::from_millis(800),
    retry: Duration::from_millis(200),
};

pub(super) struct Server {
    pub(super) listener: AdminListener,
    pub(super) pipeline: Arc<Pipeline>,
}

impl Server {
    pub(super) fn start(routes: Routes) -> Self {
        Self::start_at("127.0.0.1:0", routes, QUICK)
    }

    /// With a page of one word, and the limits of production.
    pub(super) fn patient() -> Self {
        Self::start_at("127.0.0.1:0", hello(), LIMITS)
    }

    pub(super) fn start_at(address: &str, routes: Routes, limits: Limits) -> Self {
        let pipeline = Pipeline::new("prometheus", Notices::new(|_| {}));
        let listener = AdminListener::start_with(
            address.parse().unwrap(),
            routes,
            "upload\nservice",
            Arc::clone(&pipeline),
            limits,
        );
        Server { listener: listener.unwrap(), pipeline }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("it listens")
    }

    pub(super) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        // No test hangs on its own client.
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Sends and reads until the other side closes.
    pub(super) fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        answer(&mut stream)
    }

    pub(super) fn dropped(&self, reason: DropReason) -> u64 {
        self.pipeline.drops().get(reason)
    }
}

pub(super) fn hello() -> Routes {
    Routes::new().get_with_token("/hello", None, |_| Response::text(200, "hello\n"))
}

pub(super) fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset after the answer is the client's loss alone.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

pub(super) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// Waits for something that another thread is about to do.
pub(super) fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < Duration::from_secs(10), "{what} never happened");
        std::thread::sleep(Duration::from_millis(5));
    }
}
