//! Datadog's headers: ids in decimal, 64 bits of them, and the rest in tags.
//!
//! What they say beyond ids and the decision goes on in the trace's state, as the member `dd` that
//! Datadog's own tracers put there, so that it survives a hop in either language.

mod member;

use super::carrier::Inject;
use super::headers::{Found, Headers, Position, is_printable, trim};
use super::limits::{MAX_DATADOG_ORIGIN_BYTES, MAX_DATADOG_TAGS_BYTES};
use super::line::{Line, lower_hex};
use super::outgoing::Outgoing;
use member::{Carried, KEY};
use opentelemetry::trace::TraceState;

const TRACE_ID: &str = "x-datadog-trace-id";
const PARENT_ID: &str = "x-datadog-parent-id";
const PRIORITY: &str = "x-datadog-sampling-priority";
const ORIGIN: &str = "x-datadog-origin";
const TAGS: &str = "x-datadog-tags";
/// Before every tag that is for others.
const PASSED_ON: &str = "_dd.p.";
/// The upper half of the trace's id.
const UPPER_HALF: &str = "tid";
/// How the sampling was decided.
const MECHANISM: &str = "dm";
/// Once passed on, and not any more.
const OBSOLETE: &str = "upstream_services";
/// The longest number of 64 bits.
const NUMBER_BYTES: usize = 20;

pub(super) fn extract(headers: &Headers<'_>) -> Option<Found> {
    let lower = headers.one(TRACE_ID, NUMBER_BYTES, number).and_then(|id| match id {
        0 => {
            headers.ignore();
            None
        }
        id => Some(id),
    })?;
    let before = headers.ignored();
    let parent = headers.one(PARENT_ID, NUMBER_BYTES, number);
    if headers.ignored() > before {
        return None;
    }
    let priority = headers.one(PRIORITY, NUMBER_BYTES, priority);
    let origin = headers.one(ORIGIN, MAX_DATADOG_ORIGIN_BYTES, |origin| {
        (!origin.is_empty() && is_printable(origin)).then(|| origin.to_owned())
    });
    let mut tags = headers.one(TAGS, MAX_DATADOG_TAGS_BYTES, tags).unwrap_or_default();
    let upper = upper_half(&mut tags, headers);
    // Who asks from outside of a service, such as a synthetic test, has a trace and no span. Nobody has
    // a parent of this id either, and the trace goes on.
    let span_id = parent.filter(|&id| id != 0).unwrap_or(lower);
    let carried = Carried { parent, priority, origin: origin.as_deref(), tags: &tags };
    let (state, is_whole) = carried.state();
    if !is_whole {
        headers.ignore();
    }
    Some(Found::At(Position {
        trace_id: (u128::from(upper) << 64) | u128::from(lower),
        span_id,
        sampled: priority.map(|priority| priority > 0),
        random: false,
        state,
    }))
}

/// With what others say in the same trace's state, in the place of what is older there.
pub(super) fn beside(own: TraceState, others: &TraceState) -> TraceState {
    let Some(member) = own.get(KEY) else { return others.clone() };
    others.insert(KEY, member).unwrap_or(own)
}

pub(super) fn inject(outgoing: &Outgoing<'_>, headers: &mut dyn Inject) {
    let (trace_id, span_id) = (outgoing.trace_id(), outgoing.span_id());
    let mut line = Line::<NUMBER_BYTES>::new();
    line.add_decimal(trace_id as u64);
    headers.set(TRACE_ID, line.as_str());
    let mut line = Line::<NUMBER_BYTES>::new();
    line.add_decimal(span_id);
    headers.set(PARENT_ID, line.as_str());
    let member = outgoing.span.trace_state().get(KEY).unwrap_or_default();
    // A priority that says otherwise than the decision is older than that, and so is its reason.
    let carried = member::priority(member);
    let agreeing = |priority: &i8| outgoing.decision() == Some(*priority > 0);
    match (carried.filter(agreeing), outgoing.decision()) {
        (Some(priority), _) => headers.set(PRIORITY, name_of(priority)),
        (None, Some(sampled)) => headers.set(PRIORITY, name_of(i8::from(sampled))),
        (None, None) => headers.remove(PRIORITY),
    }
    let mut origin = Line::<{ member::MAX_BYTES }>::new();
    match member::origin(member, &mut origin) {
        true => headers.set(ORIGIN, origin.as_str()),
        false => headers.remove(ORIGIN),
    }
    let is_redecided = carried.is_some_and(|priority| !agreeing(&priority));
    let tags = tag_line((trace_id >> 64) as u64, member, is_redecided);
    match tags.is_empty() {
        true => headers.remove(TAGS),
        false => headers.set(TAGS, tags.as_str()),
    }
}

fn tag_line(upper: u64, member: &str, is_redecided: bool) -> Line<MAX_DATADOG_TAGS_BYTES> {
    let mut line = Line::new();
    if upper != 0 {
        line.add(&[PASSED_ON, UPPER_HALF, "="]);
        line.add_hex(upper.into(), 16);
    }
    member::tags(member, |key, value| {
        let is_ours = matches!(key, UPPER_HALF | OBSOLETE);
        let is_wrong = key == MECHANISM && (is_redecided || !is_mechanism(value));
        if is_ours || is_wrong || !is_tag_key(key) || value.is_empty() || value.contains(',') {
            return;
        }
        let separator = if line.is_empty() { "" } else { "," };
        line.add(&[separator, PASSED_ON, key, "=", value]);
    });
    line
}

fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

fn priority(text: &str) -> Option<i8> {
    (-1..=2).find(|&priority| name_of(priority) == text)
}

fn name_of(priority: i8) -> &'static str {
    match priority {
        ..=-1 => "-1",
        0 => "0",
        1 => "1",
        2.. => "2",
    }
}

/// Keys without their prefix. One wrong tag makes them all doubtful.
fn tags(text: &str) -> Option<Vec<(String, String)>> {
    let mut tags = Vec::new();
    for tag in text.split(',').filter(|_| !text.is_empty()) {
        let (key, value) = tag.split_once('=')?;
        let value = trim(value);
        if !is_tag_key(key) || value.is_empty() || !is_printable(value) {
            return None;
        }
        match key.strip_prefix(PASSED_ON) {
            Some(MECHANISM) if !is_mechanism(value) => return None,
            None | Some("" | OBSOLETE) => {}
            Some(key) => tags.push((key.to_owned(), value.to_owned())),
        }
    }
    Some(tags)
}

fn is_tag_key(key: &str) -> bool {
    let is_right = |byte: u8| byte.is_ascii_graphic() && !b",=".contains(&byte);
    !key.is_empty() && key.bytes().all(is_right)
}

/// Such as `-4`, for a rule of the user's.
fn is_mechanism(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or_default();
    (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Takes the upper half of the trace's id from among the tags; 0 if it has none.
fn upper_half(tags: &mut Vec<(String, String)>, headers: &Headers<'_>) -> u64 {
    let Some(place) = tags.iter().position(|(key, _)| key == UPPER_HALF) else { return 0 };
    let upper = lower_hex(&tags.remove(place).1, 16).filter(|&upper| upper != 0);
    if upper.is_none() {
        headers.ignore();
    }
    tags.retain(|(key, _)| key != UPPER_HALF);
    upper.unwrap_or_default() as u64
}
