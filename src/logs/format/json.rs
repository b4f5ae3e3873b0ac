//! A line of JSON, for machines.
//!
//! The host's fields stand at the top, where Datadog's standard attributes (`http.status_code`,
//! `usr.id`) work as they are and where `| json` of Loki gives them their own names. Names that are
//! taken go below `fields`, so ours always mean what they say: `status = 503` is `fields.status`.

use super::fields::{Room, write_error};
use super::{hexadecimal, names};
use crate::logs::clock;
use crate::logs::current::{self, Current};
use crate::logs::escape::{Fit, Place, escape, write_value};
use crate::logs::fields::{Class, Classes, shown_name};
use crate::logs::limits::MAX_LOG_LINE_BYTES;
use crate::logs::rules::{Rules, Shown};
use crate::resource::Resource;
use crate::scrub::{MAX_NAME_CHARS, REDACTED};
use crate::status::DropReason;
use crate::trace::SpanIds;
use std::error::Error;
use std::fmt::{self, Debug, Write};
use std::sync::Arc;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata};
use tracing_log::NormalizeEvent;

/// Names at their longest, escaped at their worst, and all else that is in every line.
const FIXED_BYTES: usize = 2 * 6 * MAX_NAME_CHARS + 512;
/// Room for a number, or for what stands in the place of a value.
const SHORT_VALUE: usize = 48;

/// Writes events as JSON.
#[derive(Debug, Clone)]
pub(in crate::logs) struct Json {
    /// `,"service":"upload"` and so on, and the end of the line.
    identity: String,
    rules: Arc<Rules>,
}

impl Json {
    pub(super) fn new(resource: &Resource, rules: Arc<Rules>) -> Self {
        let mut identity = String::new();
        for (key, value) in resource.unified_tags() {
            let _ = write!(identity, ",\"{key}\":\"");
            escape(&mut identity, value, Place::Quoted);
            identity.push('"');
        }
        identity.push_str("}\n");
        Json { identity, rules }
    }

    /// Writes one line; `span` is the event's span.
    pub(super) fn write<W: Write>(
        &self,
        out: &mut W,
        event: &Event<'_>,
        span: Option<&'static Metadata<'static>>,
    ) {
        let Current { time, ids, classes, .. } = current::get();
        let rules = &*self.rules;
        let normalized = event.normalized_metadata();
        let _ = out.write_str("{\"timestamp\":\"");
        let _ = clock::write_micros(out, time);
        let _ = out.write_str(level_part(*event.metadata().level()));
        name(out, &names::target(event, normalized.as_ref(), rules));
        let _ = out.write_str("\"");
        let fixed = FIXED_BYTES + self.identity.len();
        let mut fields = Fields {
            out,
            room: Room::new(MAX_LOG_LINE_BYTES.saturating_sub(fixed), rules),
            rules,
            classes,
            nested: false,
            separator: ",\"",
        };
        event.record(&mut fields);
        fields.write_nested(event);
        fields.room.count(rules.drops);
        if let Some(span) = span {
            let _ = out.write_str(",\"span\":\"");
            name(out, &names::span(span, rules));
            let _ = out.write_str("\"");
        }
        if let Some(ids) = ids {
            let _ = write_ids(out, ids);
        }
        let _ = out.write_str(&self.identity);
    }
}

fn level_part(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\",\"level\":\"ERROR\",\"target\":\"",
        Level::WARN => "\",\"level\":\"WARN\",\"target\":\"",
        Level::INFO => "\",\"level\":\"INFO\",\"target\":\"",
        Level::DEBUG => "\",\"level\":\"DEBUG\",\"target\":\"",
        Level::TRACE => "\",\"level\":\"TRACE\",\"target\":\"",
    }
}

/// A target or a span's name, as long as it may be.
fn name(out: &mut impl Write, text: &str) {
    let mut room = 6 * MAX_NAME_CHARS;
    write_value(out, text, Place::Quoted, MAX_NAME_CHARS, &mut room, Fit::Whole);
}

/// In OpenTelemetry's words, then in Datadog's, which knows the lower half of a trace's id in decimal.
fn write_ids(out: &mut impl Write, ids: SpanIds) -> fmt::Result {
    let SpanIds { trace_id, span_id, .. } = ids;
    let mut hex = [0; 32];
    out.write_str(",\"trace_id\":\"")?;
    out.write_str(hexadecimal(trace_id, &mut hex))?;
    out.write_str("\",\"span_id\":\"")?;
    out.write_str(hexadecimal(u128::from(span_id), &mut hex[..16]))?;
    write!(out, "\",\"dd.trace_id\":\"{}\",\"dd.span_id\":\"{span_id}\"", trace_id as u64)
}

/// The host's fields, one pass for those at the top and one for those below `fields`.
struct Fields<'a, W> {
    out: &'a mut W,
    room: Room<'a>,
    rules: &'a Rules,
    classes: Classes,
    nested: bool,
    /// Before the next key.
    separator: &'static str,
}

impl<W: Write> Fields<'_, W> {
    /// Those whose names are taken, if there are any.
    fn write_nested(&mut self, event: &Event<'_>) {
        if !self.classes.any_nested() || !self.room.take(SHORT_VALUE) {
            return;
        }
        let _ = self.out.write_str(",\"fields\":{");
        (self.nested, self.separator) = (true, "\"");
        event.record(self);
        let _ = self.out.write_str("}");
    }

    /// Writes the key, where the field belongs into this pass and has room; its value comes next.
    fn key(&mut self, field: &Field) -> Option<Shown> {
        let (key, class) = (shown_name(field), self.classes.get(field, self.rules));
        match class {
            Class::Hidden => return None,
            Class::Duplicate => {
                self.rules.drops.add(DropReason::TagDuplicate, u64::from(!self.nested));
                return None;
            }
            _ if matches!(class, Class::Nested(_)) != self.nested => return None,
            _ if self.rules.leaves_out(key, class) => return None,
            _ => {}
        }
        if !self.room.take(6 * key.len() + SHORT_VALUE) {
            return None;
        }
        let _ = self.out.write_str(self.separator);
        escape(self.out, key, Place::Quoted);
        let _ = self.out.write_str("\":");
        self.separator = ",\"";
        let field = Shown { name: key, class };
        if self.rules.denies(field) {
            let _ = write!(self.out, "\"{REDACTED}\"");
            return None;
        }
        Some(field)
    }

    /// What JSON has its own form for, unless it is the message, which is always a text.
    fn literal(&mut self, field: &Field, value: impl Debug, is_number: bool) {
        let Some(field) = self.key(field) else { return };
        let _ = match is_number && field.class != Class::Message {
            // A number can be somebody as well.
            _ if field.is_pseudonym() => return self.quoted(field, |out| write!(out, "{value:?}")),
            true => write!(self.out, "{value:?}"),
            false => write!(self.out, "\"{value:?}\""),
        };
    }

    /// What formats itself.
    fn quoted(&mut self, field: Shown, format: impl FnOnce(&mut dyn Write) -> fmt::Result) {
        let _ = self.out.write_str("\"");
        self.room.format(self.out, Place::Quoted, field, format);
        let _ = self.out.write_str("\"");
    }
}

impl<W: Write> Visit for Fields<'_, W> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        match value.is_finite() {
            true => self.literal(field, value, true),
            false => self.literal(field, format_args!("null"), true),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.literal(field, value, true);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.literal(field, value, true);
    }

    /// What no reader has an integer for is a text, so that no digit is lost.
    fn record_i128(&mut self, field: &Field, value: i128) {
        self.literal(field, value, i64::try_from(value).is_ok() || u64::try_from(value).is_ok());
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.literal(field, value, u64::try_from(value).is_ok());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.literal(field, value, true);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let Some(field) = self.key(field) else { return };
        let _ = self.out.write_str("\"");
        self.room.text(self.out, Place::Quoted, field, value);
        let _ = self.out.write_str("\"");
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let Some(field) = self.key(field) else { return };
        self.quoted(field, |out| write_error(out, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let Some(field) = self.key(field) else { return };
        self.quoted(field, |out| write!(out, "{value:?}"));
    }
}
