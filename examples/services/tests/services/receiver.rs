//! The receiver: what it takes, what it refuses, and where it ends.

use crate::support::{PATIENCE, client};
use lightship_services::receiver::{Receiver, tree};
use lightship_services::seed::gzip;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message;

fn pair(key: &str, value: Value) -> KeyValue {
    let value = Some(AnyValue { value: Some(value) });
    KeyValue { key: key.to_owned(), value, ..KeyValue::default() }
}

fn span(id: u8, parent: Option<u8>, name: &str) -> Span {
    Span {
        trace_id: vec![7; 16],
        span_id: vec![id; 8],
        parent_span_id: parent.map_or_else(Vec::new, |id| vec![id; 8]),
        name: name.to_owned(),
        kind: 2,
        start_time_unix_nano: u64::from(id) * 1000,
        end_time_unix_nano: u64::from(id) * 1000 + 500,
        attributes: vec![
            pair("text", Value::StringValue("some".to_owned())),
            pair("number", Value::IntValue(7)),
            pair("truth", Value::BoolValue(true)),
        ],
        status: (id == 3).then(|| Status { code: 2, message: "broken".to_owned() }),
        ..Span::default()
    }
}

fn export(service: &str, spans: Vec<Span>) -> Vec<u8> {
    let name = pair("service.name", Value::StringValue(service.to_owned()));
    let resource = Some(Resource { attributes: vec![name], ..Resource::default() });
    let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
    let resource_spans = vec![ResourceSpans { resource, scope_spans, ..ResourceSpans::default() }];
    ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

async fn send(receiver: &Receiver, body: Vec<u8>, headers: &[(&str, &str)]) -> reqwest::Response {
    let mut request = client().post(format!("{}/v1/traces", receiver.endpoint()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).send().await.unwrap()
}

const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");

#[tokio::test]
async fn spans_arrive_flat_and_form_trees() {
    let receiver = Receiver::start().await.unwrap();
    let here = export("harbour", vec![span(3, Some(1), "unload"), span(1, None, "arrive")]);
    let there = export("customs", vec![span(2, Some(1), "inspect"), span(4, Some(9), "stray")]);
    assert_eq!(send(&receiver, here, &[PROTOBUF]).await.status(), 200);
    let packed = gzip(&there).unwrap();
    let answer = send(&receiver, packed, &[PROTOBUF, ("content-encoding", "gzip")]).await;
    assert_eq!(answer.status(), 200);
    assert!(receiver.wait_for(PATIENCE, |spans| spans.len() == 4).await);

    let spans = receiver.spans();
    let unload = &spans[0];
    assert_eq!((unload.service.as_str(), unload.kind.as_str()), ("harbour", "server"));
    assert_eq!((unload.attribute("number"), unload.attribute("truth")), (Some("7"), Some("true")));
    assert_eq!((unload.error.as_deref(), &spans[1].error), (Some("broken"), &None));
    assert_eq!((unload.duration().as_nanos(), unload.attribute("none")), (500, None));
    assert_eq!(
        tree(&spans, |_| String::new()),
        "harbour: arrive\n\
         ├── customs: inspect\n\
         └── harbour: unload\n\
         customs: stray [its parent did not arrive]\n"
    );
}

#[tokio::test]
async fn spans_in_a_circle_are_told() {
    let receiver = Receiver::start().await.unwrap();
    let circle = vec![span(1, Some(2), "a"), span(2, Some(1), "b"), span(3, None, "root")];
    send(&receiver, export("x", circle), &[PROTOBUF]).await;
    let text = tree(&receiver.spans(), |_| String::new());
    assert_eq!(text, "x: root\n[2 spans that no root leads to]\n");
}

#[tokio::test]
async fn what_is_no_otlp_is_refused() {
    let receiver = Receiver::start().await.unwrap();
    let good = || export("x", vec![span(1, None, "a")]);
    for (body, headers, status) in [
        (good(), &[("content-type", "application/json")][..], 415),
        (good(), &[PROTOBUF, ("content-encoding", "br")], 415),
        (good(), &[PROTOBUF, ("content-encoding", "gzip")], 400),
        (b"\xff\xff".to_vec(), &[PROTOBUF], 400),
        (vec![0; (4 << 20) + 1], &[PROTOBUF], 413),
        (gzip(&vec![0; (32 << 20) + 1]).unwrap(), &[PROTOBUF, ("content-encoding", "gzip")], 413),
    ] {
        assert_eq!(send(&receiver, body, headers).await.status(), status);
    }
    assert!(receiver.spans().is_empty());
}

#[tokio::test]
async fn it_keeps_so_many_and_tells_the_sender() {
    let receiver = Receiver::start().await.unwrap();
    let many = || export("x", vec![span(1, None, "a"); 6000]);
    let rejected = async || {
        let body = send(&receiver, many(), &[PROTOBUF]).await.bytes().await.unwrap();
        let answer = ExportTraceServiceResponse::decode(body).unwrap();
        answer.partial_success.map_or(0, |partial| partial.rejected_spans)
    };
    assert_eq!((rejected().await, rejected().await, rejected().await), (0, 2000, 6000));
    assert_eq!(receiver.spans().len(), 10_000);
    assert!(!receiver.wait_for(crate::support::BRIEF, |spans| spans.len() > 10_000).await);
}
