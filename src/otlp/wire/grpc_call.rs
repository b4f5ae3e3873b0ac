//! One gRPC call of bytes that are encoded already.

use crate::config::settings::OtlpTarget;
use crate::otlp::request::{Request, Signal};
use bytes::{Buf, BufMut, Bytes};
use http::uri::PathAndQuery;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{Ascii, MetadataKey, MetadataMap, MetadataValue};
use tonic::transport::Channel;

/// What is read of an answer, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// Sends the request's bytes as they are; the answer's come back so too.
pub(super) async fn call(
    channel: Channel,
    target: &OtlpTarget,
    request: &Request,
) -> Result<Bytes, tonic::Status> {
    let mut client = tonic::client::Grpc::new(channel).max_decoding_message_size(MAX_ANSWER);
    if target.gzip {
        // Go's servers answer in the encoding they were asked in, whether we accept it or not.
        let gzip = CompressionEncoding::Gzip;
        client = client.send_compressed(gzip).accept_compressed(gzip);
    }
    client.ready().await.map_err(|error| tonic::Status::from_error(error.into()))?;
    let mut message = tonic::Request::new(request.body.clone());
    *message.metadata_mut() = metadata(target);
    let path = PathAndQuery::from_static(match request.signal {
        Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        Signal::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    });
    Ok(client.unary(message, path, AsIs).await?.into_inner())
}

fn metadata(target: &OtlpTarget) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    for (name, value) in &target.headers {
        let name = MetadataKey::<Ascii>::from_bytes(name.as_bytes());
        let value = MetadataValue::try_from(value.expose());
        if let (Ok(name), Ok(mut value)) = (name, value) {
            value.set_sensitive(true);
            metadata.append(name, value);
        }
    }
    metadata
}

/// The bytes are encoded already.
#[derive(Debug, Clone, Copy)]
struct AsIs;

impl Codec for AsIs {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = AsIs;
    type Decoder = AsIs;

    fn encoder(&mut self) -> AsIs {
        AsIs
    }

    fn decoder(&mut self) -> AsIs {
        AsIs
    }
}

impl Encoder for AsIs {
    type Item = Bytes;
    type Error = tonic::Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), tonic::Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for AsIs {
    type Item = Bytes;
    type Error = tonic::Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, tonic::Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}
