//! What `lightship::builder` returns: what was set in code, unchecked.

use super::env::Environment;
use super::settings::Secret;
use super::{DogStatsd, Logs, Otlp, Prometheus, Propagator, Sampler, Spans};
use crate::scrub::Redaction;
use crate::status::Notices;

/// Sets telemetry up, step by step; made by `lightship::builder`.
///
/// Setters never fail: `build` and `install` check everything and report all problems together.
/// What is not set comes from [environment variables](crate::environment_variables), then from
/// defaults. Setting something twice, the last value counts.
///
/// # Examples
///
/// ```
/// use lightship::{DogStatsd, Otlp, Prometheus, Sampler};
///
/// let telemetry = lightship::builder("upload-service")
///     .version("1.4.2")
///     .environment("production")
///     .tag("team", "storage")
///     .otlp(Otlp::default().endpoint("http://jaeger:4318"))
///     .sampler(Sampler::ratio(0.1))
///     .dogstatsd(DogStatsd::default().address("unix:///var/run/datadog/dsd.socket"))
///     .prometheus(Prometheus::default().listen("127.0.0.1:0"))
///     .buckets("request.size", &[1_000.0, 10_000.0, 100_000.0])
///     .build()?;
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` or `install`"]
pub struct Builder {
    pub(crate) service: String,
    pub(crate) version: Option<String>,
    pub(crate) environment: Option<String>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) otlp: Option<Otlp>,
    pub(crate) dogstatsd: Option<DogStatsd>,
    pub(crate) prometheus: Option<Prometheus>,
    pub(crate) logs: Option<Logs>,
    pub(crate) sampler: Option<Sampler>,
    pub(crate) propagators: Option<Vec<Propagator>>,
    pub(crate) span_filter: Option<String>,
    pub(crate) spans: Option<Spans>,
    pub(crate) flush_on_panic: Option<bool>,
    pub(crate) without_subscriber: bool,
    pub(crate) without_recorder: bool,
    pub(crate) buckets: Vec<(String, Vec<f64>)>,
    pub(crate) cardinality: Vec<(String, String, usize)>,
    pub(crate) max_series: Vec<(String, usize)>,
    pub(crate) process_metrics: Option<bool>,
    pub(crate) redaction: Redaction,
    pub(crate) hash_key: Option<Secret>,
    pub(crate) notices: Option<Notices>,
    /// `None` is the process's own environment.
    pub(crate) variables: Option<Environment>,
}

impl Builder {
    pub(crate) fn new(service: impl Into<String>) -> Self {
        Builder {
            service: service.into(),
            version: None,
            environment: None,
            tags: Vec::new(),
            otlp: None,
            dogstatsd: None,
            prometheus: None,
            logs: None,
            sampler: None,
            propagators: None,
            span_filter: None,
            spans: None,
            flush_on_panic: None,
            without_subscriber: false,
            without_recorder: false,
            buckets: Vec::new(),
            cardinality: Vec::new(),
            max_series: Vec::new(),
            process_metrics: None,
            redaction: Redaction::default(),
            hash_key: None,
            notices: None,
            variables: None,
        }
    }

    /// The service's version, such as `1.4.2`; 1 to 200 characters.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Where the service is deployed, such as `production`; 1 to 200 characters.
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.environment = Some(environment.into());
        self
    }

    /// A constant that describes the whole service: a tag on every DogStatsD line, a label of
    /// `target_info` in Prometheus. The key has 1 to 100 characters, the value 1 to 200.
    ///
    /// A key that names a secret or a person, such as `password`, is a problem, and so is one that
    /// has a setter of its own: `service`, `env`, `version`, `service.name` and the like.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// The options of the OTLP pipeline; [`Otlp::disabled`] turns it off.
    pub fn otlp(mut self, options: Otlp) -> Self {
        self.otlp = Some(options);
        self
    }

    /// The options of the DogStatsD pipeline; [`DogStatsd::disabled`] turns it off.
    pub fn dogstatsd(mut self, options: DogStatsd) -> Self {
        self.dogstatsd = Some(options);
        self
    }

    /// The options of the Prometheus pipeline; [`Prometheus::disabled`] turns it off.
    ///
    /// Options given here turn the pipeline on, also where `OTEL_METRICS_EXPORTER` doesn't name
    /// `prometheus`.
    pub fn prometheus(mut self, options: Prometheus) -> Self {
        self.prometheus = Some(options);
        self
    }

    /// The rules that keep secrets and people out of telemetry; see [`Redaction`].
    pub fn redaction(mut self, rules: Redaction) -> Self {
        self.redaction = rules;
        self
    }

    /// The key that [`hashed`](crate::hashed) values and pseudonyms are made with: at least 16 bytes,
    /// the same in all processes whose hashes are to be compared, and secret. Without one each process
    /// takes a random key, and says so once.
    pub fn hash_key(mut self, key: impl Into<String>) -> Self {
        self.hash_key = Some(Secret::new(key));
        self
    }

    /// The options of the lines on standard output; [`Logs::disabled`] turns them off.
    pub fn logs(mut self, options: Logs) -> Self {
        self.logs = Some(options);
        self
    }

    /// Which traces are kept; all unless set.
    pub fn sampler(mut self, sampler: Sampler) -> Self {
        self.sampler = Some(sampler);
        self
    }

    /// In which headers contexts travel between processes, both ways: of those that come in, the first
    /// one with a valid context counts. An empty list propagates nothing.
    pub fn propagators(mut self, propagators: impl IntoIterator<Item = Propagator>) -> Self {
        self.propagators = Some(propagators.into_iter().collect());
        self
    }

    /// What becomes a span, or an event on one: levels, and levels of targets, by commas, such as
    /// `info,api::storage=debug,h2=off`; `info` unless set. Says nothing about logs, and `RUST_LOG`
    /// nothing about spans.
    ///
    /// # Examples
    ///
    /// ```
    /// let telemetry = lightship::builder("api").span_filter("info,api::cache=off").build()?;
    /// # Ok::<(), lightship::Error>(())
    /// ```
    pub fn span_filter(mut self, directives: impl Into<String>) -> Self {
        self.span_filter = Some(directives.into());
        self
    }

    /// How large a span may get, and how many wait for their export.
    pub fn spans(mut self, options: Spans) -> Self {
        self.spans = Some(options);
        self
    }

    /// Whether a panic flushes before the process goes on to end; unless set, only where panics
    /// abort.
    pub fn flush_on_panic(mut self, on: bool) -> Self {
        self.flush_on_panic = Some(on);
        self
    }

    /// The upper bounds of a histogram's buckets, by the metric's exact name, in the metric's own
    /// unit (seconds for a timer): 1 to 200 finite numbers, ascending. A last bound of infinity may
    /// be written; there is always one.
    pub fn buckets(mut self, metric: impl Into<String>, bounds: &[f64]) -> Self {
        self.buckets.push((metric.into(), bounds.to_vec()));
        self
    }

    /// How many distinct values a tag of a metric may have before further ones become `_other`:
    /// 1 to 2,000; 100 unless set. `*` is any metric, or any key; what is said of one counts before what
    /// is said of all, and a metric's word before a key's.
    ///
    /// # Examples
    ///
    /// ```
    /// let telemetry = lightship::builder("api")
    ///     .cardinality("logins", "region", 500)
    ///     .cardinality("*", "tenant", 1_000)
    ///     .max_series("api.requests", 5_000)
    ///     .build()?;
    /// # Ok::<(), lightship::Error>(())
    /// ```
    pub fn cardinality(
        mut self,
        metric: impl Into<String>,
        key: impl Into<String>,
        values: usize,
    ) -> Self {
        self.cardinality.push((metric.into(), key.into(), values));
        self
    }

    /// How many series a metric may have before further ones become one, with the tag
    /// `lightship_overflow`: 1 to 10,000, which is what all metrics together may have; 2,000 unless set.
    pub fn max_series(mut self, metric: impl Into<String>, series: usize) -> Self {
        self.max_series.push((metric.into(), series));
        self
    }

    /// Whether CPU time, memory, open files, threads and start time of the process are measured, for
    /// Prometheus (`process_*`); on unless set.
    pub fn process_metrics(mut self, on: bool) -> Self {
        self.process_metrics = Some(on);
        self
    }

    /// Takes the lines that tell of a pipeline's change of state or of a wrong variable; they go to
    /// standard error unless set. Each is one line without its end. It is called from background
    /// threads, and must not wait for telemetry.
    ///
    /// # Examples
    ///
    /// ```
    /// let telemetry = lightship::builder("api")
    ///     .notices(|line| println!("telemetry: {line}"))
    ///     .build()?;
    /// # Ok::<(), lightship::Error>(())
    /// ```
    pub fn notices(mut self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.notices = Some(Notices::new(sink));
        self
    }

    /// Leaves the global subscriber of the `tracing` crate to the host, who adds
    /// `Telemetry::layer` to it. Lines of logs are then the host's too, unless
    /// [`logs`](Self::logs) is given.
    pub fn without_subscriber(mut self) -> Self {
        self.without_subscriber = true;
        self
    }

    /// Leaves the global recorder of the `metrics` crate to the host, who may pass on to
    /// `Telemetry::recorder`. What the macros of this crate record needs none.
    pub fn without_recorder(mut self) -> Self {
        self.without_recorder = true;
        self
    }

    /// Reads no environment variables at all: for tests, and for hosts with a configuration of
    /// their own.
    pub fn without_environment(mut self) -> Self {
        self.variables = Some(Environment::empty());
        self
    }

    /// Takes these in the place of the process's [environment
    /// variables](crate::environment_variables).
    ///
    /// # Examples
    ///
    /// ```
    /// let telemetry = lightship::builder("api")
    ///     .environment_variables([("OTEL_SERVICE_NAME", "upload")])
    ///     .build()?;
    /// assert_eq!(telemetry.status().service, "upload");
    /// # Ok::<(), lightship::Error>(())
    /// ```
    pub fn environment_variables<K, V>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self
    where
        K: Into<String>,
        V: Into<String>,
    {
        self.variables = Some(variables.into_iter().collect());
        self
    }

    /// The variables that count: those given, otherwise those of the process as they are now.
    pub(crate) fn variables(&self) -> Environment {
        self.variables.clone().unwrap_or_else(Environment::of_process)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let builder = Builder::new("api")
            .prometheus(Prometheus::default().bearer_token("hunter2"))
            .otlp(Otlp::default().endpoint("http://a:hunter2@b").header("x-key", "hunter2"))
            .environment_variables([("LIGHTSHIP_ADMIN_TOKEN", "hunter2")]);
        let debug = format!("{builder:?}");
        assert!(!debug.contains("hunter2"), "{debug}");
        assert!(debug.contains("********"), "{debug}");
    }

    #[test]
    fn given_variables_take_the_place_of_the_process_s() {
        let builder = Builder::new("api").environment_variables([("DD_ENV", "test")]);
        assert_eq!(builder.variables(), [("DD_ENV", "test")].into_iter().collect());
        assert_eq!(builder.without_environment().variables(), Environment::empty());
    }
}
