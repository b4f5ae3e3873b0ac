//! `init`, `build` and `install`: assemble everything, then claim what is the process's.

mod globals;
mod panic_hook;

use crate::admin::{AdminListener, Response, Routes, status_json};
use crate::config::Builder;
use crate::config::resolve::{Resolved, resolve};
use crate::config::settings::{
    DogStatsdSettings, LogsSettings, OtlpSettings, PrometheusSettings, Secret, SpansSettings,
};
use crate::dogstatsd::DogStatsdPipeline;
use crate::error::Error;
use crate::function::build_info;
use crate::logs::{self, Logs};
use crate::metrics::reading::Source;
use crate::metrics::{Registry, clock, current, process};
use crate::otlp::OtlpPipeline;
use crate::prometheus::{Format, PrometheusPage};
use crate::resource::Resource;
use crate::scrub::Policy;
use crate::status::Pipeline;
use crate::subscriber::{Active, SubscriberHandle};
use crate::telemetry::{Core, Pipelines, Telemetry};
use globals::claim_globals;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// What this process has installed. Held while installing, so that of two at once one fails.
static INSTALLED: Mutex<Option<Weak<Pipelines>>> = Mutex::new(None);
/// What is said once where another library has claimed it.
const LOGGER_TAKEN: &str = "the logger of the `log` crate is another's: what libraries log with that \
                            crate stays there";

/// Sets everything up for a service of this name, with defaults and environment variables alone.
///
/// Nothing outside the process has to be there: where nobody listens, the pipeline degrades, says
/// so once, and goes on trying. Takes a few milliseconds; starts up to six threads and opens a
/// loopback port for Prometheus. Needs no async runtime.
///
/// Claims the global subscriber of `tracing`, the recorder of `metrics` and, if it is free, the logger
/// of `log`; [`builder`] can leave the first two to the host.
///
/// # Errors
///
/// [`Error::is_already_installed`] if this process has a `Telemetry` already,
/// [`Error::is_global_taken`] if another library holds the `tracing` subscriber or the `metrics`
/// recorder,
/// [`Error::is_invalid_configuration`] if the service's name is empty or absurd. After an error
/// nothing has changed.
///
/// # Examples
///
/// ```
/// use lightship::{counter, timer};
///
/// fn main() -> Result<(), lightship::Error> {
///     let _telemetry = lightship::init("upload-service")?;
///     let _timer = timer!("upload.duration");
///     counter!("uploads", "kind" => "pdf").increment(1);
///     Ok(())
/// }
/// ```
pub fn init(service: impl Into<String>) -> Result<Telemetry, Error> {
    builder(service).install()
}

/// Starts a configuration for a service of this name; `OTEL_SERVICE_NAME` and `DD_SERVICE` may
/// replace it.
///
/// # Examples
///
/// ```
/// let telemetry = lightship::builder("upload-service")
///     .version("1.4.2")
///     .environment("production")
///     .build()?;
/// # Ok::<(), lightship::Error>(())
/// ```
pub fn builder(service: impl Into<String>) -> Builder {
    Builder::new(service)
}

impl Builder {
    /// Starts telemetry without touching any global: an instance of its own, reached through
    /// `Telemetry::scope`, `Telemetry::layer` and `Telemetry::recorder`.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_configuration`], with all problems of the configuration in code.
    pub fn build(self) -> Result<Telemetry, Error> {
        let resolved = resolve(&self, &self.variables())?;
        start(self, resolved, None).map(Telemetry::new)
    }

    /// Starts telemetry and makes it the process's: what is recorded anywhere, with our macros or those
    /// of the `metrics` crate, and spans and events of `tracing` and `log`, go where they belong.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build), and [`Error::is_already_installed`] or
    /// [`Error::is_global_taken`]. After an error nothing has changed.
    pub fn install(self) -> Result<Telemetry, Error> {
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = installed.as_ref().and_then(Weak::upgrade)
            && other.is_running()
        {
            return Err(Error::already_installed(other.service()));
        }
        let resolved = resolve(&self, &self.variables())?;
        let subscriber = claim_globals(&self, &resolved.settings)?;
        let (bridges_log, notices) =
            (subscriber.is_some(), self.notices.clone().unwrap_or_default());
        let flush_on_panic = resolved.settings.flush_on_panic;
        let policy = Arc::clone(&resolved.settings.policy);
        let core = start(self, resolved, subscriber)?;
        *installed = Some(Arc::downgrade(&core.pipelines));
        current::install(Arc::clone(&core.registry));
        policy.install();
        if bridges_log {
            match logs::install_log_bridge() {
                Ok(()) => logs::set_log_max_level(core.subscriber.0.max_level()),
                Err(_) => notices.write(LOGGER_TAKEN),
            }
        }
        let telemetry = Telemetry::new(core);
        panic_hook::serve(flush_on_panic.then(|| telemetry.weak()));
        Ok(telemetry)
    }
}

/// Starts all pipelines. Fails only where the system refuses a thread; what was started by then
/// stops again when it is dropped.
fn start(
    builder: Builder,
    resolved: Resolved,
    subscriber: Option<SubscriberHandle>,
) -> Result<Core, Error> {
    let Resolved { settings, warnings, explanation } = resolved;
    let notices = builder.notices.unwrap_or_default();
    settings.policy.warn_with(notices.clone());
    let policy = Arc::clone(&settings.policy);
    let notices = notices.passing(move |text| policy.notice(text, usize::MAX));
    warnings.iter().for_each(|warning| notices.write(warning));
    let resource = settings.resource;
    let facade = Pipeline::new("facade", notices.clone());
    let drops = facade.drops();
    let registry = Registry::new(&settings.metrics, drops);
    registry.warn_with(notices.clone());
    if settings.metrics.process_metrics {
        process::watch(&registry);
    }
    build_info(&registry, &resource);
    let pipelines = Pipelines::new(
        &resource.service,
        Arc::clone(&registry),
        Arc::clone(&settings.policy),
        facade,
        &notices,
    );
    let pipelines = Arc::new(pipelines);
    let source: Arc<dyn Source> = registry.clone();
    let subscriber =
        subscriber.unwrap_or_else(|| SubscriberHandle::new(settings.spans.context_activation));
    let (policy, spans) = (settings.policy, settings.spans);
    let otlp =
        start_otlp(settings.otlp, &spans, &resource, &source, &pipelines, &subscriber, &policy)?;
    let dogstatsd = start_dogstatsd(settings.dogstatsd, &source, &pipelines)?;
    let (page, admin) = start_prometheus(settings.prometheus, &resource, &source, &pipelines)?;
    let logs = start_logs(&settings.logs, &resource, &pipelines, policy)?;
    calibrate_clock()?;
    let tracer = otlp.as_ref().and_then(OtlpPipeline::tracer);
    let lines = settings.logs.ok().map(|settings| settings.filter).zip(logs.clone());
    let served = subscriber.serve(Active::new(spans, tracer, lines, drops));
    let subscriber = (subscriber, served);
    Ok(Core { registry, pipelines, explanation, subscriber, otlp, dogstatsd, page, admin, logs })
}

/// The settings of a pipeline that is on; one that is off learns why.
fn enabled<T>(settings: Result<T, String>, pipeline: &Pipeline) -> Option<T> {
    settings.map_err(|reason| pipeline.disable(reason)).ok()
}

fn start_otlp(
    settings: Result<OtlpSettings, String>,
    spans: &SpansSettings,
    resource: &Resource,
    source: &Arc<dyn Source>,
    pipelines: &Pipelines,
    subscriber: &SubscriberHandle,
    policy: &Arc<Policy>,
) -> Result<Option<OtlpPipeline>, Error> {
    let pipeline = Arc::clone(&pipelines.otlp);
    let Some(settings) = enabled(settings, &pipeline) else { return Ok(None) };
    let sampler = subscriber.sampler();
    let source = Arc::clone(source);
    OtlpPipeline::start(&settings, spans, sampler, resource, source, pipeline, policy)
        .map(Some)
        .map_err(Error::thread)
}

fn start_logs(
    settings: &Result<LogsSettings, String>,
    resource: &Resource,
    pipelines: &Pipelines,
    policy: Arc<Policy>,
) -> Result<Option<Arc<Logs>>, Error> {
    let pipeline = Arc::clone(&pipelines.logs);
    let settings = settings.as_ref().map_err(String::clone);
    let Some(settings) = enabled(settings, &pipeline) else { return Ok(None) };
    let logs = Logs::new(settings, resource, policy, pipeline);
    logs.map(|logs| Some(Arc::new(logs))).map_err(Error::thread)
}

fn start_dogstatsd(
    settings: Result<DogStatsdSettings, String>,
    source: &Arc<dyn Source>,
    pipelines: &Pipelines,
) -> Result<Option<DogStatsdPipeline>, Error> {
    let pipeline = Arc::clone(&pipelines.dogstatsd);
    let Some(settings) = enabled(settings, &pipeline) else { return Ok(None) };
    DogStatsdPipeline::start(settings, Arc::clone(source), pipeline)
        .map(Some)
        .map_err(Error::thread)
}

type PageAndListener = (Option<Arc<PrometheusPage>>, Option<AdminListener>);

fn start_prometheus(
    settings: Result<PrometheusSettings, String>,
    resource: &Resource,
    source: &Arc<dyn Source>,
    pipelines: &Arc<Pipelines>,
) -> Result<PageAndListener, Error> {
    let pipeline = Arc::clone(&pipelines.prometheus);
    let Some(settings) = enabled(settings, &pipeline) else { return Ok((None, None)) };
    let asked = Arc::clone(pipelines);
    let page =
        PrometheusPage::new(Arc::clone(source), resource, Arc::clone(&pipeline), move || {
            asked.status()
        });
    let page = Arc::new(page);
    let Some(address) = settings.listen else {
        // Whether anybody serves the page is the host's affair.
        pipeline.sent_unverified(0);
        return Ok((Some(page), None));
    };
    let routes = routes(&page, pipelines, settings.token.as_ref());
    let admin = AdminListener::start(address, routes, &resource.service, pipeline);
    Ok((Some(page), Some(admin.map_err(Error::thread)?)))
}

/// The pages of the admin listener.
fn routes(
    page: &Arc<PrometheusPage>,
    pipelines: &Arc<Pipelines>,
    token: Option<&Secret>,
) -> Routes {
    let token = token.map(Secret::expose);
    let (page, asked) = (Arc::clone(page), Arc::clone(pipelines));
    let scraped = Arc::clone(&pipelines.prometheus);
    Routes::new()
        .get_with_token("/metrics", token, move |request| {
            let format = Format::negotiate(request.accept());
            let scraped = Arc::clone(&scraped);
            Response::new(200, format.content_type(), page.render(format))
                .on_delivered(move || scraped.delivered(1))
        })
        .get_with_token("/status", token, move |_| {
            Response::json(200, status_json(&asked.status()))
        })
}

/// Timers are quicker once the processor's clock is known, which takes up to 200 ms to find out.
fn calibrate_clock() -> Result<(), Error> {
    let thread = std::thread::Builder::new().name("lightship-clock".into());
    thread.spawn(clock::calibrate).map(drop).map_err(Error::thread)
}
