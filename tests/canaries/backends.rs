//! The parent's side: the backends of one child, and what they received.

use crate::canary::Planted;
#[cfg(feature = "grpc")]
use crate::grpc::GrpcCollector;
use crate::peer::Peer;
use crate::places::{Backend, places};
use crate::search::{Search, words};
use crate::service::{PAGES, Setup, Twist};
use crate::support::backends::TempDir;
use crate::support::child::Ended;
use crate::support::dogstatsd::{FakeAgent, Kind};
use crate::support::otlp::FakeCollector;
use std::collections::{BTreeMap, BTreeSet};

/// How a child's DogStatsD lines travel.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Socket {
    Udp,
    Datagram,
    Stream,
}

pub(crate) enum Collector {
    Http(FakeCollector),
    #[cfg(feature = "grpc")]
    Grpc(GrpcCollector),
}

/// All that one child talks to.
pub(crate) struct Backends {
    pub(crate) agent: FakeAgent,
    pub(crate) collector: Collector,
    pub(crate) peer: Peer,
    folder: TempDir,
}

/// The bytes that each of them has.
pub(crate) type Received = BTreeMap<Backend, Vec<u8>>;

impl Backends {
    pub(crate) fn start(socket: Socket, grpc: bool) -> Self {
        let folder = TempDir::new("canaries");
        let path = folder.path().join("dogstatsd.sock");
        let agent = match socket {
            Socket::Udp => FakeAgent::udp(),
            Socket::Datagram => FakeAgent::listen(Kind::Datagram(path)),
            Socket::Stream => FakeAgent::listen(Kind::Stream(path)),
        };
        let collector = match grpc {
            #[cfg(feature = "grpc")]
            true => Collector::Grpc(GrpcCollector::start()),
            _ => Collector::Http(FakeCollector::start()),
        };
        Backends { agent, collector, peer: Peer::start(), folder }
    }

    pub(crate) fn setup(&self, gzip: bool, json: bool) -> Setup {
        let (otlp, grpc) = match &self.collector {
            Collector::Http(collector) => (collector.endpoint(), false),
            #[cfg(feature = "grpc")]
            Collector::Grpc(collector) => (format!("http://{}", collector.address), true),
        };
        Setup {
            dogstatsd: self.agent.address(),
            otlp,
            grpc,
            gzip,
            json,
            peer: self.peer.address,
            folder: self.folder.path().to_owned(),
            twist: Twist::None,
        }
    }

    /// Everything that came, once the child has ended.
    pub(crate) fn received(self, ended: &Ended, gzip: bool) -> Received {
        let mut received = Received::new();
        for (name, backend) in PAGES {
            // A child that could not show anything has no file.
            let page = std::fs::read(self.folder.path().join(name)).unwrap_or_default();
            received.insert(backend, page);
        }
        received.insert(Backend::Stdout, ended.stdout.clone().into_bytes());
        received.insert(Backend::Stderr, ended.stderr.clone().into_bytes());
        received.insert(Backend::Peer, self.peer.received());
        received.insert(Backend::DogStatsd, self.agent.stop().join(&b'\n'));
        match self.collector {
            Collector::Http(collector) => {
                for request in collector.requests() {
                    assert_eq!(request.is_gzipped(), gzip);
                    let backend = signal(&request.path);
                    let bytes = received.entry(backend).or_default();
                    bytes.extend_from_slice(format!("{:?}\n", request.headers).as_bytes());
                    bytes.extend_from_slice(request.path.as_bytes());
                    bytes.extend_from_slice(&request.body);
                    bytes.extend(request.plain_body().unwrap());
                }
            }
            #[cfg(feature = "grpc")]
            Collector::Grpc(collector) => {
                for call in collector.messages() {
                    assert_eq!(call.was_compressed, gzip);
                    let bytes = received.entry(signal(&call.path)).or_default();
                    bytes.extend_from_slice(call.headers.as_bytes());
                    bytes.extend_from_slice(&call.frame);
                    bytes.extend_from_slice(&call.message);
                }
            }
        }
        received
    }
}

fn signal(path: &str) -> Backend {
    match path.to_ascii_lowercase().contains("trace") {
        true => Backend::Traces,
        false => Backend::Metrics,
    }
}

/// Each secret that some backend has, as a line.
pub(crate) fn leaks(received: &Received) -> Vec<String> {
    leaks_of(&crate::places::all(), received)
}

/// The same for what the table does not have.
pub(crate) fn leaks_of(planted: &[Planted], received: &Received) -> Vec<String> {
    let search = Search::new(planted);
    let mut lines = Vec::new();
    for (backend, bytes) in received {
        for leak in search.leaks(bytes) {
            lines.push(format!("{} / {} / {backend:?}: {}", leak.place, leak.shape, leak.around));
        }
    }
    lines
}

/// Each harmless word that should have arrived somewhere and has not, as a line.
pub(crate) fn missing(received: &Received, heard: &[Backend]) -> Vec<String> {
    let words: BTreeMap<Backend, BTreeSet<String>> =
        received.iter().map(|(backend, bytes)| (*backend, words(bytes))).collect();
    let has = |backend, word: &String| words.get(&backend).is_some_and(|it| it.contains(word));
    let mut lines = Vec::new();
    for place in places() {
        for one in crate::canary::plant(place) {
            let mut miss = |backend: Backend, what: &str, word: &String| {
                if heard.contains(&backend) && !has(backend, word) {
                    let (place, shape) = (one.place, one.shape);
                    lines.push(format!("{place} / {shape} / {backend:?}: nothing {what} it"));
                }
            };
            place.beside.iter().for_each(|backend| miss(*backend, "beside", &one.beside));
            if let Some(within) = &one.within {
                place.within.iter().for_each(|backend| miss(*backend, "within", within));
            }
        }
    }
    lines
}

/// # Panics
///
/// If a backend has a secret, or if one of those that were heard lacks what is none.
pub(crate) fn check(received: &Received, heard: &[Backend]) {
    let (leaks, missing) = (leaks(received), missing(received, heard));
    let sizes: Vec<_> = received.iter().map(|(backend, bytes)| (backend, bytes.len())).collect();
    assert!(
        leaks.is_empty() && missing.is_empty(),
        "{} leaks:\n{}\n{} missing:\n{}\n{sizes:?}",
        leaks.len(),
        leaks.join("\n"),
        missing.len(),
        missing.join("\n"),
    );
}
