//! Requests in and out, by the stable conventions of OpenTelemetry (feature `http`).
//!
//! ```text
//! in    headers -> remote parent, request id -> server span { handler, body } -> metrics
//! out   client span { headers <- traceparent, request -> response's head } -> metrics
//! ```
//!
//! [`ServerLayer`] is a layer for tower, and so for axum, tonic and hyper; [`ClientLayer`] is one for
//! clients. With the feature `axum`, spans are named by axum's routes; with the feature `reqwest` there
//! is an easy way for [`reqwest`].
//!
//! | metric | | tags |
//! |---|---|---|
//! | `http.server.request.duration` | timer | method, status, route, scheme, version, `error.type` |
//! | `http.server.active_requests` | gauge | method, scheme |
//! | `http.server.request.body.size`, `http.server.response.body.size` | bytes | as the duration's |
//! | `http.client.request.duration` | timer | method, status, server, template, version, `error.type` |
//! | `http.client.request.body.size`, `http.client.response.body.size` | bytes, where known | as the duration's |
//!
//! Never part of a span or a tag: the values of query keys that name a secret, user names and
//! passwords in URLs, headers (but for the user agent and the request's id), bodies, and the text of
//! errors.
//!
//! What may be told of a request that failed is an [`ErrorContext`], which a server layer hands over where
//! [`on_error`](ServerLayer::on_error) asks for it: the head without headers, the error, and scrubbed JSON.

mod body_preview;
mod client;
mod error_context;
mod failure;
mod grpc;
mod measure;
mod method;
mod request_id;
#[cfg(feature = "reqwest")]
pub mod reqwest;
mod route;
mod server;
mod url;
mod version;

pub use body_preview::BodyPreview;
pub use client::{ClientFuture, ClientLayer, ClientService, Operation};
pub use error_context::{ErrorContext, ErrorNote, MAX_BODY_PREVIEW_BYTES};
pub use request_id::{MAX_REQUEST_ID_BYTES, RequestId};
pub use route::Route;
pub use server::{Ongoing, ResponseBody, ServerFuture, ServerLayer, ServerService};

/// Of our own spans. Their parents are known when they are made, so nobody waits to decide about
/// them.
const TARGET: &str = "lightship::http";
