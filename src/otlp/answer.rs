//! What a collector's answer means for what was sent.

use super::request::{Outcome, Signal};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::{DecodeError, Message};
use std::time::Duration;

/// What became of one try to send a request; reasons say what would mend it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// Taken in, but for `rejected` items. `remark` is what the collector had to say.
    Accepted {
        rejected: u64,
        remark: Option<String>,
    },
    Refused {
        reason: String,
    },
    NotTaken {
        reason: String,
        wait: Wait,
    },
    /// Sent, and no answer came.
    Unknown {
        reason: String,
    },
}

/// How long a request that was not taken is to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// Nobody is there; at the end nobody waits for them.
    Nobody,
    /// Somebody is there and wants it later.
    Later,
    /// As [`Wait::Later`], and they said when.
    For(Duration),
}

impl Verdict {
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Verdict::Accepted { .. } => Outcome::Accepted,
            Verdict::Refused { .. } => Outcome::Refused,
            Verdict::NotTaken { .. } => Outcome::NotTaken,
            Verdict::Unknown { .. } => Outcome::Unknown,
        }
    }
}

/// Reads an `Export...ServiceResponse`: the items that were rejected, and the message.
pub(super) fn partial_success(signal: Signal, body: &[u8]) -> Result<(u64, String), DecodeError> {
    let (rejected, message) = match signal {
        Signal::Traces => ExportTraceServiceResponse::decode(body)?
            .partial_success
            .map(|partial| (partial.rejected_spans, partial.error_message)),
        Signal::Metrics => ExportMetricsServiceResponse::decode(body)?
            .partial_success
            .map(|partial| (partial.rejected_data_points, partial.error_message)),
    }
    .unwrap_or_default();
    Ok((u64::try_from(rejected).unwrap_or(0), message))
}

/// `google.rpc.Status`, the body of an error.
#[derive(Clone, PartialEq, Message)]
pub(super) struct RpcStatus {
    #[prost(int32, tag = "1")]
    pub(super) code: i32,
    #[prost(string, tag = "2")]
    pub(super) message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Detail>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, Message)]
struct Detail {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `google.rpc.RetryInfo`.
#[cfg(any(test, feature = "grpc"))]
#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    delay: Option<Delay>,
}

/// `google.protobuf.Duration`.
#[cfg(any(test, feature = "grpc"))]
#[derive(Clone, PartialEq, Message)]
struct Delay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

#[cfg(any(test, feature = "grpc"))]
impl RpcStatus {
    /// How long to wait, where the collector says that trying again makes sense.
    pub(super) fn retry_delay(&self) -> Option<Duration> {
        let detail = self.details.iter().find(|d| d.type_url.ends_with("google.rpc.RetryInfo"))?;
        let delay = RetryInfo::decode(&*detail.value).ok()?.delay.unwrap_or_default();
        let seconds = u64::try_from(delay.seconds).unwrap_or(0);
        Some(Duration::new(seconds, u32::try_from(delay.nanos).unwrap_or(0).min(999_999_999)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_success_is_read_for_either_signal() {
        // partial_success { rejected: 3, error_message: "no" }
        let body = [10, 6, 8, 3, 18, 2, b'n', b'o'];
        for signal in [Signal::Traces, Signal::Metrics] {
            assert_eq!(partial_success(signal, &body).unwrap(), (3, "no".into()));
            assert_eq!(partial_success(signal, &[]).unwrap(), (0, String::new()));
            assert!(partial_success(signal, b"<html>").is_err());
            // rejected: -1
            let negative = [10, 11, 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
            assert_eq!(partial_success(signal, &negative).unwrap().0, 0);
        }
    }

    #[test]
    fn a_retry_delay_is_found_among_the_details() {
        let detail = |type_url: &str, value| Detail { type_url: type_url.into(), value };
        let delay =
            |seconds, nanos| RetryInfo { delay: Some(Delay { seconds, nanos }) }.encode_to_vec();
        let status = |details| RpcStatus { code: 8, message: "slow down".into(), details };
        assert_eq!(status(vec![]).retry_delay(), None);
        let url = "type.googleapis.com/google.rpc.RetryInfo";
        let other = detail("type.googleapis.com/google.rpc.DebugInfo", vec![1]);
        let both = status(vec![other, detail(url, delay(2, 500_000_000))]);
        assert_eq!(both.retry_delay(), Some(Duration::from_millis(2_500)));
        let odd = status(vec![detail(url, delay(-5, i32::MAX))]);
        assert_eq!(odd.retry_delay(), Some(Duration::from_nanos(999_999_999)));
        assert_eq!(status(vec![detail(url, vec![255])]).retry_delay(), None);
    }
}
