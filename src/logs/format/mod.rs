//! From an event to a line.
//!
//! One event is one line, whatever it holds: every text passes the policy, then what ends lines or
//! drives terminals is escaped, and every part is bounded.

mod fields;
mod json;
mod names;
pub(super) mod text;

use super::clock::Clock;
use super::rules::Rules;
use crate::config::settings::LogLines;
use crate::resource::Resource;
use json::Json;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use text::TextFields;
use tracing::{Event, Metadata, Subscriber};
use tracing_log::NormalizeEvent;
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent};
use tracing_subscriber::registry::{LookupSpan, Scope};

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
    Text(Format<Full, Clock>, Arc<Rules>),
    /// For machines.
    Json(Json),
}

impl Lines {
    pub(super) fn new(format: LogLines, resource: &Resource, rules: Arc<Rules>) -> Self {
        match format {
            LogLines::Text { .. } => Lines::Text(text::format(), rules),
            LogLines::Json => Lines::Json(Json::new(resource, rules)),
        }
    }

    /// Writes a line without tracing-subscriber; for people it is a little plainer then.
    pub(super) fn write_plainly(
        &self,
        out: &mut String,
        event: &Event<'_>,
        span: Option<&'static Metadata<'static>>,
    ) {
        match self {
            Lines::Text(_, rules) => {
                let normalized = event.normalized_metadata();
                let target = names::target(event, normalized.as_ref(), rules);
                text::write_plainly(Writer::new(out), event, span.as_slice(), &target, rules);
            }
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
            Lines::Text(text, rules) => {
                let normalized = event.normalized_metadata();
                let target = names::target(event, normalized.as_ref(), rules);
                let mut around = context.event_scope().into_iter().flatten();
                let is_clean = matches!(target, Cow::Borrowed(_))
                    && around.all(|span| names::is_clean(span.metadata(), rules));
                if is_clean {
                    return text.format_event(context, writer, event);
                }
                let around = context.event_scope().into_iter().flat_map(Scope::from_root);
                let spans: Vec<_> = around.map(|span| span.metadata()).collect();
                text::write_plainly(writer, event, &spans, &target, rules);
            }
            Lines::Json(json) => {
                let span = context.parent_span();
                json.write(&mut writer, event, span.map(|span| span.metadata()));
            }
        }
        Ok(())
    }
}
