//! The pipeline against agents that come, go, dawdle and are not what they seem.

mod histograms;
mod hostile;
mod lines;
mod outage;
mod source;
mod worker;

#[path = "../../../tests/support/dogstatsd.rs"]
mod support;

use super::flush::{Flusher, Outcome, Queues};
use super::line::Constants;
use super::payload::{MAX_UDP_PAYLOAD, MAX_UNIX_PAYLOAD, Queue};
use super::transport;
use crate::config::settings::{Address, DogStatsdSettings, UnixSocket};
use crate::status::{Notices, Pipeline};
use source::TestSource;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use support::Kind;

fn settings(address: Address) -> DogStatsdSettings {
    DogStatsdSettings {
        address,
        flush_interval: Duration::from_millis(20),
        tags: vec![("service".into(), "api".into()), ("env".into(), "test".into())],
        entity_id: None,
        external_data: None,
        cardinality: None,
        origin_detection: false,
        client_telemetry: false,
        policy: crate::scrub::Policy::shared_default(),
    }
}

fn address_of(kind: &Kind) -> Address {
    match kind {
        Kind::Udp(address) => Address::Udp { host: address.ip().to_string(), port: address.port() },
        Kind::Datagram(path) => unix(path, UnixSocket::Datagram),
        Kind::Stream(path) => unix(path, UnixSocket::Stream),
    }
}

fn unix(path: &Path, socket: UnixSocket) -> Address {
    Address::Unix { path: path.to_owned(), socket }
}

fn pipeline() -> Arc<Pipeline> {
    Pipeline::new("dogstatsd", Notices::new(|_| {}))
}

/// A flusher without its thread, so that a test decides when to flush.
struct Rig {
    flusher: Flusher,
    pipeline: Arc<Pipeline>,
    queues: Queues,
}

impl Rig {
    fn new(settings: &DogStatsdSettings, source: &Arc<TestSource>) -> Self {
        let limit = match settings.address {
            Address::Udp { .. } => MAX_UDP_PAYLOAD,
            Address::Unix { .. } => MAX_UNIX_PAYLOAD,
        };
        Self::with_transport(settings, source, transport::connect_to(settings), limit)
    }

    fn with_transport(
        settings: &DogStatsdSettings,
        source: &Arc<TestSource>,
        transport: Box<dyn transport::Transport + Send>,
        limit: usize,
    ) -> Self {
        let pipeline = pipeline();
        let constants = Constants::new(settings, None, pipeline.drops());
        let queue = || Arc::new(Queue::new(Arc::clone(&pipeline)));
        let queues = Queues { events: queue(), timestamped: queue() };
        let flusher = Flusher::new(
            Arc::clone(source) as _,
            Arc::clone(&pipeline),
            constants,
            queues.clone(),
            transport,
            limit,
            settings.client_telemetry,
        );
        Rig { flusher, pipeline, queues }
    }

    fn flush(&mut self) -> Outcome {
        self.flusher.flush(Instant::now() + Duration::from_secs(5), true)
    }

    /// Flushes until everything was accepted.
    fn flush_all(&mut self) {
        let start = Instant::now();
        while self.flush() != Outcome::Complete {
            assert!(start.elapsed() < Duration::from_secs(20), "{:?}", self.pipeline.status());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A directory that goes with the test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lightship-dogstatsd-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Directory(path)
    }

    fn socket(&self) -> PathBuf {
        self.0.join("dsd.sock")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
