//! How large a span gets, and how to make it smaller.
//!
//! A weight is in bytes, never less than what the encoded form takes, and not much more.

use opentelemetry::trace::{Event, Link, SpanContext, Status};
use opentelemetry::{Array, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

/// No span gets larger than that.
pub(super) const MAX_SPAN: usize = 256 << 10;
/// What a request takes beside its spans and the attributes of its resource.
pub(in crate::otlp::traces) const BODY_OVERHEAD: usize = 1 << 10;

/// Ids, times, flags, kind, counts, and what frames them.
const SPAN: usize = 160;
const EVENT: usize = 48;
const LINK: usize = 80;
const ATTRIBUTE: usize = 36;
const ELEMENT: usize = 17;

pub(in crate::otlp::traces) fn weight(span: &SpanData) -> usize {
    let events: usize = span.events.events.iter().map(event).sum();
    let links: usize = span.links.links.iter().map(link).sum();
    head(span) + attributes(&span.attributes) + events + links
}

/// Takes away what goes past [`MAX_SPAN`]: the attributes, events and links that come last. How many
/// those were; the span says so too.
pub(super) fn fit(span: &mut SpanData) -> u64 {
    if weight(span) <= MAX_SPAN {
        return 0;
    }
    let mut room = MAX_SPAN.saturating_sub(head(span));
    let attributes = keep(&mut span.attributes, &mut room, attribute);
    let events = keep(&mut span.events.events, &mut room, event);
    let links = keep(&mut span.links.links, &mut room, link);
    span.dropped_attributes_count = span.dropped_attributes_count.saturating_add(attributes);
    span.events.dropped_count = span.events.dropped_count.saturating_add(events);
    span.links.dropped_count = span.links.dropped_count.saturating_add(links);
    u64::from(attributes) + u64::from(events) + u64::from(links)
}

/// One that does not fit does not keep a later and smaller one out.
fn keep<T>(list: &mut Vec<T>, room: &mut usize, weight: impl Fn(&T) -> usize) -> u32 {
    let before = list.len();
    list.retain(|one| {
        let left = room.checked_sub(weight(one));
        *room = left.unwrap_or(*room);
        left.is_some()
    });
    u32::try_from(before - list.len()).unwrap_or(u32::MAX)
}

fn head(span: &SpanData) -> usize {
    let description = match &span.status {
        Status::Error { description } => description.len(),
        _ => 0,
    };
    SPAN + span.name.len() + description + trace_state(&span.span_context)
}

fn event(event: &Event) -> usize {
    EVENT + event.name.len() + attributes(&event.attributes)
}

fn link(link: &Link) -> usize {
    LINK + trace_state(&link.span_context) + attributes(&link.attributes)
}

/// Bounded by OpenTelemetry at 32 members of 514 bytes.
fn trace_state(context: &SpanContext) -> usize {
    context.trace_state().into_iter().map(|(key, value)| key.len() + value.len() + 2).sum()
}

fn attributes(attributes: &[KeyValue]) -> usize {
    attributes.iter().map(attribute).sum()
}

fn attribute(attribute: &KeyValue) -> usize {
    let value = match &attribute.value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::String(texts)) => {
            texts.iter().map(|text| ELEMENT + text.as_str().len()).sum()
        }
        Value::Array(Array::Bool(list)) => list.len() * ELEMENT,
        Value::Array(Array::I64(list)) => list.len() * ELEMENT,
        Value::Array(Array::F64(list)) => list.len() * ELEMENT,
        _ => 0,
    };
    ATTRIBUTE + attribute.key.as_str().len() + value
}
