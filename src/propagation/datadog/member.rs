//! The member `dd` of `tracestate`: `p:00f067aa0ba902b7;s:2;o:rum;t.dm:-4`.
//!
//! `p` is the last span of Datadog's, `s` the priority, `o` the origin, and `t.` the prefix of tags. What
//! a value may not have is `_`, and `=` is `~`.

use super::super::line::Line;
use super::MECHANISM;
use opentelemetry::trace::TraceState;

pub(super) const KEY: &str = "dd";
/// What a value in a `tracestate` has at most.
pub(super) const MAX_BYTES: usize = super::super::limits::MAX_TRACESTATE_PART_BYTES;

/// `p:`, 16 digits and a separator.
const PARENT_BYTES: usize = 19;
/// `s:-1` and a separator.
const PRIORITY_BYTES: usize = 5;

/// What Datadog's headers say beyond ids.
pub(super) struct Carried<'a> {
    pub(super) parent: Option<u64>,
    pub(super) priority: Option<i8>,
    pub(super) origin: Option<&'a str>,
    /// Without their prefix.
    pub(super) tags: &'a [(String, String)],
}

impl Carried<'_> {
    /// As the state of a trace, and whether all of it fitted.
    pub(super) fn state(&self) -> (TraceState, bool) {
        let mut line = Line::<MAX_BYTES>::new();
        let mut is_whole = true;
        if let Some(parent) = self.parent.filter(|&parent| parent != 0) {
            line.add(&["p:"]);
            line.add_hex(parent.into(), 16);
        }
        if let Some(priority) = self.priority {
            is_whole &= line.add_item(";", ["s", ":", super::name_of(priority)]);
        }
        if let Some(origin) = self.origin {
            is_whole &= line.add_item(";", ["o", ":", &encoded(origin, ",;~")]);
        }
        // Whoever is next has a parent and a priority, and the tags are still to fit.
        let parent = if self.parent.is_none_or(|parent| parent == 0) { PARENT_BYTES } else { 0 };
        let spared = parent + if self.priority.is_none() { PRIORITY_BYTES } else { 0 };
        // The reason of the decision first, for others may not fit.
        let is_reason = |(key, _): &&(String, String)| key == MECHANISM;
        let reasons = self.tags.iter().filter(is_reason);
        for (key, value) in reasons.chain(self.tags.iter().filter(|tag| !is_reason(tag))) {
            let (key, value) = (encoded(key, ",;:"), encoded(value, ",;~"));
            let item = format!("t.{key}:{value}");
            let fits = ";".len() + item.len() + spared <= line.room();
            is_whole &= fits && line.add_item(";", [&item, "", ""]);
        }
        if line.is_empty() {
            return (TraceState::default(), is_whole);
        }
        let state = TraceState::from_key_value([(KEY, line.as_str())]).unwrap_or_default();
        (state, is_whole)
    }
}

pub(super) fn priority(member: &str) -> Option<i8> {
    super::priority(value_of(member, "s")?)
}

/// Adds the origin to the line; whether there is one.
pub(super) fn origin<const N: usize>(member: &str, line: &mut Line<N>) -> bool {
    value_of(member, "o").is_some_and(|origin| !origin.is_empty() && add_decoded(origin, line))
}

/// Shows `visit` every tag, its key without any prefix.
pub(super) fn tags(member: &str, mut visit: impl FnMut(&str, &str)) {
    for (key, value) in items(member) {
        let Some(key) = key.strip_prefix("t.") else { continue };
        let mut decoded = Line::<MAX_BYTES>::new();
        if add_decoded(value, &mut decoded) {
            visit(key, decoded.as_str().trim_matches(' '));
        }
    }
}

fn items(member: &str) -> impl Iterator<Item = (&str, &str)> {
    member.split(';').filter_map(|item| item.split_once(':'))
}

fn value_of<'a>(member: &'a str, wanted: &str) -> Option<&'a str> {
    items(member).find(|(key, _)| *key == wanted).map(|(_, value)| value)
}

/// `forbidden` is what separates here.
fn encoded(text: &str, forbidden: &str) -> String {
    let encode = |c: char| match c {
        '=' => '~',
        c if forbidden.contains(c) || !(' '..='~').contains(&c) => '_',
        c => c,
    };
    text.chars().map(encode).collect()
}

fn add_decoded<const N: usize>(value: &str, line: &mut Line<N>) -> bool {
    let is_printable = super::is_printable(value);
    let parts = value.split('~').enumerate();
    is_printable
        && parts.fold(true, |fits, (at, part)| {
            fits && line.add(&[if at == 0 { "" } else { "=" }, part])
        })
}
