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
pub use config::{DogStatsd, Prometheus};
pub use error::{Error, Problem};
pub use metrics::*;
pub use status::{DropReason, PipelineState, PipelineStatus, Status};
pub use tag::{TagRef, TagValue};
#[cfg(feature = "testing")]
pub mod testing;
