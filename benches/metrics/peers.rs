//! The crates that people use today, set up the way they are meant to be.

use cadence::{BufferedUdpMetricSink, QueuingMetricSink, StatsdClient};
use metrics_exporter_dogstatsd::DogStatsDBuilder;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use metrics_util::layers::{Fanout, FanoutBuilder};
use std::net::UdpSocket;

/// Histogram bounds in seconds: the same for everybody.
pub(crate) const BOUNDS: &[f64] = lightship::limits::TIMER_BUCKETS;

/// How many metrics cadence's queue takes before it refuses more, which is cheaper for it than
/// waiting.
const QUEUE: usize = 1 << 16;

/// metrics-exporter-prometheus alone: what most bars compare with.
///
/// The process's global recorder is ours, so this one is made the thread's local recorder where it
/// is measured. That costs it nothing: every call of the `metrics` macros asks for a local recorder
/// first, and finding one is quicker than going on to the global one.
pub(crate) struct Peers {
    pub(crate) prometheus: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl Peers {
    pub(crate) fn new() -> Self {
        let prometheus = prometheus();
        Peers { handle: prometheus.handle(), prometheus }
    }

    /// Moves recorded values from the histograms' queues into their buckets, as the exporter does
    /// in the background every five seconds; without it they would pile up.
    pub(crate) fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

pub(crate) fn prometheus() -> PrometheusRecorder {
    PrometheusBuilder::new().set_buckets(BOUNDS).expect("there are bounds").build_recorder()
}

/// Both backends behind the `metrics` facade.
pub(crate) fn fanout(agent: &str) -> (Fanout, PrometheusHandle) {
    let dogstatsd = DogStatsDBuilder::default()
        .with_remote_address(agent)
        .expect("an address")
        .build()
        .expect("loopback takes datagrams");
    let prometheus = prometheus();
    let handle = prometheus.handle();
    (FanoutBuilder::default().add_recorder(prometheus).add_recorder(dogstatsd).build(), handle)
}

/// With a queue, a thread of cadence's own sends; without one the caller does when the buffer is
/// full.
pub(crate) fn cadence(agent: &str, queued: bool) -> StatsdClient {
    match queued {
        false => StatsdClient::from_sink("bench", buffered(agent)),
        true => {
            let sink = QueuingMetricSink::with_capacity(buffered(agent), QUEUE);
            StatsdClient::from_sink("bench", sink)
        }
    }
}

fn buffered(agent: &str) -> BufferedUdpMetricSink {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has a free port");
    // As its documentation shows it. The size of the buffer is its default: 512 bytes.
    socket.set_nonblocking(true).expect("a socket can be made nonblocking");
    BufferedUdpMetricSink::from(agent, socket).expect("an address")
}
