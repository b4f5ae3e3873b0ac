//! What was decided: code, environment and defaults in one, checked and ready to use.

use crate::resource::Resource;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that `build` needs to know.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) resource: Resource,
    /// `Err` holds why the pipeline is off, for its status.
    pub(crate) dogstatsd: Result<DogStatsdSettings, String>,
    pub(crate) prometheus: Result<PrometheusSettings, String>,
    pub(crate) metrics: MetricsSettings,
}

/// The DogStatsD pipeline.
#[derive(Debug, Clone)]
pub(crate) struct DogStatsdSettings {
    pub(crate) address: Address,
    pub(crate) flush_interval: Duration,
    /// On every line: `service`, `env`, `version`, `DD_TAGS`, code; raw, the writer sanitises.
    pub(crate) tags: Vec<(String, String)>,
    /// `DD_ENTITY_ID`: the tag `dd.internal.entity_id` on every line.
    pub(crate) entity_id: Option<String>,
    /// `DD_EXTERNAL_ENV`: the field `e:` of every line.
    pub(crate) external_data: Option<String>,
    /// `DD_CARDINALITY`: the field `card:` of every line (`none`, `low`, `orchestrator`, `high`).
    pub(crate) cardinality: Option<&'static str>,
    /// `DD_ORIGIN_DETECTION_ENABLED`: whether the container id is looked up and sent (`c:`).
    pub(crate) origin_detection: bool,
    pub(crate) client_telemetry: bool,
}

/// Where the agent listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// Resolved when connecting, and again later; an IPv6 address stands without its brackets, as
    /// `ToSocketAddrs` of a pair takes it.
    Udp {
        host: String,
        port: u16,
    },
    Unix {
        path: PathBuf,
        socket: UnixSocket,
    },
}

/// As it is written in a variable or in code.
impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Address::Udp { host, port } if host.contains(':') => write!(f, "udp://[{host}]:{port}"),
            Address::Udp { host, port } => write!(f, "udp://{host}:{port}"),
            Address::Unix { path, socket } => {
                write!(f, "{}://{}", socket.scheme(), path.display())
            }
        }
    }
}

/// What kind of Unix socket to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnixSocket {
    /// Datagram first; a stream where the agent listens for that.
    Either,
    Datagram,
    Stream,
}

impl UnixSocket {
    fn scheme(self) -> &'static str {
        match self {
            UnixSocket::Either => "unix",
            UnixSocket::Datagram => "unixgram",
            UnixSocket::Stream => "unixstream",
        }
    }
}

/// The Prometheus pipeline.
#[derive(Debug, Clone)]
pub(crate) struct PrometheusSettings {
    /// Without a listener the host serves `prometheus_text` itself.
    pub(crate) listen: Option<SocketAddr>,
    /// What a scrape must bring; never empty.
    pub(crate) token: Option<Secret>,
}

/// A text that no `Debug` shows.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("********")
    }
}

/// The registry.
#[derive(Debug, Clone)]
pub(crate) struct MetricsSettings {
    /// Histogram bounds by exact metric name; ascending, finite, not empty.
    pub(crate) bounds: Vec<(String, Vec<f64>)>,
    /// Distinct values allowed by metric name and tag key.
    pub(crate) cardinality: Vec<(String, String, usize)>,
    /// CPU, memory, open files, threads and start time of the process.
    pub(crate) process_metrics: bool,
}
