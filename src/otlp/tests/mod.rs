//! The transport against collectors that come, go, dawdle and are not what they seem.

mod answers;
mod collector;
mod deadlines;
#[cfg(feature = "grpc")]
mod grpc;
mod metrics;
mod outage;
mod spool;
mod tls;

use super::backoff::Pace;
use super::request::{Periodic, Request, Signal};
use super::spool::{Limits, Spool};
use super::transport::Transport;
use crate::config::settings::{
    OtlpEndpoint, OtlpMetricsSettings, OtlpProtocol, OtlpSettings, OtlpTarget, Secret, Temporality,
    TlsSettings,
};
use crate::scrub::Policy;
use crate::status::{DropReason, Notices, Pipeline};
use bytes::Bytes;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Longer than anything here takes on a slow machine.
const LONG: Duration = Duration::from_secs(30);
/// Tries again almost at once.
const EAGER: Pace = Pace { first: Duration::from_millis(10), longest: Duration::from_millis(20) };
/// Tries again only where a flush asks for it.
const PATIENT: Pace =
    Pace { first: Duration::from_secs(3_600), longest: Duration::from_secs(3_600) };

fn target(address: SocketAddr) -> OtlpTarget {
    OtlpTarget {
        endpoint: OtlpEndpoint::Tcp {
            tls: false,
            host: address.ip().to_string(),
            port: address.port(),
            path: "/v1/traces".into(),
        },
        protocol: OtlpProtocol::HttpProtobuf,
        headers: vec![("authorization".into(), Secret::new("Bearer s3cr3t-token"))],
        gzip: false,
        timeout: Duration::from_secs(20),
        tls: TlsSettings::default(),
        doubt: None,
    }
}

fn of_metrics(target: &OtlpTarget) -> OtlpMetricsSettings {
    let mut target = target.clone();
    let (OtlpEndpoint::Tcp { path, .. } | OtlpEndpoint::Unix { path, .. }) = &mut target.endpoint;
    *path = "/v1/metrics".into();
    OtlpMetricsSettings {
        target,
        interval: Duration::from_secs(3_600),
        temporality: Temporality::Cumulative,
    }
}

fn request(signal: Signal, body: impl Into<Bytes>, items: u64) -> Request {
    Request { signal, body: body.into(), gzipped: false, items, made: Instant::now() }
}

fn pipeline() -> Arc<Pipeline> {
    Pipeline::new("otlp", Notices::new(|_| {}))
}

/// A transport with all that belongs to it.
struct Rig {
    transport: Transport,
    spool: Arc<Spool>,
    pipeline: Arc<Pipeline>,
    pushed: AtomicU64,
}

impl Rig {
    fn new(target: &OtlpTarget, pace: Pace) -> Self {
        Self::with(target, pace, None, Box::new(|_| {}))
    }

    fn with(
        target: &OtlpTarget,
        pace: Pace,
        metrics: Option<(OtlpMetricsSettings, Box<dyn Periodic>)>,
        drain: Box<dyn Fn(Duration) + Send>,
    ) -> Self {
        let (settings, periodic) = metrics.unzip();
        let interval = settings.as_ref().map(|settings: &OtlpMetricsSettings| settings.interval);
        let settings = OtlpSettings { traces: Some(target.clone()), metrics: settings };
        let pipeline = pipeline();
        let spool = Spool::with_limits(Arc::clone(&pipeline), Limits::DEFAULT);
        let (own, of_spool) = (Arc::clone(&pipeline), Arc::clone(&spool));
        let metrics = interval.zip(periodic);
        let started = Transport::start_with(
            &settings,
            of_spool,
            own,
            Policy::shared_default(),
            metrics,
            drain,
            pace,
        );
        let pushed = AtomicU64::new(0);
        Rig { transport: started.unwrap(), spool, pipeline, pushed }
    }

    fn push(&self, body: impl Into<Bytes>, items: u64) {
        self.pushed.fetch_add(items, Ordering::Relaxed);
        self.spool.push(request(Signal::Traces, body, items));
    }

    fn flush(&self, timeout: Duration) -> bool {
        self.transport.start_flush(Instant::now() + timeout).wait()
    }

    fn shutdown(&self, timeout: Duration) -> bool {
        self.transport.start_shutdown(Instant::now() + timeout).wait()
    }

    fn sent(&self) -> u64 {
        self.pipeline.status().sent
    }

    fn dropped(&self, reason: DropReason) -> u64 {
        self.pipeline.status().dropped_for(reason)
    }

    fn error(&self) -> String {
        self.pipeline.status().last_error.unwrap_or_default()
    }

    /// Nothing is lost without being counted, and nothing is counted twice.
    fn assert_conserved(&self) {
        let status = self.pipeline.status();
        let accounted = status.sent + status.dropped_total() + self.transport.spooled_items();
        assert_eq!(accounted, self.pushed.load(Ordering::Relaxed), "{status}");
    }
}

/// Waits for something that another thread does.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LONG, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
