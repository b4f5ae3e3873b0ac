//! From an event to a line.
//!
//! One event is one line, whatever it holds: what ends lines or drives terminals is escaped, values
//! of denied keys are redacted, and every part is bounded.

mod fields;
mod json;
pub(super) mod text;

use super::clock::Clock;
use super::limits::{MAX_LOG_MESSAGE_CHARS, MAX_LOG_VALUE_CHARS};
use crate::config::settings::LogLines;
use crate::resource::Resource;
use crate::status::Drops;
use json::Json;
use std::fmt;
use text::TextFields;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent};
use tracing_subscriber::registry::LookupSpan;

/// What stands in the place of a value that must not leave the process.
const REDACTED: &str = "[redacted]";
/// What stands in the place of a value whose formatting panicked.
const PANICKED: &str = "[panicked]";
/// What stands in the place of a value that logs itself without end.
const NESTED: &str = "[nested]";

/// Digits of a fixed number, as ids have them.
fn hexadecimal(mut number: u128, into: &mut [u8]) -> &str {
    for digit in into.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(number & 15) as usize];
        number >>= 4;
    }
    std::str::from_utf8(into).unwrap_or_default()
}

/// The two formats.
#[derive(Debug, Clone)]
pub(super) enum Lines {
    /// For people; tracing-subscriber's own.
    Text(Format<Full, Clock>),
    /// For machines.
    Json(Json),
}

impl Lines {
    pub(super) fn new(format: LogLines, resource: &Resource, drops: &'static Drops) -> Self {
        match format {
            LogLines::Text { .. } => Lines::Text(text::format()),
            LogLines::Json => Lines::Json(Json::new(resource, drops)),
        }
    }

    /// Writes a line without tracing-subscriber; for people it is a little plainer then.
    pub(super) fn write_plainly(
        &self,
        out: &mut String,
        event: &Event<'_>,
        span: Option<&str>,
        drops: &'static Drops,
    ) {
        match self {
            Lines::Text(_) => text::write_plainly(out, event, span, drops),
            Lines::Json(json) => json.write(out, event, span),
        }
    }
}

impl<S> FormatEvent<S, TextFields> for Lines
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, TextFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        match self {
            Lines::Text(text) => text.format_event(context, writer, event),
            Lines::Json(json) => {
                let span = context.parent_span();
                json.write(&mut writer, event, span.as_ref().map(|span| span.name()));
                Ok(())
            }
        }
    }
}
