//! Spans as tests want to see them: flat, with ids in hexadecimal and typed values.

use super::Value;
use super::value::{attributes, check_keys, find, hex};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1 as proto;

/// A span with what surrounds it. Fields that a backend does not keep are empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Span {
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// 16 hexadecimal digits.
    pub id: String,
    pub parent: Option<String>,
    pub name: String,
    /// `internal`, `server`, `client`, `producer`, `consumer` or `unspecified`.
    pub kind: String,
    /// Nanoseconds since 1970.
    pub start: u64,
    /// Nanoseconds since 1970.
    pub end: u64,
    pub attributes: Vec<(String, Value)>,
    pub events: Vec<Event>,
    pub links: Vec<Link>,
    /// `unset`, `ok` or `error`.
    pub status: String,
    pub status_message: String,
    pub trace_state: String,
    pub flags: u32,
    pub dropped_attributes: u32,
    pub dropped_events: u32,
    pub dropped_links: u32,
    pub resource: Vec<(String, Value)>,
    pub scope: String,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Event {
    pub name: String,
    /// Nanoseconds since 1970.
    pub time: u64,
    pub attributes: Vec<(String, Value)>,
    pub dropped_attributes: u32,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Link {
    pub trace_id: String,
    pub span_id: String,
    pub attributes: Vec<(String, Value)>,
}

impl Span {
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        find(&self.attributes, key)
    }

    /// An attribute, if it is text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.attribute(key)?.as_text()
    }

    pub fn resource(&self, key: &str) -> Option<&Value> {
        find(&self.resource, key)
    }

    pub fn event(&self, name: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.name == name)
    }

    pub fn is_error(&self) -> bool {
        self.status == "error"
    }

    pub(super) fn flatten(request: &ExportTraceServiceRequest) -> Vec<Span> {
        let mut spans = Vec::new();
        for part in &request.resource_spans {
            let resource = part.resource.iter().flat_map(|it| attributes(&it.attributes));
            let resource: Vec<_> = resource.collect();
            for scoped in &part.scope_spans {
                let scope = scoped.scope.as_ref().map(|it| it.name.clone()).unwrap_or_default();
                spans.extend(scoped.spans.iter().map(|span| Span {
                    resource: resource.clone(),
                    scope: scope.clone(),
                    ..Span::from(span)
                }));
            }
        }
        spans
    }

    /// What a backend would refuse, or show as something else.
    pub(super) fn check(&self) -> Result<(), String> {
        let is_id = |id: &str, length| id.len() == length && id.bytes().any(|byte| byte != b'0');
        let wrong = if !is_id(&self.trace_id, 32) {
            "trace id"
        } else if !is_id(&self.id, 16) || self.parent.as_ref().is_some_and(|id| !is_id(id, 16)) {
            "span id"
        } else if self.parent.as_ref() == Some(&self.id) {
            "parent"
        } else if self.name.is_empty() {
            "name"
        } else if self.start == 0 || self.end < self.start {
            "time"
        } else {
            return check_keys(&self.attributes);
        };
        Err(format!("the {wrong} of {self:?}"))
    }
}

impl From<&proto::Span> for Span {
    fn from(span: &proto::Span) -> Self {
        let status = span.status.clone().unwrap_or_default();
        let parent = hex(&span.parent_span_id);
        Span {
            trace_id: hex(&span.trace_id),
            id: hex(&span.span_id),
            parent: Some(parent).filter(|id| !id.is_empty()),
            name: span.name.clone(),
            kind: lower(span.kind().as_str_name(), "SPAN_KIND_"),
            start: span.start_time_unix_nano,
            end: span.end_time_unix_nano,
            attributes: attributes(&span.attributes),
            events: span.events.iter().map(Event::from).collect(),
            links: span.links.iter().map(Link::from).collect(),
            status: lower(status.code().as_str_name(), "STATUS_CODE_"),
            status_message: status.message,
            trace_state: span.trace_state.clone(),
            flags: span.flags,
            dropped_attributes: span.dropped_attributes_count,
            dropped_events: span.dropped_events_count,
            dropped_links: span.dropped_links_count,
            ..Span::default()
        }
    }
}

impl From<&proto::span::Event> for Event {
    fn from(event: &proto::span::Event) -> Self {
        Event {
            name: event.name.clone(),
            time: event.time_unix_nano,
            attributes: attributes(&event.attributes),
            dropped_attributes: event.dropped_attributes_count,
        }
    }
}

impl From<&proto::span::Link> for Link {
    fn from(link: &proto::span::Link) -> Self {
        Link {
            trace_id: hex(&link.trace_id),
            span_id: hex(&link.span_id),
            attributes: attributes(&link.attributes),
        }
    }
}

/// `SPAN_KIND_SERVER` as `server`.
fn lower(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_ascii_lowercase()
}
