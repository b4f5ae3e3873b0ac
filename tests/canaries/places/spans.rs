//! Spans: names, attributes, status, links, events, by `tracing` and by OpenTelemetry.

use super::{Fits, Place, SPANS, World, keyed};
use crate::canary::Planted;
use lightship::detail;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use std::error::Error;
use std::fmt;
use tracing::{field, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

pub(crate) const PLACES: &[Place] = &[
    Place { name: "attribute by Display", plant: displayed, ..VALUES },
    Place { name: "attribute as text", plant: text, ..VALUES },
    Place { name: "attribute by Debug", plant: debugged, ..VALUES },
    Place { name: "attribute recorded later", plant: recorded, ..VALUES },
    Place { name: "lightship::detail", plant: set, ..VALUES },
    Place { name: "OpenTelemetry's set_attribute", plant: set_by_otel, ..VALUES },
    Place { name: "array", plant: array, ..VALUES },
    Place { name: "attribute of an OpenTelemetry event", plant: event_by_otel, ..VALUES },
    Place { name: "attribute of a link", beside: TRACES, within: TRACES, plant: link, ..VALUES },
    Place { name: "Debug of a struct", takes: Fits::All, within: &[], plant: structure, ..VALUES },
    Place { name: "error of an attribute", takes: Fits::Looks, plant: error, ..VALUES },
    Place { name: "otel.name", takes: Fits::Looks, plant: name, ..VALUES },
    Place { name: "status", takes: Fits::Looks, plant: status, ..VALUES },
    Place { name: "status by OpenTelemetry", takes: Fits::Looks, plant: status_by_otel, ..VALUES },
    Place {
        name: "name of an OpenTelemetry event",
        takes: Fits::Looks,
        plant: event_name,
        ..VALUES
    },
    Place { name: "attribute key", takes: Fits::Looks, within: &[], plant: key, ..VALUES },
    Place {
        name: "tracestate of a link",
        takes: Fits::Tokens,
        within: &[],
        plant: tracestate,
        ..VALUES
    },
];
/// Captures have no links.
const TRACES: &[super::Backend] = &[super::Backend::Traces];
const VALUES: Place =
    Place { name: "", takes: Fits::All, beside: SPANS, within: SPANS, plant: text };

fn text(_: &World, it: &Planted) {
    keyed!(it, info_span! { "text", mark = it.beside, } { it.value }).in_scope(|| {});
}

fn displayed(_: &World, it: &Planted) {
    keyed!(it, info_span! { "displayed", mark = it.beside, } { %it.value }).in_scope(|| {});
}

fn debugged(_: &World, it: &Planted) {
    keyed!(it, info_span! { "debugged", mark = it.beside, } { ?it.value }).in_scope(|| {});
}

fn recorded(_: &World, it: &Planted) {
    let span = keyed!(it, info_span! { "recorded", mark = it.beside, } { field::Empty });
    span.record(it.key, it.value.as_str());
}

fn set(_: &World, it: &Planted) {
    let _span = info_span!("set").entered();
    detail("mark", &it.beside);
    detail(it.key, &it.value);
}

fn set_by_otel(_: &World, it: &Planted) {
    let span = info_span!("set by otel", mark = it.beside);
    span.set_attribute(it.key, it.value.clone());
}

fn array(_: &World, it: &Planted) {
    let span = info_span!("array", mark = it.beside);
    let texts = vec![StringValue::from("first"), it.value.clone().into()];
    span.set_attribute(it.key, Value::Array(Array::String(texts)));
}

fn event_by_otel(_: &World, it: &Planted) {
    let span = info_span!("event by otel");
    let attributes =
        vec![KeyValue::new("mark", it.beside.clone()), KeyValue::new(it.key, it.value.clone())];
    span.add_event("an event", attributes);
}

fn remote(state: TraceState) -> SpanContext {
    let ids = (TraceId::from(0xfeed_u128), SpanId::from(0xbeef_u64));
    SpanContext::new(ids.0, ids.1, TraceFlags::SAMPLED, true, state)
}

fn link(_: &World, it: &Planted) {
    let attributes =
        vec![KeyValue::new("mark", it.beside.clone()), KeyValue::new(it.key, it.value.clone())];
    info_span!("link").add_link_with_attributes(remote(TraceState::NONE), attributes);
}

/// As `derive(Debug)` writes it.
struct Login<'p>(&'p Planted);

impl fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = match self.0.key {
            "password" | "db.password" => "password",
            _ => "note",
        };
        let mut login = f.debug_struct("Login");
        login.field("tenant", &"acme");
        match self.0.key {
            // What only a key tells, the field of a struct can't.
            "user.id" | "patient.full_name" => login.finish_non_exhaustive(),
            _ => login.field(key, &self.0.value).finish(),
        }
    }
}

fn structure(_: &World, it: &Planted) {
    info_span!("structure", mark = it.beside, login = ?Login(it)).in_scope(|| {});
}

/// An error with a cause.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) text: String,
    pub(crate) cause: Option<Box<Failed>>,
}

impl Failed {
    pub(crate) fn of(it: &Planted) -> Self {
        let cause = Failed { text: it.value.clone(), cause: None };
        Failed { text: "could not log in".to_owned(), cause: Some(Box::new(cause)) }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

fn error(_: &World, it: &Planted) {
    let error = Failed { text: it.value.clone(), cause: Some(Box::new(Failed::of(it))) };
    let error: &(dyn Error + 'static) = &error;
    info_span!("error", mark = it.beside, error).in_scope(|| {});
}

fn name(_: &World, it: &Planted) {
    info_span!("name", mark = it.beside, otel.name = it.value).in_scope(|| {});
}

fn status(_: &World, it: &Planted) {
    let span = info_span!(
        "status",
        mark = it.beside,
        otel.status_code = "ERROR",
        otel.status_description = it.value
    );
    span.in_scope(|| {});
}

fn status_by_otel(_: &World, it: &Planted) {
    let span = info_span!("status by otel", mark = it.beside);
    span.set_status(opentelemetry::trace::Status::error(it.value.clone()));
}

fn event_name(_: &World, it: &Planted) {
    info_span!("event name", mark = it.beside).add_event(it.value.clone(), Vec::new());
}

fn key(_: &World, it: &Planted) {
    let span = info_span!("key", mark = it.beside);
    span.set_attribute(it.canary.clone(), "x");
    span.add_event("an event", vec![KeyValue::new(it.canary.clone(), "x")]);
}

fn tracestate(_: &World, it: &Planted) {
    let state = TraceState::from_key_value([("vendor", it.canary.as_str())]).unwrap();
    let context = Context::new().with_remote_span_context(remote(state.clone()));
    info_span!("tracestate", mark = it.beside).add_link(remote(state));
    let child = info_span!("tracestate", otel.kind = "server", mark = it.beside);
    child.set_parent(context).unwrap();
}
