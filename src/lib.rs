//! wip
#![allow(dead_code, unused_imports, unused)]
#[doc(hidden)]
pub mod __private;
mod config;
mod error;
mod metrics;
mod resource;
mod scrub;
mod status;
mod tag;
pub use config::environment_variables;
pub use config::{Builder, DogStatsd, ExplainedSetting, Explanation, Prometheus, SettingSource};
pub use error::{Error, Problem};
pub use metrics::*;
pub use status::{DropReason, PipelineState, PipelineStatus, Status};
pub use tag::{TagRef, TagValue};
#[cfg(feature = "testing")]
pub mod testing;
