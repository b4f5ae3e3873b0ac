//! OTLP: spans and metrics, encoded, in a bounded spool, to a collector.

mod answer;
mod backoff;
mod lines;
mod orders;
mod request;
mod sender;
mod spool;
#[cfg(test)]
mod tests;
mod transport;
mod wire;
mod worker;
