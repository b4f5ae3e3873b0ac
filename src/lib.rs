//! Observability for a service in one call: counters, gauges, histograms, timers and sets reach a
//! Datadog agent (DogStatsD) and a Prometheus server from one facade, with nothing to configure
//! and no harm when nobody listens.
//!
//! ```
//! use lightship::{counter, gauge, timer};
//!
//! fn main() -> Result<(), lightship::Error> {
//!     let _telemetry = lightship::init("upload-service")?;
//!     {
//!         let _timer = timer!("upload.duration", "kind" => "pdf");
//!         counter!("uploads", "kind" => "pdf").increment(1);
//!         gauge!("queue.size", "queue" => "parser").set(42);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # The way of the data
//!
//! ```text
//! metric  call site -> facade -> (first use: scrub -> registry) -> cell        by the caller
//!                                 collector reads cells -> dogstatsd | prometheus
//!         every drop on any arrow -> status (counter, reason), readable at the Prometheus page
//! ```
//!
//! A call site writes once, into memory of its own thread; each backend reads what all threads
//! wrote. What a call costs does not depend on the number of backends: about two nanoseconds for
//! [`counter!`] with literal tags, about ten with other values, and never an allocation once a
//! thread knows the series.
//!
//! # The nouns
//!
//! - [`Telemetry`]: the guard that keeps everything running; [`init`] makes it, [`builder`] lets
//!   you say more, [`TelemetryHandle`] is for the parts of a program that only ask.
//! - [`Counter`], [`Gauge`], [`Histogram`], [`Timer`], [`Set`]: what the macros hand out; all but
//!   the running timer are small and `Copy`, to be kept or made anew at every call.
//! - [`Status`]: every pipeline's state, what it sent, what it dropped and why; [`Report`]: the
//!   same at the end.
//! - [`DogStatsd`], [`Prometheus`]: the options of the backends. [`environment_variables`] lists
//!   what can be set from outside, [`Explanation`] shows what counts and where it came from.
//! - [`limits`]: every bound there is. [`testing`]: assertions on telemetry.
//!
//! # Libraries
//!
//! What libraries record with the `metrics` crate's macros arrives in the same registry and reaches
//! the same backends; [`install`](Builder::install) sees to that. An application may use either
//! crate's macros.
//!
//! # Features
//!
//! - `dogstatsd`, `prometheus` (default): the backends, which [`init`] starts.
//! - `testing`: the module [`testing`].
//! - `tokio`: [`spawn`], which keeps a task in its parent's scope.

// What one backend alone reads is dead in a build without it; with both, nothing may be.
#![cfg_attr(
    not(all(feature = "otlp", feature = "dogstatsd", feature = "prometheus")),
    allow(dead_code)
)]
#![allow(dead_code, reason = "while the pieces of OTLP and logs come together")]

#[doc(hidden)]
pub mod __private;
mod admin;
mod config;
#[cfg_attr(not(feature = "dogstatsd"), path = "dogstatsd/off.rs")]
mod dogstatsd;
mod error;
mod filter;
mod init;
pub mod limits;
mod logs;
mod metrics;
#[cfg(test)]
mod other_process;
#[cfg_attr(not(feature = "otlp"), path = "otlp/off.rs")]
mod otlp;
#[cfg_attr(not(feature = "prometheus"), path = "prometheus/off.rs")]
mod prometheus;
mod quiet;
mod resource;
mod scrub;
mod status;
mod subscriber;
mod tag;
mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
mod trace;

pub use config::{
    Builder, DogStatsd, ExplainedSetting, Explanation, Logs, Otlp, Prometheus, Protocol, Sampler,
    SettingSource, Spans, Temporality, environment_variables,
};
#[cfg(feature = "dogstatsd")]
pub use dogstatsd::{AlertType, CheckStatus, Event, Priority, ServiceCheck};
pub use error::{Error, Problem};
pub use init::{builder, init};
pub use lightship_macros::Tag;
#[cfg(feature = "tokio")]
pub use metrics::spawn;
pub use metrics::{
    Counter, Gauge, Histogram, Measure, Scoped, Set, Timer, TimerHandle, Unit, carry,
};
pub use status::{DropReason, PipelineState, PipelineStatus, Status};
pub use tag::{TagRef, TagValue};
pub use telemetry::{PipelineReport, Report, Telemetry, TelemetryHandle};
