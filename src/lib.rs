//! wip
#![allow(dead_code, unused_imports, unused)]
mod config;
#[cfg(feature = "dogstatsd")]
mod dogstatsd;
mod error;
mod metrics;
mod resource;
mod scrub;
mod status;
mod tag;
pub use config::{DogStatsd, Prometheus};
#[cfg(feature = "dogstatsd")]
pub use dogstatsd::{AlertType, CheckStatus, Event, Priority, ServiceCheck};
pub use error::{Error, Problem};
pub use status::{DropReason, PipelineState, PipelineStatus, Status};
pub use tag::{TagRef, TagValue};
pub use error::*;
pub use status::*;
pub use tag::*;
