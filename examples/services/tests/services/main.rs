//! Both services over real sockets: what they take, what they refuse, and what happens when others fail.

#![allow(missing_docs, unreachable_pub, missing_debug_implementations)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod at_once;
mod bodies;
mod classification;
mod database;
mod end_to_end;
mod names;
mod pending;
mod receiver;
mod shutdown;
mod support;
mod uploads;
