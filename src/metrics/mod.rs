//! The facade, and behind it: sites, registry, cells, readings.
//!
//! ```text
//! counter!(..) -> site -> (first use: scrub -> registry) -> cell    by the caller
//!                         backend -> Source::collect -> readings    by a background thread
//! ```

mod bounds;
mod bridge;
mod cache;
mod cells;
pub(crate) mod clock;
pub(crate) mod current;
mod early;
mod family;
mod handle;
mod macros;
mod overflow;
pub(crate) mod process;
pub(crate) mod reading;
mod registry;
mod site;
mod timer;
mod value;

pub(crate) use bounds::DATABASE_TIMER;
pub(crate) use bridge::{Bridge, GlobalBridge};
pub use cells::{CounterCell, GaugeCell, HistogramCell, SetCell};
pub use handle::{Counter, Gauge, Histogram, Set};
pub use reading::Kind;
pub(crate) use registry::Registry;
#[cfg(any(feature = "http", feature = "llm"))]
pub(crate) use site::Cell;
pub(crate) use site::Target;
pub use site::{DynamicSite, Site, is_literal};
pub use timer::{Timer, TimerHandle};
pub use value::Measure;

/// The bounds that are part of the public documentation.
pub(crate) mod limits {
    pub use super::bounds::{
        COST_BUCKETS, DATABASE_BUCKETS, LLM_BUCKETS, TOKEN_BUCKETS, TOKEN_COST_BUCKETS,
        WORKFLOW_BUCKETS,
    };
    pub use super::cache::MAX_ENTRIES as MAX_CACHED_SERIES_PER_SITE;
    pub use super::cells::{MAX_MEMBERS as MAX_SET_MEMBERS, MAX_MEMORY};
    pub use super::early::MAX_EARLY as MAX_EARLY_HANDLES;
    pub use super::family::{
        BYTES_BUCKETS, HISTOGRAM_BUCKETS, MAX_SERIES_PER_METRIC, MAX_TAG_VALUES, OTHER,
        TIMER_BUCKETS,
    };
    pub use super::overflow::MAX_OVERFLOWS;
    pub use super::registry::{MAX_SERIES, MAX_TIMESTAMPED};
}

/// The unit of a metric, for its name in Prometheus and its description; the `metrics` crate's own.
pub use metrics::Unit;

use reading::Description;
use std::sync::Arc;

/// What the names of metrics begin with that are called after the service of the running code, such as
/// `upload.`: nothing for one without a name, and none where there is nobody to write to.
#[cfg(feature = "llm")]
pub(crate) fn service_prefix() -> Option<String> {
    let (registry, _) = current::registry()?;
    Some(match registry.service() {
        "" => String::new(),
        service => format!("{service}."),
    })
}

/// What `describe_*!` does; without effect while nothing is installed.
pub(crate) fn describe(name: &str, unit: Option<Unit>, help: &str) {
    if let Some((registry, _)) = current::registry() {
        registry.describe(name, Description { unit, help: Some(Arc::from(help)) });
    }
}
