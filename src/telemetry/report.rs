//! What `flush` and `shutdown` tell.

use std::fmt;

/// What became of everything that was recorded, a pipeline at a time.
///
/// # Examples
///
/// ```
/// use lightship::{DogStatsd, Prometheus};
/// use std::time::Duration;
///
/// let telemetry = lightship::builder("api")
///     .dogstatsd(DogStatsd::disabled())
///     .prometheus(Prometheus::disabled())
///     .build()?;
/// assert!(telemetry.shutdown(Duration::from_secs(1)).is_complete());
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Report {
    /// One entry a pipeline, in the order of the status.
    pub pipelines: Vec<PipelineReport>,
}

/// One pipeline's part of a [`Report`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let telemetry = lightship::builder("api").build()?;
/// let report = telemetry.flush(Duration::from_millis(200));
/// if let Some(dogstatsd) = report.pipeline("dogstatsd") {
///     println!("{} lines went out, {} were lost", dogstatsd.sent, dogstatsd.lost);
/// }
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PipelineReport {
    /// `facade`, `otlp`, `dogstatsd`, `prometheus` or `logs`.
    pub name: &'static str,
    /// Whether nothing is left waiting: all was accepted before the deadline.
    pub complete: bool,
    /// What was delivered since the start: lines, spans and data points, answered scrapes.
    pub sent: u64,
    /// Spans that still wait for the collector, after a flush. What DogStatsD has not sent stays in
    /// the metrics' totals, goes out later, and is not counted here.
    pub kept: u64,
    /// What was dropped since the start, in points, spans or lines.
    pub lost: u64,
    /// What may or may not have arrived.
    pub unknown: u64,
}

impl Report {
    /// Whether every pipeline delivered all that it had.
    pub fn is_complete(&self) -> bool {
        self.pipelines.iter().all(|pipeline| pipeline.complete)
    }

    /// The pipeline of this name.
    pub fn pipeline(&self, name: &str) -> Option<&PipelineReport> {
        self.pipelines.iter().find(|pipeline| pipeline.name == name)
    }
}

/// One line a pipeline, for people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for PipelineReport { name, complete, sent, kept, lost, unknown } in &self.pipelines {
            let end = if *complete { "complete" } else { "incomplete" };
            writeln!(
                f,
                "{name:<10} {end}: sent {sent}, kept {kept}, lost {lost}, unknown {unknown}"
            )?;
        }
        Ok(())
    }
}
