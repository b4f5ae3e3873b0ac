//! The options of the OTLP pipeline.

use super::settings::Secret;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Where and how traces, and metrics when asked for, go to an OpenTelemetry collector, a Datadog
/// agent, or whatever else speaks OTLP.
///
/// Setters never fail; `build` and `install` check everything together. What is set here counts for
/// both signals and comes before every variable; variables can set each signal on its own, see
/// [`environment_variables`](crate::environment_variables). With nothing set, traces go to
/// `http://localhost:4318/v1/traces`, and metrics are not sent.
///
/// # Examples
///
/// ```
/// use lightship::Otlp;
///
/// let telemetry = lightship::builder("api")
///     .otlp(Otlp::default().endpoint("http://jaeger:4318").header("x-team", "storage"))
///     .build()?;
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Otlp {
    pub(crate) disabled: bool,
    /// Secret, for it may have credentials, which `build` refuses.
    pub(crate) endpoint: Option<Secret>,
    pub(crate) protocol: Option<Protocol>,
    pub(crate) headers: Vec<(String, Secret)>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) compression: Option<bool>,
    pub(crate) ca_certificate: Option<PathBuf>,
    /// The certificate, and its key.
    pub(crate) client_certificate: Option<(PathBuf, PathBuf)>,
    pub(crate) traces: Option<bool>,
    pub(crate) metrics: Option<bool>,
    pub(crate) metrics_interval: Option<Duration>,
    pub(crate) temporality: Option<Temporality>,
}

/// How OTLP is carried.
///
/// # Examples
///
/// ```
/// assert_eq!(lightship::Protocol::HttpProtobuf.to_string(), "http/protobuf");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// Protobuf over HTTP/1.1, on port 4318 by custom.
    HttpProtobuf,
    /// gRPC, on port 4317 by custom; needs the feature `grpc`.
    Grpc,
}

/// What counters and histograms of OTLP metrics count from.
///
/// # Examples
///
/// ```
/// use lightship::{Otlp, Temporality};
///
/// let for_datadog = Otlp::default().metrics(true).temporality(Temporality::Delta);
/// # drop(for_datadog);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Temporality {
    /// From the start of the process, as Prometheus does.
    Cumulative,
    /// From the last export, as Datadog recommends.
    Delta,
}

impl Otlp {
    /// Where spans and metrics go, unless told otherwise, over HTTP.
    pub const DEFAULT_ENDPOINT: &'static str = "http://localhost:4318";
    /// Where they go, unless told otherwise, over gRPC.
    pub const DEFAULT_GRPC_ENDPOINT: &'static str = "http://localhost:4317";
    /// What one request may take, unless told otherwise.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
    /// The time between two exports of metrics, unless told otherwise.
    pub const DEFAULT_METRICS_INTERVAL: Duration = Duration::from_secs(10);

    /// No OTLP at all: neither traces nor metrics.
    pub fn disabled() -> Self {
        Otlp { disabled: true, ..Otlp::default() }
    }

    /// The base URL, `http://host:port` or `https://host:port`, to which HTTP adds `/v1/traces` and
    /// `/v1/metrics`; or the socket of a collector, `unix:///path`. For gRPC also `host:port` alone,
    /// which is then TLS. An IPv6 address stands in brackets.
    ///
    /// Credentials do not belong into it, but into a [`header`](Self::header). Unless set:
    /// [`DEFAULT_ENDPOINT`](Self::DEFAULT_ENDPOINT), or
    /// [`DEFAULT_GRPC_ENDPOINT`](Self::DEFAULT_GRPC_ENDPOINT).
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(Secret::new(endpoint));
        self
    }

    /// How it is carried; [`Protocol::HttpProtobuf`] unless set. [`Protocol::Grpc`] in a build
    /// without the feature `grpc` is a problem that `build` and `install` report.
    #[must_use]
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// One more header of every request, such as an API key; before one of the same name in a
    /// variable. The value, 1 to 8,192 characters of visible ASCII, is never shown.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), Secret::new(value)));
        self
    }

    /// What one request may take, from connecting to the whole answer: 1 ms to 10 minutes;
    /// [`DEFAULT_TIMEOUT`](Self::DEFAULT_TIMEOUT) unless set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Whether requests are compressed with gzip; on unless set.
    #[must_use]
    pub fn compression(mut self, on: bool) -> Self {
        self.compression = Some(on);
        self
    }

    /// A file with the certificates, in PEM, of those whom a collector's certificate may come from;
    /// the system's own unless set. Read once, at most 1 MiB.
    #[must_use]
    pub fn ca_certificate(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_certificate = Some(path.into());
        self
    }

    /// Files with the certificate chain and the private key, in PEM, by which a collector knows us;
    /// none unless set. Each is read once, at most 1 MiB.
    #[must_use]
    pub fn client_certificate(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.client_certificate = Some((certificate.into(), key.into()));
        self
    }

    /// Whether traces are sent; on unless set, or unless `OTEL_TRACES_EXPORTER` is without `otlp`.
    #[must_use]
    pub fn traces(mut self, on: bool) -> Self {
        self.traces = Some(on);
        self
    }

    /// Whether metrics are sent; off unless set, or unless `OTEL_METRICS_EXPORTER` names `otlp`.
    #[must_use]
    pub fn metrics(mut self, on: bool) -> Self {
        self.metrics = Some(on);
        self
    }

    /// The time between two exports of metrics, 100 ms to 1 hour;
    /// [`DEFAULT_METRICS_INTERVAL`](Self::DEFAULT_METRICS_INTERVAL) unless set.
    #[must_use]
    pub fn metrics_interval(mut self, interval: Duration) -> Self {
        self.metrics_interval = Some(interval);
        self
    }

    /// What counters and histograms count from; [`Temporality::Cumulative`] unless set.
    #[must_use]
    pub fn temporality(mut self, temporality: Temporality) -> Self {
        self.temporality = Some(temporality);
        self
    }
}

/// As `OTEL_EXPORTER_OTLP_PROTOCOL` has it.
impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Protocol::HttpProtobuf => "http/protobuf",
            Protocol::Grpc => "grpc",
        })
    }
}

/// As `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` has it.
impl fmt::Display for Temporality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Temporality::Cumulative => "cumulative",
            Temporality::Delta => "delta",
        })
    }
}
