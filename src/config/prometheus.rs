//! The options of the Prometheus pipeline.

use super::settings::Secret;
use std::path::PathBuf;

/// Where a Prometheus server finds the page.
///
/// Setters never fail; `build` and `install` check everything together.
///
/// # Examples
///
/// ```
/// use lightship::Prometheus;
///
/// let telemetry = lightship::builder("api")
///     .prometheus(Prometheus::default().listen("127.0.0.1:0"))
///     .build()?;
/// println!("scrape me at {:?}", telemetry.admin_addr());
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Prometheus {
    pub(crate) disabled: bool,
    pub(crate) listen: Option<String>,
    pub(crate) no_listener: bool,
    pub(crate) token: Option<Secret>,
    pub(crate) token_file: Option<PathBuf>,
}

impl Prometheus {
    /// Where the page is served unless told otherwise.
    pub const DEFAULT_LISTEN: &'static str = "127.0.0.1:9464";

    /// No Prometheus at all: neither a page nor a listener.
    pub fn disabled() -> Self {
        Prometheus { disabled: true, ..Prometheus::default() }
    }

    /// The listener's address, `ip:port` or `localhost:port`;
    /// [`DEFAULT_LISTEN`](Self::DEFAULT_LISTEN) unless set. Port 0 takes a free
    /// one, see `Telemetry::admin_addr`. A port that is taken degrades the pipeline and is tried
    /// again every five seconds.
    #[must_use]
    pub fn listen(mut self, address: impl Into<String>) -> Self {
        self.listen = Some(address.into());
        self
    }

    /// No listener: the host serves `Telemetry::prometheus_text` itself.
    #[must_use]
    pub fn no_listener(mut self) -> Self {
        self.no_listener = true;
        self
    }

    /// A scrape must bring this as its bearer token; compared in constant time. Visible ASCII
    /// without spaces, at most 4,096 bytes.
    #[must_use]
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(Secret::new(token));
        self
    }

    /// Like [`bearer_token`](Self::bearer_token), read once from a file, without its last newline.
    /// A file that is missing, unreadable, empty or larger than 4 KiB is a problem that `build` and
    /// `install` report, for the page must not be open by mistake.
    #[must_use]
    pub fn bearer_token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.token_file = Some(path.into());
        self
    }
}
