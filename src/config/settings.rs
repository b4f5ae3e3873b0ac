//! What was decided: code, environment and defaults in one, checked and ready to use.

use super::explanation::MASK;
pub(crate) use super::otlp::{Protocol as OtlpProtocol, Temporality};
use super::propagation::Propagator;
use super::spans::Spans;
use crate::filter::Filter;
use crate::resource::Resource;
use crate::scrub::Policy;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tracing::level_filters::LevelFilter;

/// Everything that `build` needs to know.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) resource: Resource,
    /// `Err` holds why the pipeline is off, for its status.
    pub(crate) otlp: Result<OtlpSettings, String>,
    pub(crate) dogstatsd: Result<DogStatsdSettings, String>,
    pub(crate) prometheus: Result<PrometheusSettings, String>,
    pub(crate) logs: Result<LogsSettings, String>,
    pub(crate) metrics: MetricsSettings,
    pub(crate) spans: SpansSettings,
    /// What every value passes.
    pub(crate) policy: Arc<Policy>,
    /// Whether a panic hook flushes; by default only where a panic ends the process.
    pub(crate) flush_on_panic: bool,
}

/// The OTLP pipeline; at least one of the two signals is on.
#[derive(Debug, Clone)]
pub(crate) struct OtlpSettings {
    /// Where spans go; `None` where they are not exported.
    pub(crate) traces: Option<OtlpTarget>,
    pub(crate) metrics: Option<OtlpMetricsSettings>,
}

/// Where one signal goes, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OtlpTarget {
    pub(crate) endpoint: OtlpEndpoint,
    pub(crate) protocol: OtlpProtocol,
    /// Names in lower case, checked to be valid; they come before any of ours but the content's.
    pub(crate) headers: Vec<(String, Secret)>,
    pub(crate) gzip: bool,
    /// For one request, from connecting to the whole answer.
    pub(crate) timeout: Duration,
    pub(crate) tls: TlsSettings,
    /// What is odd about it, such as HTTP on gRPC's port; part of the status when it fails.
    pub(crate) doubt: Option<String>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum OtlpEndpoint {
    /// An IPv6 host stands without its brackets. `path` is the whole path of this signal, such as
    /// `/v1/traces`, with a query if there is one; it is empty for gRPC.
    Tcp {
        tls: bool,
        host: String,
        port: u16,
        path: String,
    },
    Unix {
        socket: PathBuf,
        path: String,
    },
}

impl OtlpEndpoint {
    pub(crate) fn is_tls(&self) -> bool {
        matches!(self, OtlpEndpoint::Tcp { tls: true, .. })
    }
}

/// For people: whole, but for a query, which may be a secret.
impl fmt::Display for OtlpEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OtlpEndpoint::Tcp { tls, host, port, path } = self else {
            let OtlpEndpoint::Unix { socket, .. } = self else { return Ok(()) };
            return write!(f, "unix://{}", socket.display());
        };
        let scheme = if *tls { "https" } else { "http" };
        let (path, query) = match path.split_once('?') {
            Some((path, _)) => (path, format!("?{MASK}")),
            None => (path.as_str(), String::new()),
        };
        match host.contains(':') {
            true => write!(f, "{scheme}://[{host}]:{port}{path}{query}"),
            false => write!(f, "{scheme}://{host}:{port}{path}{query}"),
        }
    }
}

impl fmt::Debug for OtlpEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

/// PEM texts as read from files, each with a block of the right kind; that they parse is found out
/// when connecting. Empty where the endpoint is without TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TlsSettings {
    /// Trusted in the place of the system's.
    pub(crate) ca: Option<String>,
    /// Certificate chain and private key of the client.
    pub(crate) identity: Option<(String, Secret)>,
}

#[derive(Debug, Clone)]
pub(crate) struct OtlpMetricsSettings {
    pub(crate) target: OtlpTarget,
    pub(crate) interval: Duration,
    pub(crate) temporality: Temporality,
}

/// What becomes a span, and of what size; also where nothing exports them, for ids in logs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SpansSettings {
    pub(crate) sampler: SamplerSettings,
    /// Spans, and the events that are recorded on them.
    pub(crate) filter: Filter,
    pub(crate) limits: SpanLimits,
    pub(crate) queue: usize,
    pub(crate) batch: usize,
    pub(crate) delay: Duration,
    /// Whether `opentelemetry::Context::current` follows the current span.
    pub(crate) context_activation: bool,
    pub(crate) propagation: Arc<PropagationSettings>,
}

/// In which headers the context of a trace, and baggage, travel; in this order.
#[derive(Debug, Clone)]
pub(crate) struct PropagationSettings {
    pub(crate) extract: Vec<Propagator>,
    pub(crate) inject: Vec<Propagator>,
    /// What baggage passes on its way out.
    pub(crate) policy: Arc<Policy>,
}

/// Rules are what they are: the same only if they are one.
impl PartialEq for PropagationSettings {
    fn eq(&self, other: &Self) -> bool {
        self.extract == other.extract
            && self.inject == other.inject
            && Arc::ptr_eq(&self.policy, &other.policy)
    }
}

/// OpenTelemetry's own default.
impl Default for PropagationSettings {
    fn default() -> Self {
        let both = vec![Propagator::TraceContext, Propagator::Baggage];
        let policy = Policy::shared_default();
        PropagationSettings { extract: both.clone(), inject: both, policy }
    }
}

/// Where nothing is set.
impl Default for SpansSettings {
    fn default() -> Self {
        let count = Spans::DEFAULT_MAX_COUNT;
        SpansSettings {
            sampler: SamplerSettings { parent_based: true, ratio: 1.0 },
            filter: Filter::at_least(LevelFilter::INFO),
            limits: SpanLimits {
                attributes: count,
                events: count,
                links: count,
                attributes_per_event: count,
                attributes_per_link: count,
                value_length: Spans::DEFAULT_MAX_VALUE_LENGTH,
            },
            queue: Spans::DEFAULT_QUEUE,
            batch: Spans::DEFAULT_BATCH,
            delay: Spans::DEFAULT_DELAY,
            context_activation: false,
            propagation: Arc::default(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SamplerSettings {
    /// Whether a parent's decision counts before `ratio`.
    pub(crate) parent_based: bool,
    /// The share of traces to keep, 0 to 1: `always_off` is 0, `always_on` is 1.
    pub(crate) ratio: f64,
}

/// By OpenTelemetry's names.
impl fmt::Display for SamplerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parent = if self.parent_based { "parentbased_" } else { "" };
        match self.ratio {
            0.0 => write!(f, "{parent}always_off"),
            1.0 => write!(f, "{parent}always_on"),
            ratio => write!(f, "{parent}traceidratio {ratio}"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpanLimits {
    pub(crate) attributes: u32,
    pub(crate) events: u32,
    pub(crate) links: u32,
    pub(crate) attributes_per_event: u32,
    pub(crate) attributes_per_link: u32,
    /// In characters.
    pub(crate) value_length: usize,
}

/// Lines on standard output.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogsSettings {
    pub(crate) format: LogLines,
    pub(crate) filter: Filter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogLines {
    Text { colours: bool },
    Json,
}

impl fmt::Display for LogLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LogLines::Text { colours: true } => "text with colours",
            LogLines::Text { colours: false } => "text",
            LogLines::Json => "json",
        })
    }
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
    pub(crate) policy: Arc<Policy>,
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
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

/// No metrics of the process, and the default rules.
impl Default for MetricsSettings {
    fn default() -> Self {
        MetricsSettings {
            service: String::new(),
            bounds: Vec::new(),
            cardinality: Vec::new(),
            max_series: Vec::new(),
            process_metrics: false,
            policy: Policy::shared_default(),
        }
    }
}

/// The registry.
#[derive(Debug, Clone)]
pub(crate) struct MetricsSettings {
    /// What metrics of ours that are called after the service begin with; empty where nobody gave it a
    /// name.
    pub(crate) service: String,
    /// Histogram bounds by exact metric name; ascending, finite, not empty.
    pub(crate) bounds: Vec<(String, Vec<f64>)>,
    /// Distinct values allowed by metric name and tag key; `*` is any.
    pub(crate) cardinality: Vec<(String, String, usize)>,
    /// Series allowed by metric name.
    pub(crate) max_series: Vec<(String, usize)>,
    /// CPU, memory, open files, threads and start time of the process.
    pub(crate) process_metrics: bool,
    pub(crate) policy: Arc<Policy>,
}
