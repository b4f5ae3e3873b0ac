//! A line for people: tracing-subscriber's full format, with fields of ours.

use super::fields::{Room, write_error};
use super::{hexadecimal, names};
use crate::logs::clock::Clock;
use crate::logs::current::{self, Current};
use crate::logs::escape::{Place, escape};
use crate::logs::fields::{Class, Classes, shown_name};
use crate::logs::limits::MAX_LOG_LINE_BYTES;
use crate::logs::rules::{Rules, Shown};
use crate::scrub::REDACTED;
use crate::status::DropReason;
use std::error::Error;
use std::fmt::{self, Debug, Write};
use std::sync::Arc;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{self, Format, Full, Writer};
use tracing_subscriber::fmt::time::FormatTime;

const ITALIC: &str = "\u{1b}[3m";
const DIMMED: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";
/// Time, level, spans and target: what is longer is cut by whoever takes the line.
const FIXED_BYTES: usize = 4096;
/// Room for a number, for what stands in the place of a value, and for colours.
const SHORT_VALUE: usize = 64;

/// `2026-11-21T22:10:32.123Z  INFO request: upload::http: message key=value`.
pub(super) fn format() -> Format<Full, Clock> {
    format::format().with_timer(Clock)
}

/// Formats an event's fields, scrubbed and escaped, with the trace's id behind them.
#[derive(Debug, Clone)]
pub(in crate::logs) struct TextFields(pub(in crate::logs) Arc<Rules>);

impl<'w> FormatFields<'w> for TextFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        write_fields(&mut writer, &fields, &self.0);
        Ok(())
    }
}

fn write_fields(writer: &mut Writer<'_>, fields: &impl RecordFields, rules: &Rules) {
    let Current { ids, classes, .. } = current::get();
    let colours = writer.has_ansi_escapes();
    let room = Room::new(MAX_LOG_LINE_BYTES - FIXED_BYTES, rules);
    let mut visitor = Fields { out: writer, room, rules, classes, colours, first: true };
    fields.record(&mut visitor);
    visitor.room.count(rules.drops);
    if let Some(ids) = ids {
        visitor.key("trace_id", DIMMED);
        let _ = writer.write_str(hexadecimal(ids.trace_id, &mut [0; 32]));
    }
}

/// A whole line without tracing-subscriber: for a thread that is past the end of its thread-locals, and
/// where something must be taken out of the name of a span, from the root on, or out of the target.
pub(super) fn write_plainly(
    mut writer: Writer<'_>,
    event: &Event<'_>,
    spans: &[&'static Metadata<'static>],
    target: &str,
    rules: &Rules,
) {
    let _ = Clock.format_time(&mut writer);
    let _ = write!(writer, " {:>5} ", event.metadata().level());
    for span in spans {
        let _ = write!(writer, "{}:", names::span(span, rules));
    }
    let space = if spans.is_empty() { "" } else { " " };
    let _ = write!(writer, "{space}{target}: ");
    write_fields(&mut writer, &event, rules);
    let _ = writer.write_str("\n");
}

struct Fields<'a, W> {
    out: &'a mut W,
    room: Room<'a>,
    rules: &'a Rules,
    classes: Classes,
    colours: bool,
    first: bool,
}

impl<W: Write> Fields<'_, W> {
    /// Begins the field, where it is shown and has room; its value comes next.
    fn begin(&mut self, field: &Field) -> Option<Shown> {
        let (name, class) = (shown_name(field), self.classes.get(field, self.rules));
        match class {
            Class::Hidden => return None,
            Class::Duplicate => {
                self.rules.drops.add(DropReason::TagDuplicate, 1);
                return None;
            }
            _ if self.rules.leaves_out(name, class) => return None,
            _ => {}
        }
        if !self.room.take(6 * name.len() + SHORT_VALUE) {
            return None;
        }
        match class {
            Class::Message => self.space(),
            _ => self.key(name, ITALIC),
        }
        let field = Shown { name, class };
        if self.rules.denies(field) {
            let _ = self.out.write_str(REDACTED);
            return None;
        }
        Some(field)
    }

    /// A number, in which there is nothing to find.
    fn literal(&mut self, field: &Field, value: impl Debug) {
        let Some(field) = self.begin(field) else { return };
        // It can be somebody as well.
        match field.is_pseudonym() {
            true => self.room.format(self.out, Place::Bare, field, |out| write!(out, "{value:?}")),
            false => {
                let _ = write!(self.out, "{value:?}");
            }
        }
    }

    fn space(&mut self) {
        if !std::mem::take(&mut self.first) {
            let _ = self.out.write_str(" ");
        }
    }

    fn key(&mut self, name: &str, colour: &str) {
        self.space();
        if self.colours {
            let _ = self.out.write_str(colour);
        }
        escape(self.out, name, Place::Bare);
        if self.colours {
            let _ = write!(self.out, "{PLAIN}{DIMMED}={PLAIN}");
        } else {
            let _ = self.out.write_str("=");
        }
    }
}

impl<W: Write> Visit for Fields<'_, W> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.literal(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.literal(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.literal(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.literal(field, value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.literal(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.literal(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let Some(field) = self.begin(field) else { return };
        if field.class == Class::Message {
            return self.room.text(self.out, Place::Bare, field, value);
        }
        let _ = self.out.write_str("\"");
        self.room.text(self.out, Place::Quoted, field, value);
        let _ = self.out.write_str("\"");
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let Some(field) = self.begin(field) else { return };
        self.room.format(self.out, Place::Bare, field, |out| write_error(out, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let Some(field) = self.begin(field) else { return };
        self.room.format(self.out, Place::Bare, field, |out| write!(out, "{value:?}"));
    }
}
