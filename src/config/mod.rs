//! What can be set, in code and in the environment: plain options, resolved and checked once by
//! `build` or `install`.

mod builder;
mod dogstatsd;
pub(crate) mod env;
mod explanation;
mod logs;
mod otlp;
mod prometheus;
mod propagation;
pub(crate) mod resolve;
pub(crate) mod settings;
mod spans;
mod variables;

pub use builder::Builder;
pub use dogstatsd::DogStatsd;
pub use explanation::{ExplainedSetting, Explanation, SettingSource};
pub use logs::Logs;
pub use otlp::{Otlp, Protocol, Temporality};
pub use prometheus::Prometheus;
pub use propagation::Propagator;
pub use spans::{Sampler, Spans};

#[doc = include_str!("../../docs/environment.md")]
pub mod environment_variables {}
