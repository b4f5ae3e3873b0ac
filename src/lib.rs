//! wip
#![allow(dead_code, unused_imports, unused)]
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
pub use status::{DropReason, PipelineState, PipelineStatus, Status};
pub use tag::{TagRef, TagValue};
pub use error::*;
pub use status::*;
pub use tag::*;
