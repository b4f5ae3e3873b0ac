//! Protobuf's outer layers, put around parts that are encoded already: what a request consists of
//! is encoded once, its size is known, and nothing of it is built as one tree of messages.

use prost::Message;

/// The key of a field that has a length in front.
const LENGTH_DELIMITED: u8 = 2;

/// A field's number; those below 16, which are all that is needed here, have keys of one byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field(pub(super) u8);

/// How long such a field is, key and length included.
pub(super) fn framed_len(len: usize) -> usize {
    1 + prost::length_delimiter_len(len) + len
}

/// Begins a field whose `len` bytes come next.
pub(super) fn open(into: &mut Vec<u8>, field: Field, len: usize) {
    into.push(field.0 << 3 | LENGTH_DELIMITED);
    // Fails where there is no room, and a `Vec` makes room.
    let _ = prost::encode_length_delimiter(len, into);
}

/// Puts the fields of a message down, without a frame: several together make up one message.
pub(super) fn fields(into: &mut Vec<u8>, message: &impl Message) {
    let _ = message.encode(into);
}

/// Puts a message down as a field.
pub(super) fn message(into: &mut Vec<u8>, field: Field, message: &impl Message) {
    open(into, field, message.encoded_len());
    fields(into, message);
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::metrics::v1::{Metric, ScopeMetrics};

    #[test]
    fn framed_parts_are_the_message() {
        for len in [0, 1, 120, 127, 128, 20_000, 3_000_000] {
            let metric = Metric { name: "n".repeat(len), ..Metric::default() };
            let whole = ScopeMetrics {
                metrics: vec![metric.clone(), metric.clone()],
                ..Default::default()
            };
            let mut framed = Vec::new();
            message(&mut framed, Field(2), &metric);
            assert_eq!(framed.len(), framed_len(metric.encoded_len()));
            message(&mut framed, Field(2), &metric);
            assert_eq!(framed, whole.encode_to_vec());
        }
    }
}
