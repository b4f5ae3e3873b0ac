//! The facade, and behind it: sites, registry, cells, readings.
//!
//! ```text
//! counter!(..) -> site -> (first use: scrub -> registry) -> cell    by the caller
//!                         backend -> Source::collect -> readings    by a background thread
//! ```

mod bridge;
mod cache;
mod cells;
pub(crate) mod clock;
pub(crate) mod current;
mod early;
mod family;
mod handle;
mod macros;
pub(crate) mod reading;
mod registry;
mod site;
mod timer;
mod value;

pub(crate) use bridge::{Bridge, GlobalBridge};
pub use cells::{CounterCell, GaugeCell, HistogramCell, SetCell};
#[cfg(feature = "tokio")]
pub use current::spawn;
pub use current::{Scoped, carry};
pub use handle::{Counter, Gauge, Histogram, Set};
pub use reading::Kind;
pub(crate) use registry::Registry;
pub use site::{DynamicSite, Site, Target, is_literal};
pub use timer::{Timer, TimerHandle};
pub use value::Measure;

/// The unit of a metric, for its name in Prometheus and its description; the `metrics` crate's own.
pub use metrics::Unit;

use reading::Description;
use std::sync::Arc;

/// What `describe_*!` does; without effect while nothing is installed.
pub(crate) fn describe(name: &str, unit: Option<Unit>, help: &str) {
    if let Some((registry, _)) = current::registry() {
        registry.describe(name, Description { unit, help: Some(Arc::from(help)) });
    }
}
