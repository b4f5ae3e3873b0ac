//! An OTLP/HTTP collector of our own: it takes what a strict one takes, answers as it is told, and
//! hands back what it was sent as flat lists. It does not speak gRPC.

#![allow(dead_code, unused_imports, missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "otlp_answer.rs"]
mod answer;
#[path = "otlp_connection.rs"]
mod connection;
#[path = "otlp_listener.rs"]
mod listener;
#[path = "otlp_point.rs"]
mod point;
#[path = "otlp_received.rs"]
mod received;
#[path = "otlp_sample.rs"]
pub mod sample;
#[path = "otlp_span.rs"]
mod span;
#[cfg(test)]
#[path = "otlp_tests.rs"]
mod tests;
#[path = "otlp_tree.rs"]
mod tree;
#[path = "otlp_value.rs"]
mod value;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub use answer::Answer;
pub use listener::Place;
pub use point::{Histogram, Point, Reading};
pub use received::Received;
pub use span::{Event, Link, Span};
pub use tree::tree;
pub use value::{Value, hex};

use listener::{accept, bind};

const TICK: Duration = Duration::from_millis(2);
/// How long `wait_for` and a restart on a taken port try: a loaded machine is slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// A listening collector that answers 200 unless told otherwise. Dropping it ends its connections.
#[derive(Debug)]
pub struct FakeCollector {
    place: Place,
    shared: Arc<Shared>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    stopping: Arc<AtomicBool>,
    accepting: JoinHandle<()>,
}

/// What outlives a stop: the record and the script.
#[derive(Debug)]
struct Shared {
    received: Mutex<Vec<Received>>,
    next: Mutex<VecDeque<Answer>>,
    otherwise: Mutex<Answer>,
    connections: AtomicUsize,
}

impl FakeCollector {
    /// On a free port of the IPv4 loopback.
    pub fn start() -> Self {
        Self::listen(Place::Tcp(([127, 0, 0, 1], 0).into()))
    }

    /// On a Unix socket at `path`, which is removed whenever nobody listens.
    pub fn unix(path: &Path) -> Self {
        Self::listen(Place::Unix(path.to_owned()))
    }

    pub fn listen(place: Place) -> Self {
        let shared = Arc::new(Shared {
            received: Mutex::default(),
            next: Mutex::default(),
            otherwise: Mutex::new(Answer::accepted()),
            connections: AtomicUsize::new(0),
        });
        let mut collector = FakeCollector { place, shared, running: None };
        collector.restart();
        collector
    }

    /// Closes the listener and every connection, answered or not. What came stays readable.
    pub fn stop(&mut self) {
        let Some(running) = self.running.take() else { return };
        running.stopping.store(true, Ordering::SeqCst);
        let ended = running.accepting.join();
        if let Place::Unix(path) = &self.place {
            let _ = std::fs::remove_file(path);
        }
        assert!(ended.is_ok() || thread::panicking(), "the collector panicked");
    }

    /// Listens where it did before.
    pub fn restart(&mut self) {
        self.stop();
        let (listener, place) = bind(&self.place);
        self.place = place;
        let stopping = Arc::new(AtomicBool::new(false));
        let (shared, stop) = (Arc::clone(&self.shared), Arc::clone(&stopping));
        let accepting = thread::spawn(move || accept(&listener, &shared, &stop));
        self.running = Some(Running { stopping, accepting });
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The base URL that finds this collector: `http://127.0.0.1:port` or `unix:///path`.
    pub fn endpoint(&self) -> String {
        match &self.place {
            Place::Tcp(address) => format!("http://{address}"),
            Place::Unix(path) => format!("unix://{}", path.display()),
        }
    }

    /// Its TCP address.
    ///
    /// # Panics
    ///
    /// If it listens on a Unix socket.
    pub fn address(&self) -> SocketAddr {
        match self.place {
            Place::Tcp(address) => address,
            Place::Unix(_) => panic!("{} is no TCP address", self.endpoint()),
        }
    }

    /// Gives this answer to everything from now on that `answer_next` has none for.
    pub fn answer_with(&self, answer: Answer) {
        *lock(&self.shared.otherwise) = answer;
    }

    /// Gives these answers, one to a request, after those it was told before.
    pub fn answer_next(&self, answers: impl IntoIterator<Item = Answer>) {
        lock(&self.shared.next).extend(answers);
    }

    /// Every request that arrived whole, in the order of arrival, whatever it was answered.
    pub fn requests(&self) -> Vec<Received> {
        lock(&self.shared.received).clone()
    }

    /// How many requests arrived whole.
    pub fn count(&self) -> usize {
        lock(&self.shared.received).len()
    }

    /// How many connections were ever accepted.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// The spans of all requests that were answered with a 2xx, in the order of arrival; what a
    /// partial success rejects is among them, as the answer does not say which they were.
    ///
    /// # Panics
    ///
    /// If anything that came was no OTLP.
    pub fn spans(&self) -> Vec<Span> {
        self.accepted().iter().flat_map(Received::spans).collect()
    }

    /// The data points of all requests that were answered with a 2xx, in the order of arrival.
    ///
    /// # Panics
    ///
    /// If anything that came was no OTLP.
    pub fn points(&self) -> Vec<Point> {
        self.accepted().iter().flat_map(Received::points).collect()
    }

    /// Waits until there are at least so many accepted spans.
    ///
    /// # Panics
    ///
    /// If that takes longer than twenty seconds.
    pub fn wait_for_spans(&self, count: usize) -> Vec<Span> {
        self.wait_for(&format!("{count} spans"), |it| it.spans().len() >= count);
        self.spans()
    }

    /// Waits until at least so many requests arrived whole.
    ///
    /// # Panics
    ///
    /// If that takes longer than twenty seconds.
    pub fn wait_for_requests(&self, count: usize) -> Vec<Received> {
        self.wait_for(&format!("{count} requests"), |it| it.count() >= count);
        self.requests()
    }

    /// Waits until this collector is as `wanted`.
    ///
    /// # Panics
    ///
    /// If that takes longer than twenty seconds.
    pub fn wait_for(&self, what: &str, wanted: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !wanted(self) {
            assert!(start.elapsed() < PATIENCE, "no {what}, only {:#?}", self.requests());
            thread::sleep(TICK);
        }
    }

    fn accepted(&self) -> Vec<Received> {
        let requests = self.requests();
        for request in &requests {
            assert!(request.problem.is_none(), "not OTLP: {request:?}");
        }
        requests.into_iter().filter(Received::is_accepted).collect()
    }
}

impl Drop for FakeCollector {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn answer(&self) -> Answer {
        let next = lock(&self.next).pop_front();
        next.unwrap_or_else(|| lock(&self.otherwise).clone())
    }

    /// Its number, to note what it is answered.
    fn record(&self, request: Received) -> usize {
        let mut received = lock(&self.received);
        received.push(request);
        received.len() - 1
    }

    fn note_answer(&self, number: usize, status: u16) {
        lock(&self.received)[number].answered = Some(status);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
