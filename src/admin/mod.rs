//! The local HTTP listener: a thread of its own that answers GET and HEAD from a table of routes.
//!
//! It knows no page: whoever starts it hands in the routes. Nothing a client does reaches the
//! host: requests are bounded in size, time and number, and a handler's panic is an answer of 500.

mod auth;
mod connection;
mod listener;
mod request;
mod response;
mod routes;
mod shared;
mod status_json;

#[cfg(test)]
mod tests;

pub(crate) use listener::AdminListener;
pub(crate) use response::Response;
pub(crate) use routes::Routes;
pub(crate) use status_json::status_json;

use std::time::Duration;

/// How much of the listener a client can take up.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Connections at once; further ones get a 503.
    connections: usize,
    /// From the connection to the end of the request's head.
    head: Duration,
    /// From there to the end of the answer.
    answer: Duration,
    /// Between two tries to get the port.
    retry: Duration,
}

const LIMITS: Limits = Limits {
    connections: 16,
    head: Duration::from_secs(5),
    answer: Duration::from_secs(10),
    retry: Duration::from_secs(5),
};
/// The longest head of a request, in bytes.
const MAX_HEAD: usize = 8 * 1024;
