//! A line for people: tracing-subscriber's full format, with fields of ours.

use super::fields::{Room, write_error};
use super::{REDACTED, hexadecimal};
use crate::logs::clock::Clock;
use crate::logs::current::{self, Current};
use crate::logs::escape::{Place, escape};
use crate::logs::fields::{Class, Classes, shown_name};
use crate::logs::limits::MAX_LOG_LINE_BYTES;
use crate::status::{DropReason, Drops};
use std::error::Error;
use std::fmt::{self, Debug, Write};
use tracing::Event;
use tracing::field::{Field, Visit};
use tracing_log::NormalizeEvent;
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
#[derive(Debug, Clone, Copy)]
pub(in crate::logs) struct TextFields(pub(in crate::logs) &'static Drops);

impl<'w> FormatFields<'w> for TextFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        let Current { ids, classes, .. } = current::get();
        let colours = writer.has_ansi_escapes();
        let room = Room::new(MAX_LOG_LINE_BYTES - FIXED_BYTES);
        let mut visitor =
            Fields { out: &mut writer, room, classes, colours, first: true, drops: self.0 };
        fields.record(&mut visitor);
        visitor.room.count(self.0);
        if let Some(ids) = ids {
            visitor.key("trace_id", DIMMED);
            let _ = writer.write_str(hexadecimal(ids.trace_id, &mut [0; 32]));
        }
        Ok(())
    }
}

/// The same for a thread that is past the end of tracing-subscriber's thread-locals.
pub(super) fn write_plainly(
    out: &mut String,
    event: &Event<'_>,
    span: Option<&str>,
    drops: &'static Drops,
) {
    let normalized = event.normalized_metadata();
    let target = normalized.as_ref().map_or(event.metadata().target(), |real| real.target());
    let (span, colon) = span.map_or(("", ""), |span| (span, ": "));
    let mut writer = Writer::new(out);
    let _ = Clock.format_time(&mut writer);
    let _ = write!(writer, " {:>5} {span}{colon}{target}: ", event.metadata().level());
    let _ = TextFields(drops).format_fields(writer, event);
    out.push('\n');
}

struct Fields<'a, W> {
    out: &'a mut W,
    room: Room,
    classes: Classes,
    colours: bool,
    first: bool,
    drops: &'static Drops,
}

impl<W: Write> Fields<'_, W> {
    /// Begins the field, where it is shown and has room; its value comes next.
    fn begin(&mut self, field: &Field) -> Option<Class> {
        let class = self.classes.get(field);
        match class {
            Class::Hidden => return None,
            Class::Duplicate => {
                self.drops.add(DropReason::TagDuplicate, 1);
                return None;
            }
            _ => {}
        }
        let name = shown_name(field);
        if !self.room.take(6 * name.len() + SHORT_VALUE) {
            return None;
        }
        match class {
            Class::Message => self.space(),
            _ => self.key(name, ITALIC),
        }
        if class == Class::Denied {
            self.drops.add(DropReason::TagDenied, 1);
            let _ = self.out.write_str(REDACTED);
            return None;
        }
        Some(class)
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
    fn record_str(&mut self, field: &Field, value: &str) {
        match self.begin(field) {
            None => {}
            Some(class @ Class::Message) => {
                self.room.text(self.out, Place::Bare, class, value);
            }
            Some(class) => {
                let _ = self.out.write_str("\"");
                self.room.text(self.out, Place::Quoted, class, value);
                let _ = self.out.write_str("\"");
            }
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let Some(class) = self.begin(field) else { return };
        self.room.format(self.out, Place::Bare, class, |out| write_error(out, value));
    }

    /// Numbers too come along here.
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let Some(class) = self.begin(field) else { return };
        self.room.format(self.out, Place::Bare, class, |out| write!(out, "{value:?}"));
    }
}
