//! OTLP: spans and metrics, encoded, in a bounded spool, to a collector.

mod request;
mod resource;
mod traces;
