//! What each pipeline is doing right now: its state, what it sent, what it dropped and why.

mod drops;
mod notice;
mod pipeline;
mod safety;

pub use drops::DropReason;
pub(crate) use drops::Drops;
pub(crate) use notice::Notices;
pub(crate) use pipeline::Pipeline;
pub use pipeline::{PipelineState, PipelineStatus};
pub use safety::{CardinalityOverflow, RedactionCount};

use std::fmt;

/// A snapshot of every pipeline, taken by `Telemetry::status`.
///
/// # Examples
///
/// ```
/// use lightship::{DogStatsd, PipelineState, Prometheus};
///
/// let telemetry = lightship::builder("api")
///     .dogstatsd(DogStatsd::disabled())
///     .prometheus(Prometheus::disabled())
///     .build()?;
/// let status = telemetry.status();
/// let dogstatsd = status.pipeline("dogstatsd").unwrap();
/// assert!(matches!(dogstatsd.state, PipelineState::Disabled { .. }));
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Status {
    /// The service's name, after `OTEL_SERVICE_NAME` and `DD_SERVICE` had their say.
    pub service: String,
    /// One entry a pipeline: `facade` first, then the backends.
    pub pipelines: Vec<PipelineStatus>,
    /// What the rules kept out, by kind and place; what never happened is left out.
    pub redactions: Vec<RedactionCount>,
    /// Which metrics' tags had too many values, in the order of their names; at most 201.
    pub overflows: Vec<CardinalityOverflow>,
}

impl Status {
    /// Without anything that was kept out or folded.
    #[cfg(test)]
    pub(crate) fn new(service: impl Into<String>, pipelines: Vec<PipelineStatus>) -> Self {
        let (redactions, overflows) = (Vec::new(), Vec::new());
        Status { service: service.into(), pipelines, redactions, overflows }
    }

    /// The pipeline of this name: `facade`, `otlp`, `dogstatsd`, `prometheus` or `logs`.
    pub fn pipeline(&self, name: &str) -> Option<&PipelineStatus> {
        self.pipelines.iter().find(|pipeline| pipeline.name == name)
    }

    /// How often the rules acted, whatever they found and wherever it was going.
    ///
    /// # Examples
    ///
    /// ```
    /// let telemetry = lightship::builder("api").build()?;
    /// assert_eq!(telemetry.status().redacted(), 0);
    /// # Ok::<(), lightship::Error>(())
    /// ```
    pub fn redacted(&self) -> u64 {
        self.redactions.iter().map(|redactions| redactions.count).sum()
    }

    /// How often values of this metric's key were past their limit; `*` for the metric's series.
    ///
    /// # Examples
    ///
    /// ```
    /// let telemetry = lightship::builder("api").build()?;
    /// assert_eq!(telemetry.status().overflowed("logins", "user"), 0);
    /// # Ok::<(), lightship::Error>(())
    /// ```
    pub fn overflowed(&self, metric: &str, key: &str) -> u64 {
        let found = self.overflows.iter().find(|row| row.metric == metric && row.key == key);
        found.map_or(0, |row| row.count)
    }

    /// Everything that all pipelines dropped, in points.
    pub fn dropped(&self) -> u64 {
        self.pipelines.iter().map(PipelineStatus::dropped_total).sum()
    }
}

/// One line a pipeline, for people.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pipelines.iter().try_for_each(|pipeline| writeln!(f, "{pipeline}"))
    }
}
