//! `Telemetry`: the guard of everything that runs, and the handle to ask it.

mod dogstatsd;
mod ending;
mod pending;
mod pipelines;
mod report;
mod tracing;

pub(crate) use pipelines::Pipelines;
pub use report::{PipelineReport, Report};

use crate::admin::AdminListener;
use crate::config::Explanation;
use crate::context::{Context, Scoped};
use crate::dogstatsd::DogStatsdPipeline;
use crate::logs::Logs;
use crate::metrics::Registry;
use crate::metrics::current::{self, Scope};
use crate::otlp::OtlpPipeline;
use crate::prometheus::{Format, PrometheusPage};
use crate::scrub::Redactor;
use crate::status::Status;
use crate::subscriber::{Active, SubscriberHandle};
use pending::Pending;
use std::future::Future;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How long dropping a [`Telemetry`] may take.
pub(crate) const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Keeps telemetry running for as long as it lives; made by `lightship::init`, `install` and
/// `build`.
///
/// Dropping it shuts everything down within five seconds; [`shutdown`](Self::shutdown) does so
/// within a deadline of your own and reports. It can be asked everything that a
/// [`TelemetryHandle`] can.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// # fn main() -> Result<(), lightship::Error> {
/// let telemetry = lightship::builder("upload-service").build()?;
/// println!("{}", telemetry.status());
/// let report = telemetry.shutdown(Duration::from_secs(2));
/// println!("{report}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "telemetry ends when this is dropped; bind it to a name that lives as long as `main`"]
pub struct Telemetry {
    handle: TelemetryHandle,
    ended: bool,
}

/// A cheap clone of what a [`Telemetry`] knows, for the parts of a program that do not own it.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), lightship::Error> {
/// let telemetry = lightship::builder("upload-service").build()?;
/// let handle = telemetry.handle();
/// std::thread::spawn(move || println!("{}", handle.prometheus_text()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TelemetryHandle {
    core: Arc<Core>,
}

/// Everything that runs.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) registry: Arc<Registry>,
    pub(crate) pipelines: Arc<Pipelines>,
    pub(crate) explanation: Explanation,
    /// With what it serves for this `Telemetry`.
    pub(crate) subscriber: (SubscriberHandle, Arc<Active>),
    pub(crate) otlp: Option<OtlpPipeline>,
    pub(crate) dogstatsd: Option<DogStatsdPipeline>,
    pub(crate) page: Option<Arc<PrometheusPage>>,
    pub(crate) admin: Option<AdminListener>,
    pub(crate) logs: Option<Arc<Logs>>,
}

impl Core {
    fn scope(&self) -> Scope {
        Scope { registry: Arc::clone(&self.registry), dispatch: self.subscriber.0.dispatch() }
    }
}

impl Telemetry {
    pub(crate) fn new(core: Core) -> Self {
        Telemetry { handle: TelemetryHandle { core: Arc::new(core) }, ended: false }
    }

    pub(crate) fn weak(&self) -> Weak<Core> {
        Arc::downgrade(&self.handle.core)
    }

    /// A handle for others to ask; it does not keep telemetry running.
    pub fn handle(&self) -> TelemetryHandle {
        self.handle.clone()
    }

    /// Sends what is still to be sent and stops everything, within `timeout` whatever hangs. What
    /// is recorded from now on is counted as dropped.
    ///
    /// Blocks; in async code use a blocking task.
    pub fn shutdown(mut self, timeout: Duration) -> Report {
        self.end(timeout)
    }

    /// Like [`shutdown`](Self::shutdown), for async code of any runtime: the waiting is done on a
    /// thread of its own.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), lightship::Error> {
    /// use std::time::Duration;
    ///
    /// let telemetry = lightship::builder("upload-service").build()?;
    /// let report = telemetry.shutdown_async(Duration::from_secs(2)).await;
    /// println!("{report}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn shutdown_async(self, timeout: Duration) -> impl Future<Output = Report> + Send + use<> {
        Pending::start(move || self.shutdown(timeout))
    }

    fn end(&mut self, timeout: Duration) -> Report {
        match std::mem::replace(&mut self.ended, true) {
            true => Report::default(),
            false => self.handle.core.end(timeout),
        }
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        self.end(SHUTDOWN_TIMEOUT);
    }
}

impl Deref for Telemetry {
    type Target = TelemetryHandle;

    fn deref(&self) -> &TelemetryHandle {
        &self.handle
    }
}

impl TelemetryHandle {
    /// Every pipeline's state and counters.
    pub fn status(&self) -> Status {
        self.core.pipelines.status()
    }

    /// The rules in force, to scrub what goes elsewhere, such as a request's body in an audit log, as
    /// telemetry is scrubbed. What they replace is counted in the [`status`](Self::status), with the
    /// sink `texts`.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), lightship::Error> {
    /// let rules = lightship::Redaction::default().deny("diagnosis");
    /// let telemetry = lightship::builder("clinic").redaction(rules).build()?;
    /// let redactor = telemetry.redactor();
    /// assert_eq!(redactor.attribute("form.diagnosis", "flu"), "[REDACTED]");
    /// assert_eq!(redactor.tag("api_key", "x"), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn redactor(&self) -> Redactor {
        Redactor::new(Arc::clone(self.core.pipelines.policy()))
    }

    /// The effective configuration, each value with where it came from; secrets are masked.
    pub fn explain(&self) -> &Explanation {
        &self.core.explanation
    }

    /// Sends what is pending, and waits for that for at most `timeout`. Blocks, and needs no runtime
    /// to go on meanwhile, so that it ends in time even on a runtime's only thread.
    pub fn flush(&self, timeout: Duration) -> Report {
        self.core.flush(timeout)
    }

    /// Like [`flush`](Self::flush), for async code of any runtime: the waiting is done on a thread of
    /// its own.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), lightship::Error> {
    /// use std::time::Duration;
    ///
    /// let telemetry = lightship::builder("upload-service").build()?;
    /// let report = telemetry.flush_async(Duration::from_millis(200)).await;
    /// println!("{report}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn flush_async(&self, timeout: Duration) -> impl Future<Output = Report> + Send + use<> {
        let core = Arc::clone(&self.core);
        Pending::start(move || core.flush(timeout))
    }

    /// The page as Prometheus would scrape it, in text format 0.0.4, for hosts that serve it
    /// themselves; empty if the pipeline is disabled.
    pub fn prometheus_text(&self) -> String {
        self.core.page.as_ref().map_or_else(String::new, |page| page.render(Format::Text))
    }

    /// Where the admin listener listens; none without one, or while its port is taken.
    pub fn admin_addr(&self) -> Option<SocketAddr> {
        self.core.admin.as_ref()?.local_addr()
    }

    /// A recorder of the `metrics` crate for this instance: for `metrics::with_local_recorder`, or
    /// for a host that fans out to several recorders. `install` claims the global one itself.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), lightship::Error> {
    /// let telemetry = lightship::builder("api").build()?;
    /// let recorder = telemetry.recorder();
    /// metrics::with_local_recorder(&recorder, || metrics::counter!("library.calls").increment(1));
    /// assert!(telemetry.prometheus_text().contains("library_calls_total 1"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn recorder(&self) -> impl metrics::Recorder + Send + Sync + Clone + use<> {
        crate::metrics::Bridge::new(Arc::clone(&self.core.registry))
    }

    /// Runs `body` with this instance in place of the installed one, on this thread: what it records,
    /// its spans and its log lines are this instance's.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), lightship::Error> {
    /// let telemetry = lightship::builder("api").build()?;
    /// telemetry.scope(|| lightship::counter!("jobs.done").increment(1));
    /// assert!(telemetry.prometheus_text().contains("jobs_done_total 1"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn scope<R>(&self, body: impl FnOnce() -> R) -> R {
        current::with_scope(&self.core.scope(), body)
    }

    /// Like [`scope`](Self::scope) for a future, on whichever thread it is polled. It follows into
    /// tasks handed over with [`carry`](crate::carry) or `lightship::spawn`.
    pub fn scope_async<F: Future>(&self, future: F) -> Scoped<F> {
        Context::of(self.core.scope()).wrap(future)
    }
}
