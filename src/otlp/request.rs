//! What travels: one encoded export request, and what became of it.

use bytes::Bytes;
use std::time::Instant;

/// An encoded `Export...ServiceRequest`, as it waits in the spool.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) signal: Signal,
    /// Protobuf; compressed if `gzipped`.
    pub(super) body: Bytes,
    pub(super) gzipped: bool,
    /// Spans or data points in it.
    pub(super) items: u64,
    pub(super) made: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Metrics,
}

/// What became of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Answered as accepted, maybe but for some items, which were counted as rejected.
    Accepted,
    /// Answered as not acceptable: the same bytes would be refused again. All its items were counted
    /// as rejected.
    Refused,
    /// It never left, or the answer said that it was not taken in: it may be sent again.
    NotTaken,
    /// It left, and no answer came: it may or may not have been taken in.
    Unknown,
}

/// Metrics, as the transport's thread asks for them.
pub(super) trait Periodic: Send + std::fmt::Debug {
    /// Encodes what is to be sent now, in requests of bounded size; empty where there is nothing.
    fn collect(&mut self) -> Vec<Request>;

    /// Takes note of what became of the requests of the last `collect`, in their order; those that
    /// were not tried any more are `NotTaken`.
    fn settle(&mut self, outcomes: &[Outcome]);
}
