//! What each pipeline is doing right now: its state, what it sent, what it dropped and why.

mod drops;
mod notice;
mod pipeline;

pub use drops::DropReason;
pub(crate) use drops::Drops;
pub(crate) use notice::Notices;
pub(crate) use pipeline::Pipeline;
pub use pipeline::{PipelineState, PipelineStatus};

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
}

impl Status {
    /// The pipeline of this name: `facade`, `otlp`, `dogstatsd`, `prometheus` or `logs`.
    pub fn pipeline(&self, name: &str) -> Option<&PipelineStatus> {
        self.pipelines.iter().find(|pipeline| pipeline.name == name)
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
