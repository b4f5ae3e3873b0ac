//! The options of the DogStatsD pipeline.

use std::time::Duration;

/// Where and how counters, gauges, timers and the like go to a Datadog agent.
///
/// Setters never fail; `build` and `install` check everything together.
///
/// # Examples
///
/// ```
/// use lightship::DogStatsd;
///
/// let telemetry = lightship::builder("api")
///     .dogstatsd(DogStatsd::default().address("unix:///var/run/datadog/dsd.socket"))
///     .build()?;
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct DogStatsd {
    pub(crate) disabled: bool,
    pub(crate) address: Option<String>,
    pub(crate) flush_interval: Option<Duration>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) client_telemetry: Option<bool>,
}

impl DogStatsd {
    /// The time between two flushes, unless told otherwise: five of them fill the agent's ten
    /// seconds.
    pub const DEFAULT_FLUSH_INTERVAL: Duration = Duration::from_secs(2);
    /// The agent's socket, used if it is there.
    pub const DEFAULT_SOCKET: &'static str = "/var/run/datadog/dsd.socket";
    /// Where the agent listens otherwise.
    pub const DEFAULT_ADDRESS: &'static str = "udp://127.0.0.1:8125";

    /// No DogStatsD at all.
    pub fn disabled() -> Self {
        DogStatsd { disabled: true, ..DogStatsd::default() }
    }

    /// The agent's address: `udp://host:port`, `host:port`, `host` (then port 8125), with an IPv6
    /// address in brackets; `unix:///path` (datagram or stream, whichever the socket is),
    /// `unixgram:///path` or `unixstream:///path`.
    ///
    /// Unless set: [`DEFAULT_SOCKET`](Self::DEFAULT_SOCKET) if it is there, otherwise
    /// [`DEFAULT_ADDRESS`](Self::DEFAULT_ADDRESS).
    #[must_use]
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// The time between two flushes, 100 ms to 60 s;
    /// [`DEFAULT_FLUSH_INTERVAL`](Self::DEFAULT_FLUSH_INTERVAL) unless set.
    #[must_use]
    pub fn flush_interval(mut self, interval: Duration) -> Self {
        self.flush_interval = Some(interval);
        self
    }

    /// One more tag on every line, besides `service`, `env`, `version` and `DD_TAGS`.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// Whether `datadog.dogstatsd.client.*` goes out every ten seconds; on unless set.
    #[must_use]
    pub fn client_telemetry(mut self, on: bool) -> Self {
        self.client_telemetry = Some(on);
        self
    }
}
