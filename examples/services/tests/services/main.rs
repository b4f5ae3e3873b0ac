//! Both services over real sockets: what they take, what they refuse, and what happens when others fail.

#![allow(missing_docs, unreachable_pub, missing_debug_implementations)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod at_once;
mod bodies;
mod classification;
mod database;
mod end_to_end;
mod names;
mod one_trace;
mod pending;
mod receiver;
/// What the tests of the crate itself lean on.
#[path = "../../../../tests/support/mod.rs"]
mod shared;
mod shutdown;
mod support;
mod uploads;
