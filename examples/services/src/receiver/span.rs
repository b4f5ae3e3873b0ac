//! A span as it arrived, flat.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1 as proto;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use std::time::Duration;

/// A span with the name of its service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Span {
    /// `service.name` of its resource.
    pub service: String,
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// 16 hexadecimal digits.
    pub id: String,
    /// 16 hexadecimal digits; none for a root.
    pub parent: Option<String>,
    /// What it is called.
    pub name: String,
    /// `internal`, `server`, `client`, `producer`, `consumer` or `unspecified`.
    pub kind: String,
    /// Nanoseconds since 1970.
    pub start: u64,
    /// Nanoseconds since 1970.
    pub end: u64,
    /// Values as text.
    pub attributes: Vec<(String, String)>,
    /// Of a failed one, what is said about it: nothing, often.
    pub error: Option<String>,
}

impl Span {
    /// The value of an attribute, as text.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// How long it took; nothing if it ended before it began.
    pub fn duration(&self) -> Duration {
        Duration::from_nanos(self.end.saturating_sub(self.start))
    }

    /// All spans of an export, in its order.
    pub(super) fn all_of(request: &ExportTraceServiceRequest) -> Vec<Self> {
        let mut spans = Vec::new();
        for part in &request.resource_spans {
            let resource = part.resource.as_ref().map(|resource| attributes(&resource.attributes));
            let resource = resource.unwrap_or_default().into_iter();
            let service = resource.into_iter().find(|(key, _)| key == "service.name");
            let service = service.map_or_else(|| "unknown".to_owned(), |(_, name)| name);
            let arrived = part.scope_spans.iter().flat_map(|scoped| &scoped.spans);
            spans.extend(arrived.map(|span| Span { service: service.clone(), ..Span::from(span) }));
        }
        spans
    }
}

impl From<&proto::Span> for Span {
    fn from(span: &proto::Span) -> Self {
        let status = span.status.as_ref().filter(|status| status.code() == StatusCode::Error);
        let kind = span.kind().as_str_name().trim_start_matches("SPAN_KIND_");
        Span {
            service: String::new(),
            trace_id: hex(&span.trace_id),
            id: hex(&span.span_id),
            parent: Some(hex(&span.parent_span_id)).filter(|id| !id.is_empty()),
            name: span.name.clone(),
            kind: kind.to_ascii_lowercase(),
            start: span.start_time_unix_nano,
            end: span.end_time_unix_nano,
            attributes: attributes(&span.attributes),
            error: status.map(|status| status.message.clone()),
        }
    }
}

fn attributes(pairs: &[KeyValue]) -> Vec<(String, String)> {
    pairs.iter().map(|pair| (pair.key.clone(), text(pair.value.as_ref()))).collect()
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => number.to_string(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        // Nobody here sends others; that there is one is enough to know.
        Some(_) => "...".to_owned(),
        None => String::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
