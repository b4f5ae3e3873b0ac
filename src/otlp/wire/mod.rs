//! From an encoded request to a collector's answer, by HTTP or gRPC.
//!
//! HTTP/1.1 is framed by `ureq-proto`; the sockets are ours, because whoever keeps deadlines and
//! must know whether a request left has to hold them: see [`patience`] and [`exchange`].

mod connect;
mod exchange;
mod fault;
#[cfg(feature = "grpc")]
mod grpc;
#[cfg(not(feature = "grpc"))]
#[path = "grpc_off.rs"]
mod grpc;
#[cfg(feature = "grpc")]
mod grpc_call;
mod http;
mod patience;
mod place;
mod socket;
mod status;
mod tls;

pub(super) use patience::Patience;

use super::answer::Verdict;
use super::request::Request;
use crate::config::settings::{OtlpProtocol, OtlpTarget};
use std::fmt::Debug;

/// A way to one collector. It connects when first used, and again when it has to.
pub(super) trait Wire: Debug + Send {
    /// Sends one request and waits for its answer; `path` counts for HTTP alone.
    fn send(&mut self, request: &Request, path: &str, patience: &Patience) -> Verdict;
}

/// The wire to a target, of which the path does not matter.
pub(super) fn to(target: &OtlpTarget) -> Box<dyn Wire> {
    match target.protocol {
        OtlpProtocol::HttpProtobuf => Box::new(http::Http::new(target)),
        OtlpProtocol::Grpc => Box::new(grpc::Grpc::new(target)),
    }
}

/// Whether the body of a request is to be compressed before it is spooled; gRPC compresses each
/// message itself.
pub(super) fn body_is_gzipped(target: &OtlpTarget) -> bool {
    target.gzip && target.protocol == OtlpProtocol::HttpProtobuf
}
