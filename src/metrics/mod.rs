//! The facade, and behind it: sites, registry, cells, readings.
#[cfg(feature = "prometheus")]
pub(crate) mod process;
pub(crate) mod reading;

/// The unit of a metric, for its name in Prometheus and its description; the `metrics` crate's own.
pub use metrics::Unit;
