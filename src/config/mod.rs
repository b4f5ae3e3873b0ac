//! What can be set in code: plain options, checked once by `build` or `install`.

mod dogstatsd;
mod prometheus;
pub(crate) mod settings;

pub use dogstatsd::DogStatsd;
pub use prometheus::Prometheus;
