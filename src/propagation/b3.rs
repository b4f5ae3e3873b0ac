//! Zipkin's headers: `b3`, and `x-b3-traceid` with its siblings.

use super::carrier::Inject;
use super::headers::{Found, Headers, Position};
use super::limits::MAX_B3_BYTES;
use super::line::{Line, hex};
use super::outgoing::Outgoing;
use opentelemetry::trace::TraceState;

const SINGLE: &str = "b3";
const TRACE_ID: &str = "x-b3-traceid";
const SPAN_ID: &str = "x-b3-spanid";
const PARENT_SPAN_ID: &str = "x-b3-parentspanid";
const SAMPLED: &str = "x-b3-sampled";
const FLAGS: &str = "x-b3-flags";

/// `trace-span`, `trace-span-decision`, either with `-parent` behind it, or a decision alone.
pub(super) fn extract_single(headers: &Headers<'_>) -> Option<Found> {
    headers.one(SINGLE, MAX_B3_BYTES, |value| {
        let mut parts = value.split('-');
        let first = parts.next()?;
        let Some(span_id) = parts.next() else { return decision(first).map(Found::Decision) };
        let (third, fourth) = (parts.next(), parts.next());
        let (sampled, parent) = match third {
            Some(third) if fourth.is_none() && span_of(third).is_some() => (None, Some(third)),
            third => (third, fourth),
        };
        let is_whole = parts.next().is_none() && parent.is_none_or(|id| hex(id, 16).is_some());
        let sampled = match sampled {
            Some(sampled) => Some(decision(sampled)?),
            None => None,
        };
        let position = position(trace_of(first)?, span_of(span_id)?, sampled);
        is_whole.then_some(Found::At(position))
    })
}

pub(super) fn extract_multi(headers: &Headers<'_>) -> Option<Found> {
    let ignored = headers.ignored();
    let sampled = headers.one(SAMPLED, MAX_B3_BYTES, decision);
    // Debug is more than sampled. Nothing else is known of it.
    let is_debug = headers.one(FLAGS, MAX_B3_BYTES, |flags| Some(flags == "1")) == Some(true);
    let sampled = if is_debug { Some(true) } else { sampled };
    let trace_id = headers.one(TRACE_ID, MAX_B3_BYTES, trace_of);
    let span_id = headers.one(SPAN_ID, MAX_B3_BYTES, span_of);
    let was_right = headers.ignored() == ignored;
    match (trace_id, span_id) {
        (Some(trace_id), Some(span_id)) => Some(Found::At(position(trace_id, span_id, sampled))),
        (None, None) if was_right => sampled.map(Found::Decision),
        // Half a place is none.
        _ => {
            if was_right {
                headers.ignore();
            }
            None
        }
    }
}

pub(super) fn inject_single(outgoing: &Outgoing<'_>, headers: &mut dyn Inject) {
    let mut line = Line::<MAX_B3_BYTES>::new();
    add_trace_id(outgoing, &mut line);
    line.add(&["-"]);
    line.add_hex(outgoing.span_id().into(), 16);
    if let Some(sampled) = outgoing.decision() {
        line.add(&["-", digit(sampled)]);
    }
    headers.set(SINGLE, line.as_str());
}

pub(super) fn inject_multi(outgoing: &Outgoing<'_>, headers: &mut dyn Inject) {
    let (mut trace_id, mut span_id) = (Line::<32>::new(), Line::<16>::new());
    add_trace_id(outgoing, &mut trace_id);
    span_id.add_hex(outgoing.span_id().into(), 16);
    headers.set(TRACE_ID, trace_id.as_str());
    headers.set(SPAN_ID, span_id.as_str());
    match outgoing.decision() {
        Some(sampled) => headers.set(SAMPLED, digit(sampled)),
        None => headers.remove(SAMPLED),
    }
    headers.remove(FLAGS);
    headers.remove(PARENT_SPAN_ID);
}

/// As long as it came, for there are tracers that know ids of 64 bits alone.
fn add_trace_id<const N: usize>(outgoing: &Outgoing<'_>, line: &mut Line<N>) {
    let trace_id = outgoing.trace_id();
    line.add_hex(trace_id, if trace_id >> 64 == 0 { 16 } else { 32 });
}

fn digit(sampled: bool) -> &'static str {
    if sampled { "1" } else { "0" }
}

/// `true` and `false` are what old tracers send.
fn decision(text: &str) -> Option<bool> {
    match text {
        "1" | "d" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

fn trace_of(text: &str) -> Option<u128> {
    hex(text, 32).or_else(|| hex(text, 16)).filter(|&id| id != 0)
}

fn span_of(text: &str) -> Option<u64> {
    hex(text, 16).map(|id| id as u64).filter(|&id| id != 0)
}

fn position(trace_id: u128, span_id: u64, sampled: Option<bool>) -> Position {
    Position { trace_id, span_id, sampled, random: false, state: TraceState::default() }
}
