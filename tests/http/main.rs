//! Requests over real sockets: what spans and metrics say of them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod bodies;
mod clients;
mod endings;
mod errors;
mod raw;
mod routes;
mod server;
mod wire;

use lightship::testing::{Captured, CapturedSpan};

/// The only span of this name.
fn only<'a>(seen: &'a Captured, name: &str) -> &'a CapturedSpan {
    let mut named = seen.spans().iter().filter(|span| span.name == name);
    let span = named.next().unwrap_or_else(|| panic!("no span {name}: {seen}"));
    assert!(named.next().is_none(), "more than one {name}: {seen}");
    span
}

/// How many requests a duration was recorded of, whatever the tags.
fn durations(seen: &Captured, name: &str) -> usize {
    let count = |line: &str| line.split(" count ").nth(1)?.split(' ').next()?.parse::<usize>().ok();
    let of = format!("{name}{{");
    seen.to_string().lines().filter(|line| line.starts_with(&of)).filter_map(count).sum::<usize>()
}

const SERVER_DURATION: &str = "http.server.request.duration";
const CLIENT_DURATION: &str = "http.client.request.duration";
