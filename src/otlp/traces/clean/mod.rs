//! What every finished span passes before it is encoded: nothing unsampled, nothing forbidden,
//! nothing without a bound, no key twice.

mod keys;
mod numbers;
mod value;
mod weight;

use crate::config::settings::SpanLimits;
use crate::scrub::{self, KeyClass, Policy, Sink};
use crate::status::{DropReason, Drops};
use keys::{Class, Classes, Holds};
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanContext, Status, TraceState};
use opentelemetry_sdk::trace::SpanData;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use value::Fate;
pub(super) use weight::{BODY_OVERHEAD, weight};

/// The longest text of an error: a status' description, an exception's message; in characters.
const MAX_ERROR_CHARS: usize = 200;
const MAX_STACKTRACE_CHARS: usize = 4_096;
/// The longest key, in characters.
const MAX_KEY_CHARS: usize = 200;
/// However long a value may be by configuration, it is cut here, in characters: such a value alone
/// stays below what a span may take.
const MAX_VALUE_CHARS: usize = 32_768;
/// Up to here comparing each key with each is cheaper than a set of them.
const FEW: usize = 32;

/// Cleans batches of spans, in place: every text passes the policy before it is cut.
///
/// A span in which there is nothing to mend costs no allocation.
#[derive(Debug)]
pub(crate) struct Cleaner {
    value_chars: usize,
    policy: Arc<Policy>,
    drops: &'static Drops,
    classes: Mutex<Classes>,
}

impl Cleaner {
    /// Counts what it changes and takes away with `drops`.
    pub(crate) fn new(limits: &SpanLimits, policy: Arc<Policy>, drops: &'static Drops) -> Self {
        let value_chars = limits.value_length.min(MAX_VALUE_CHARS);
        Cleaner { value_chars, policy, drops, classes: Mutex::default() }
    }

    /// Removes what is not sampled, which is no loss, and mends the others.
    pub(crate) fn clean(&self, batch: &mut Vec<SpanData>) {
        // The SDK's batch processor passes spans on that are recorded but not sampled.
        batch.retain(|span| span.span_context.is_sampled());
        let mut classes = self.classes.lock().unwrap_or_else(PoisonError::into_inner);
        for span in batch {
            self.span(span, &mut classes);
        }
    }

    fn span(&self, span: &mut SpanData, classes: &mut Classes) {
        self.name(&mut span.name, scrub::MAX_NAME_CHARS);
        self.attributes(&mut span.attributes, classes);
        for event in &mut span.events.events {
            // What was logged stands in the name.
            self.name(&mut event.name, self.value_chars);
            self.attributes(&mut event.attributes, classes);
        }
        self.state(&mut span.span_context);
        for link in &mut span.links.links {
            self.state(&mut link.span_context);
            self.attributes(&mut link.attributes, classes);
        }
        if let Status::Error { description } = &mut span.status {
            self.name(description, MAX_ERROR_CHARS);
        }
        let gone = weight::fit(span);
        if gone > 0 {
            self.drops.add(DropReason::TagChanged, gone);
        }
    }

    /// What others had to say of a trace goes as a whole: a part of it says something else.
    fn state(&self, context: &mut SpanContext) {
        if context.trace_state().into_iter().next().is_none() {
            return;
        }
        let header = context.trace_state().header();
        if self.policy.text(&header, header.len(), Sink::Spans) == header {
            return;
        }
        let (trace, span) = (context.trace_id(), context.span_id());
        let (flags, is_remote) = (context.trace_flags(), context.is_remote());
        *context = SpanContext::new(trace, span, flags, is_remote, TraceState::NONE);
        self.drops.add(DropReason::TagDenied, 1);
    }

    /// A name, or what a status says: one line.
    fn name(&self, name: &mut Cow<'static, str>, max_chars: usize) {
        let scrubbed = self.policy.text(name.trim(), max_chars, Sink::Spans);
        if is_same(&scrubbed, name) && is_plain(name, max_chars) {
            return;
        }
        let printable = scrub::text(&scrubbed, max_chars);
        // What is replaced in a line may be all that hid something.
        let printable = self.policy.text(&printable, max_chars, Sink::Spans);
        if printable != *name {
            *name = Cow::Owned(printable.into_owned());
            self.drops.add(DropReason::TextChanged, 1);
        }
    }

    fn attributes(&self, attributes: &mut Vec<KeyValue>, classes: &mut Classes) {
        attributes.retain_mut(|attribute| self.attribute(attribute, classes));
        let duplicates = match attributes.len() {
            0 | 1 => 0,
            2..=FEW => keep_last_of_few(attributes),
            _ => keep_last_of_many(attributes),
        };
        if duplicates > 0 {
            self.drops.add(DropReason::TagDuplicate, duplicates);
        }
    }

    /// Mends one attribute; `false` if it must go.
    fn attribute(&self, attribute: &mut KeyValue, classes: &mut Classes) -> bool {
        let KeyValue { key, value, .. } = attribute;
        let (class, holds) = match classes.of(key.as_str(), &self.policy) {
            Class::Known(class, holds) => (class, holds),
            Class::Found => {
                // Replaces nothing, but counts.
                let _ = self.policy.text(key.as_str(), MAX_KEY_CHARS, Sink::Spans);
                self.drops.add(DropReason::TagDenied, 1);
                return false;
            }
            Class::Odd => {
                self.drops.add(DropReason::TagChanged, 1);
                return self.mend_key(attribute) && self.attribute(attribute, classes);
            }
        };
        let max_chars = match holds {
            Holds::Any | Holds::Integer => self.value_chars,
            Holds::Error => self.value_chars.min(MAX_ERROR_CHARS),
            Holds::Stacktrace => self.value_chars.min(MAX_STACKTRACE_CHARS),
        };
        match value::scrub(value, (key.as_str(), class), max_chars, &self.policy) {
            // What it is as a text was judged before.
            Fate::Same if holds == Holds::Integer => numbers::coerce(value),
            Fate::Same => {}
            Fate::Changed if class == KeyClass::Denied => self.drops.add(DropReason::TagDenied, 1),
            Fate::Changed => self.drops.add(DropReason::TagChanged, 1),
            Fate::Gone => {
                self.drops.add(DropReason::TagDenied, 1);
                return false;
            }
        }
        true
    }

    /// Makes an odd key an ordinary one; `false` if nothing is left of it.
    fn mend_key(&self, attribute: &mut KeyValue) -> bool {
        // Cutting may leave a space at the end, which would be odd again.
        let key = scrub::text(attribute.key.as_str(), MAX_KEY_CHARS).trim_end().to_owned();
        let is_left = !key.is_empty();
        attribute.key = key.into();
        is_left
    }
}

/// Whether a text came through as it was; most do, and are not read once more for that.
fn is_same(after: &str, before: &str) -> bool {
    std::ptr::eq(after, before) || after == before
}

/// Whether a text is short, and of ordinary characters alone; errs on the side of `false`.
fn is_plain(text: &str, max_chars: usize) -> bool {
    let bytes = text.as_bytes();
    let ends_plain = bytes.first() != Some(&b' ') && bytes.last() != Some(&b' ');
    bytes.len() <= max_chars && ends_plain && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Of attributes with the same key the last written counts; how many went.
fn keep_last_of_few(attributes: &mut Vec<KeyValue>) -> u64 {
    let before = attributes.len();
    let mut at = 0;
    while at + 1 < attributes.len() {
        let (key, later) = (attributes[at].key.as_str(), &attributes[at + 1..]);
        match later.iter().any(|other| other.key.as_str() == key) {
            true => drop(attributes.remove(at)),
            false => at += 1,
        }
    }
    (before - attributes.len()) as u64
}

fn keep_last_of_many(attributes: &mut Vec<KeyValue>) -> u64 {
    let before = attributes.len();
    let mut seen = HashSet::with_capacity(before);
    attributes.reverse();
    attributes.retain(|attribute| seen.insert(attribute.key.clone()));
    attributes.reverse();
    (before - attributes.len()) as u64
}

#[cfg(test)]
mod tests;
