//! OTLP: spans and metrics, encoded, in a bounded spool, to a collector.

mod metrics;
mod request;
mod resource;
