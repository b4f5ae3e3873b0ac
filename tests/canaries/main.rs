//! Secrets are planted in every place that a user can write to, and looked for in the bytes that every
//! backend received.
//!
//! A child of the test plays the service, so that standard output and standard error are received too;
//! the parent plays the backends. Each place plants harmless words on the same way, which must arrive.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod backends;
mod canary;
mod captures;
mod configuration;
#[cfg(feature = "grpc")]
mod grpc;
mod hostile;
mod peer;
mod places;
mod search;
mod service;
#[path = "../support/mod.rs"]
mod support;
mod wire;
