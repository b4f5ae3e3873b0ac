//! From the call site to the backends: one load, and what each of them makes of it.
//!
//! What is installed is the process's, so these tests take turns; those of OTLP build instances of
//! their own, and need none.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod datadog;
#[cfg(all(feature = "llm", feature = "testing"))]
mod llm_streams;
mod load;
mod nobody;
mod otlp;
#[cfg(feature = "llm")]
mod prices;
mod reference;
mod servers;
#[path = "../support/mod.rs"]
mod support;
#[cfg(all(feature = "axum", feature = "reqwest"))]
mod tracers;

use std::sync::{Mutex, MutexGuard, PoisonError};

fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
