//! OTLP as backends write it in JSON, read into the types that the fake collector has too.
//!
//! OTLP/JSON has `traceId` in hexadecimal and numbers for enumerations; Python's protobuf has
//! `trace_id` in base64 and their names. Both write 64-bit numbers as text and leave out zeros.

use serde_json::Value as Json;

use super::super::otlp::{Event, Histogram, Link, Point, Reading, Span, Value, hex};

/// The spans of one export request.
pub(super) fn spans(request: &Json) -> Vec<Span> {
    let mut spans = Vec::new();
    for part in list(request, "resourceSpans") {
        let resource = attributes(field(part, "resource"));
        for scoped in list(part, "scopeSpans") {
            let scope = text(field(scoped, "scope"), "name");
            spans.extend(list(scoped, "spans").iter().map(|span| Span {
                resource: resource.clone(),
                scope: scope.clone(),
                ..read_span(span)
            }));
        }
    }
    spans
}

/// The data points of one export request.
pub(super) fn points(request: &Json) -> Vec<Point> {
    let mut points = Vec::new();
    for part in list(request, "resourceMetrics") {
        let resource = attributes(field(part, "resource"));
        for scoped in list(part, "scopeMetrics") {
            let scope = text(field(scoped, "scope"), "name");
            for metric in list(scoped, "metrics") {
                points.extend(read_metric(metric).into_iter().map(|point| Point {
                    resource: resource.clone(),
                    scope: scope.clone(),
                    ..point
                }));
            }
        }
    }
    points
}

fn read_span(span: &Json) -> Span {
    let status = field(span, "status");
    Span {
        trace_id: id(field(span, "traceId")),
        id: id(field(span, "spanId")),
        parent: Some(id(field(span, "parentSpanId"))).filter(|id| !id.is_empty()),
        name: text(span, "name"),
        kind: enumeration(
            field(span, "kind"),
            "SPAN_KIND_",
            &["unspecified", "internal", "server", "client", "producer", "consumer"],
        ),
        start: number(field(span, "startTimeUnixNano")),
        end: number(field(span, "endTimeUnixNano")),
        attributes: attributes(span),
        events: list(span, "events").iter().map(read_event).collect(),
        links: list(span, "links").iter().map(read_link).collect(),
        status: enumeration(field(status, "code"), "STATUS_CODE_", &["unset", "ok", "error"]),
        status_message: text(status, "message"),
        trace_state: text(span, "traceState"),
        flags: number(field(span, "flags")),
        dropped_attributes: number(field(span, "droppedAttributesCount")),
        dropped_events: number(field(span, "droppedEventsCount")),
        dropped_links: number(field(span, "droppedLinksCount")),
        ..Span::default()
    }
}

fn read_event(event: &Json) -> Event {
    Event {
        name: text(event, "name"),
        time: number(field(event, "timeUnixNano")),
        attributes: attributes(event),
        dropped_attributes: number(field(event, "droppedAttributesCount")),
    }
}

fn read_link(link: &Json) -> Link {
    Link {
        trace_id: id(field(link, "traceId")),
        span_id: id(field(link, "spanId")),
        attributes: attributes(link),
    }
}

fn read_metric(metric: &Json) -> Vec<Point> {
    let kinds = ["sum", "gauge", "histogram"];
    let kind = kinds.into_iter().find(|kind| !field(metric, kind).is_null()).unwrap_or("other");
    let data = field(metric, kind);
    let read = |point: &Json| Point {
        name: text(metric, "name"),
        description: text(metric, "description"),
        unit: text(metric, "unit"),
        kind: kind.to_owned(),
        monotonic: field(data, "isMonotonic").as_bool().unwrap_or_default(),
        temporality: enumeration(
            field(data, "aggregationTemporality"),
            "AGGREGATION_TEMPORALITY_",
            &["unspecified", "delta", "cumulative"],
        ),
        start: number(field(point, "startTimeUnixNano")),
        time: number(field(point, "timeUnixNano")),
        attributes: attributes(point),
        reading: read_value(kind, point),
        resource: Vec::new(),
        scope: String::new(),
    };
    match kind {
        "other" => vec![read(&Json::Null)],
        _ => list(data, "dataPoints").iter().map(read).collect(),
    }
}

fn read_value(kind: &str, point: &Json) -> Reading {
    if kind == "histogram" {
        return Reading::Histogram(Histogram {
            count: number(field(point, "count")),
            sum: float(field(point, "sum")),
            min: float(field(point, "min")),
            max: float(field(point, "max")),
            bounds: list(point, "explicitBounds").iter().filter_map(float).collect(),
            counts: list(point, "bucketCounts").iter().map(number).collect(),
        });
    }
    match (field(point, "asInt"), float(field(point, "asDouble"))) {
        (_, Some(value)) => Reading::Float(value),
        (Json::Null, None) => Reading::Nothing,
        (value, None) => Reading::Int(number(value)),
    }
}

/// The `attributes` of a part, with their types.
fn attributes(part: &Json) -> Vec<(String, Value)> {
    key_values(list(part, "attributes"))
}

fn key_values(pairs: &[Json]) -> Vec<(String, Value)> {
    pairs.iter().map(|pair| (text(pair, "key"), any(field(pair, "value")))).collect()
}

fn any(value: &Json) -> Value {
    let Some((kind, held)) = value.as_object().and_then(|object| object.iter().next()) else {
        return Value::Empty;
    };
    match camel(kind).as_str() {
        "stringValue" => Value::Text(held.as_str().unwrap_or_default().to_owned()),
        "intValue" => Value::Int(number(held)),
        "doubleValue" => float(held).map_or(Value::Empty, Value::Float),
        "boolValue" => Value::Bool(held.as_bool().unwrap_or_default()),
        "arrayValue" => Value::List(list(held, "values").iter().map(any).collect()),
        "kvlistValue" => Value::Map(key_values(list(held, "values"))),
        "bytesValue" => Value::Bytes(base64(held.as_str().unwrap_or_default())),
        _ => Value::Empty,
    }
}

/// A field by its name in OTLP/JSON; null if it is not there.
fn field<'a>(part: &'a Json, name: &str) -> &'a Json {
    let object = part.as_object();
    let found = object.and_then(|object| object.get(name).or_else(|| object.get(&snake(name))));
    found.unwrap_or(&Json::Null)
}

fn list<'a>(part: &'a Json, name: &str) -> &'a [Json] {
    field(part, name).as_array().map_or(&[], Vec::as_slice)
}

fn text(part: &Json, name: &str) -> String {
    field(part, name).as_str().unwrap_or_default().to_owned()
}

fn number<N: TryFrom<i128> + Default>(value: &Json) -> N {
    let written = match value {
        Json::String(text) => text.parse().ok(),
        Json::Number(number) => number.to_string().parse::<i128>().ok(),
        _ => None,
    };
    written.and_then(|number: i128| N::try_from(number).ok()).unwrap_or_default()
}

/// A double, which is text when JSON has no word for it.
fn float(value: &Json) -> Option<f64> {
    match value {
        Json::String(text) => text.parse().ok(),
        other => other.as_f64(),
    }
}

fn enumeration(value: &Json, prefix: &str, names: &[&str]) -> String {
    match value {
        Json::String(name) => name.trim_start_matches(prefix).to_ascii_lowercase(),
        other => names.get(number::<usize>(other)).copied().unwrap_or("unknown").to_owned(),
    }
}

/// Ids of 8 and 16 bytes have 16 and 32 digits, or 12 and 24 in base64.
fn id(value: &Json) -> String {
    let written = value.as_str().unwrap_or_default();
    match written.len() {
        12 | 24 => hex(&base64(written)),
        _ => written.to_owned(),
    }
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for digit in text.bytes().filter_map(|byte| DIGITS.iter().position(|it| *it == byte)) {
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// `traceId` as `trace_id`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// `trace_id` as `traceId`.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |camel, part| {
        let (head, tail) = part.split_at(part.len().min(1));
        camel + &head.to_ascii_uppercase() + tail
    })
}
