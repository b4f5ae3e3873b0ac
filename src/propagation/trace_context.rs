//! `traceparent` and `tracestate`, by the W3C's Trace Context, level 2.

use super::carrier::Inject;
use super::headers::{Found, Headers, Position, is_printable, trim};
use super::limits::{
    MAX_TRACEPARENT_BYTES, MAX_TRACESTATE_BYTES, MAX_TRACESTATE_MEMBERS, MAX_TRACESTATE_PART_BYTES,
    MAX_TRACESTATE_SPARED_BYTES,
};
use super::line::{Line, lower_hex};
use super::outgoing::Outgoing;
use crate::trace::RANDOM;
use opentelemetry::trace::{TraceFlags, TraceState};

const PARENT: &str = "traceparent";
const STATE: &str = "tracestate";
/// `00-`, the ids and the flags.
const PARENT_BYTES: usize = 55;

pub(super) fn extract(headers: &Headers<'_>) -> Option<Found> {
    let position = headers.one(PARENT, MAX_TRACEPARENT_BYTES, parse)?;
    let state = extract_state(headers);
    Some(Found::At(Position { state, ..position }))
}

/// What others passed on; empty where it makes no sense, which says nothing against the parent.
pub(super) fn extract_state(headers: &Headers<'_>) -> TraceState {
    let mut members = Members::default();
    headers.all(STATE, |value| members.read(value));
    if members.is_invalid {
        headers.ignore();
        return TraceState::default();
    }
    if members.shorten() {
        headers.ignore();
    }
    TraceState::from_key_value(members.list).unwrap_or_else(|_| {
        headers.ignore();
        TraceState::default()
    })
}

pub(super) fn inject(outgoing: &Outgoing<'_>, headers: &mut dyn Inject) {
    let span = outgoing.span;
    let mut parent = Line::<PARENT_BYTES>::new();
    let flags = span.trace_flags() & (TraceFlags::SAMPLED | RANDOM);
    parent.add(&["00-"]);
    parent.add_hex(outgoing.trace_id(), 32);
    parent.add(&["-"]);
    parent.add_hex(outgoing.span_id().into(), 16);
    parent.add(&["-"]);
    parent.add_hex(flags.to_u8().into(), 2);
    headers.set(PARENT, parent.as_str());
    let state = state_line(span.trace_state());
    match state.is_empty() {
        true => headers.remove(STATE),
        false => headers.set(STATE, state.as_str()),
    }
}

/// As it goes out: what is left of it within the bounds, for others may have added to it.
fn state_line(state: &TraceState) -> Line<MAX_TRACESTATE_BYTES> {
    let length: usize = state.into_iter().map(|(key, value)| member_bytes(key, value)).sum();
    let is_long = length > MAX_TRACESTATE_BYTES + 1;
    let mut line = Line::new();
    for (key, value) in state {
        let is_wordy = member_bytes(key, value) - 1 > MAX_TRACESTATE_SPARED_BYTES;
        let fits = is_printable(value) && !(is_long && is_wordy);
        if fits && !line.add_item(",", [key, "=", value]) {
            break;
        }
    }
    line
}

/// With the comma after it.
fn member_bytes(key: &str, value: &str) -> usize {
    key.len() + value.len() + "=,".len()
}

/// Of the fields that a future version adds nothing is known, and nothing passed on.
fn parse(text: &str) -> Option<Position> {
    if !text.is_ascii() || text.len() < PARENT_BYTES {
        return None;
    }
    let (known, more) = text.split_at(PARENT_BYTES);
    let mut parts = known.split('-');
    let mut next = |digits| lower_hex(parts.next()?, digits);
    let (version, trace_id, span_id, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
    let ends_well = match version {
        0 => more.is_empty(),
        0xff => false,
        _ => more.is_empty() || more.starts_with('-'),
    };
    let flags = TraceFlags::new(flags as u8);
    let position = Position {
        trace_id,
        span_id: span_id as u64,
        sampled: Some(flags & TraceFlags::SAMPLED == TraceFlags::SAMPLED),
        random: flags & RANDOM == RANDOM,
        state: TraceState::default(),
    };
    (ends_well && trace_id != 0 && span_id != 0).then_some(position)
}

/// The members of all `tracestate` headers, in their order.
#[derive(Default)]
struct Members {
    list: Vec<(String, String)>,
    is_invalid: bool,
    /// Of a key that stands twice the first counts, which is the latest.
    has_doubles: bool,
}

impl Members {
    fn read(&mut self, value: &str) {
        for member in value.split(',').map(trim).filter(|member| !member.is_empty()) {
            if self.is_invalid {
                return;
            }
            match member.split_once('=').filter(|(key, value)| is_key(key) && is_value(value)) {
                Some((key, _)) if self.list.iter().any(|(known, _)| known == key) => {
                    self.has_doubles = true;
                }
                Some((key, value)) if self.list.len() < MAX_TRACESTATE_MEMBERS => {
                    self.list.push((key.to_owned(), value.to_owned()));
                }
                _ => self.is_invalid = true,
            }
        }
    }

    /// Leaves out what goes past the bound, as the W3C has it; whether anything is gone.
    fn shorten(&mut self) -> bool {
        let length = |list: &[(String, String)]| -> usize {
            list.iter().map(|(key, value)| member_bytes(key, value)).sum()
        };
        let before = self.list.len();
        // The last one has no comma.
        if length(&self.list) > MAX_TRACESTATE_BYTES + 1 {
            let spared = |key: &str, value: &str| {
                member_bytes(key, value) - 1 <= MAX_TRACESTATE_SPARED_BYTES
            };
            self.list.retain(|(key, value)| spared(key, value));
        }
        while length(&self.list) > MAX_TRACESTATE_BYTES + 1 {
            self.list.pop();
        }
        self.has_doubles || self.list.len() < before
    }
}

fn is_key(key: &str) -> bool {
    let is_start = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_inner = |byte| is_start(byte) || b"_-*/@".contains(&byte);
    key.len() <= MAX_TRACESTATE_PART_BYTES
        && key.bytes().next().is_some_and(is_start)
        && key.bytes().all(is_inner)
}

fn is_value(value: &str) -> bool {
    let fits = (1..=MAX_TRACESTATE_PART_BYTES).contains(&value.len());
    fits && is_printable(value) && !value.contains('=')
}
