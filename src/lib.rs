//! wip
#![allow(dead_code, unused_imports, unused)]
#[cfg(feature = "prometheus")]
mod admin;
mod config;
mod error;
mod metrics;
#[cfg(feature = "prometheus")]
mod prometheus;
mod resource;
mod scrub;
mod status;
mod tag;
pub use config::{DogStatsd, Prometheus};
pub use error::*;
pub use error::{Error, Problem};
pub use status::*;
pub use status::{DropReason, PipelineState, PipelineStatus, Status};
pub use tag::*;
pub use tag::{TagRef, TagValue};
