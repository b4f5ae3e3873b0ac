//! Observability for a service in one call: traces reach an OTLP collector, counters, gauges,
//! histograms, timers and sets a Datadog agent (DogStatsD) and a Prometheus server, and logs standard
//! output with the ids of their traces, from one facade, with nothing to configure and no harm when
//! nobody listens.
//!
//! ```
//! use lightship::{counter, gauge, timer};
//!
//! fn main() -> Result<(), lightship::Error> {
//!     let _telemetry = lightship::init("upload-service")?;
//!     {
//!         let _span = tracing::info_span!("upload", kind = "pdf").entered();
//!         let _timer = timer!("upload.duration", "kind" => "pdf");
//!         counter!("uploads", "kind" => "pdf").increment(1);
//!         gauge!("queue.size", "queue" => "parser").set(42);
//!         tracing::info!(pages = 12, "stored");
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # The way of the data
//!
//! ```text
//! metric  call site -> facade -> (first use: scrub -> registry) -> cell        by the caller
//!                                 collector reads cells -> dogstatsd | prometheus | otlp
//! span    tracing macro -> (sampled?) -> tracing-opentelemetry -> SDK -> queue    by the caller
//!                                 clean -> encode -> spool -> collector
//! log     tracing event -> scrub -> format -> queue                            by the caller
//!                                 writer -> standard output
//!         every drop on any arrow -> status (counter, reason), readable at the Prometheus page
//! ```
//!
//! A call site writes once, into memory of its own thread; each backend reads what all threads
//! wrote. What a call costs does not depend on the number of backends: about two nanoseconds for
//! [`counter!`] with literal tags, about ten with other values, and never an allocation once a
//! thread knows the series. Whether a trace is kept is decided before a span is built, so that a span
//! of one that is not costs little more than `tracing` itself.
//!
//! # The nouns
//!
//! - [`Telemetry`]: the guard that keeps everything running; [`init`] makes it, [`builder`] lets
//!   you say more, [`TelemetryHandle`] is for the parts of a program that only ask.
//! - [`Counter`], [`Gauge`], [`Histogram`], [`Timer`], [`Set`]: what the macros hand out; all but
//!   the running timer are small and `Copy`, to be kept or made anew at every call.
//! - [`macro@observe`] gives a function a span, a count and a duration; [`macro@timed`] and
//!   [`macro@counted`] one metric alone. [`ErrorType`] says what errors are called there.
//! - Spans and events are those of the `tracing` crate, which this one does not wrap;
//!   [`detail`] sets on the current span what no field declared, [`tag()`] on the metrics of the running
//!   call besides. [`short`], [`hashed`], [`truncated`] and [`secret`] are values for whatever may not
//!   leave the process as it is.
//! - [`Context`]: what follows work to other tasks and threads. [`propagation`]: what follows it to
//!   other processes. `http`: the layers that do so. [`db`]: calls to databases.
//! - [`Status`]: every pipeline's state, what it sent, what it dropped and why; [`Report`]: the
//!   same at the end.
//! - [`Otlp`], [`DogStatsd`], [`Prometheus`], [`Logs`]: the options of the backends; [`Sampler`] and
//!   [`Spans`]: those of traces. [`environment_variables`] lists what can be set from outside,
//!   [`Explanation`] shows what counts and where it came from.
//! - [`limits`]: every bound there is. [`testing`]: assertions on telemetry.
//!
//! # Libraries
//!
//! What libraries record with the `metrics` crate's macros arrives in the same registry and reaches
//! the same backends; [`install`](Builder::install) sees to that, and to what they log with `tracing`
//! or `log`. Where the host has a subscriber or a recorder of its own,
//! [`without_subscriber`](Builder::without_subscriber), [`layer`](TelemetryHandle::layer),
//! [`without_recorder`](Builder::without_recorder) and [`recorder`](TelemetryHandle::recorder) fit in.
//!
//! # Features
//!
//! - `otlp`, `dogstatsd`, `prometheus` (default): the backends, which [`init`] starts.
//! - `grpc`: OTLP over gRPC, where a variable or [`Protocol::Grpc`] asks for it.
//! - `http`: the module `http`, layers for servers and clients; `axum` and `reqwest` fit it to these.
//! - `llm`: the modules `llm` and `workflow`, tokens and costs of calls to language models, and of the work
//!   that they are part of.
//! - `regex`: `Detector::pattern`.
//! - `sqlx`: `db::sqlx`, which observes the statements and pools of that crate.
//! - `testing`: the module [`testing`].
//! - `tokio`: [`spawn`] and [`spawn_blocking`], which take the caller's [`Context`] along.

// What one backend alone reads is dead in a build without it; with both, nothing may be.
#![cfg_attr(
    not(all(feature = "otlp", feature = "dogstatsd", feature = "prometheus")),
    allow(dead_code)
)]

#[doc(hidden)]
pub mod __private;
mod admin;
mod config;
mod context;
pub mod db;
#[cfg_attr(not(feature = "dogstatsd"), path = "dogstatsd/off.rs")]
mod dogstatsd;
mod error;
mod filter;
mod function;
#[cfg(feature = "http")]
pub mod http;
mod init;
pub mod limits;
#[cfg(feature = "llm")]
pub mod llm;
mod logs;
mod metrics;
#[cfg(feature = "llm")]
mod money;
#[cfg(test)]
mod other_process;
#[cfg_attr(not(feature = "otlp"), path = "otlp/off.rs")]
mod otlp;
#[cfg_attr(not(feature = "prometheus"), path = "prometheus/off.rs")]
mod prometheus;
#[cfg(feature = "otlp")]
pub mod propagation;
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
#[cfg(feature = "llm")]
pub mod workflow;

pub use config::{
    Builder, DogStatsd, ExplainedSetting, Explanation, Logs, Otlp, Prometheus, Propagator,
    Protocol, Sampler, SettingSource, Spans, Temporality, environment_variables,
};
pub use context::{AttributeValue, Context, Scoped, carry, detail};
#[cfg(feature = "tokio")]
pub use context::{spawn, spawn_blocking};
#[cfg(feature = "dogstatsd")]
pub use dogstatsd::{AlertType, CheckStatus, Event, Priority, ServiceCheck};
pub use error::{Error, Problem};
pub use function::{ErrorType, tag};
pub use init::{builder, init};
#[cfg(feature = "llm")]
pub use lightship_macros::workflow;
pub use lightship_macros::{ErrorType, Tag, counted, observe, timed};
pub use metrics::{Counter, Gauge, Histogram, Measure, Set, Timer, TimerHandle, Unit};
pub use scrub::{Detector, Redaction, Redactor, Sensitive};
pub use status::{
    CardinalityOverflow, DropReason, PipelineState, PipelineStatus, RedactionCount, Status,
};
pub use tag::{
    Hashed, Secret, Short, TagRef, TagValue, Truncated, hashed, secret, short, truncated,
};
pub use telemetry::{PipelineReport, Report, Telemetry, TelemetryHandle};
#[cfg(feature = "llm")]
pub use workflow::{track_llm_cost, track_workflow_cost, track_workflow_execution};
