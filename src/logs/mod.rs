//! Logs: an event in, a line on standard output out.
//!
//! ```text
//! event -> (by the caller: scrub, format) -> queue -> the thread `lightship-logs` -> standard output
//! ```
//!
//! The lines are tracing-subscriber's to write, with formatters of ours inside; see [`mod@format`].
//! Nobody who logs waits for standard output: what it can't take in time is dropped and counted.

mod bridge;
mod buffer;
mod clock;
mod current;
mod escape;
mod fields;
mod format;
pub(crate) mod limits;
mod owner;
mod rules;
mod sink;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use bridge::{install_log_bridge, set_log_max_level};
#[cfg(feature = "http")]
pub(crate) use escape::escape_json;

use crate::config::settings::{LogLines, LogsSettings};
use crate::filter::Filter;
use crate::resource::Resource;
use crate::scrub::Policy;
use crate::status::Pipeline;
use crate::tag;
use crate::trace::SpanIds;
use fields::Classes;
use format::Lines;
use format::text::TextFields;
use rules::Rules;
use sink::Sink;
use std::any::Any;
use std::fmt;
use std::io::{self, Write as _};
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use tracing::{Event, Subscriber};
use tracing_log::NormalizeEvent;
use tracing_subscriber::Layer as _;
use tracing_subscriber::fmt::{Layer, MakeWriter as _};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;
use writer::Writer;
#[cfg(feature = "testing")]
use writer::target::Memory;
use writer::target::{Stdout, Target};

/// Tracing-subscriber's layer, of which events alone are forwarded: it keeps nothing of spans.
type LinesLayer<S> = Layer<S, TextFields, Lines, Sink>;

/// The running pipeline.
pub(crate) struct Logs {
    lines: Lines,
    sink: Sink,
    rules: Arc<Rules>,
    /// A `LinesLayer` for the one subscriber that we are in, made with its first event.
    layer: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl Logs {
    /// Starts the thread. Only the operating system's refusal of one is an error; standard output
    /// may be closed, full, or read by nobody.
    pub(crate) fn new(
        settings: &LogsSettings,
        resource: &Resource,
        policy: Arc<Policy>,
        pipeline: Arc<Pipeline>,
    ) -> io::Result<Self> {
        Self::to(Box::new(Stdout), settings.format, resource, policy, pipeline)
    }

    /// The same with lines of JSON into memory.
    #[cfg(feature = "testing")]
    pub(crate) fn captured(
        resource: &Resource,
        policy: Arc<Policy>,
        pipeline: Arc<Pipeline>,
        lines: Arc<std::sync::Mutex<Vec<u8>>>,
    ) -> io::Result<Self> {
        Self::to(Box::new(Memory(lines)), LogLines::Json, resource, policy, pipeline)
    }

    fn to(
        target: Box<dyn Target>,
        format: LogLines,
        resource: &Resource,
        policy: Arc<Policy>,
        pipeline: Arc<Pipeline>,
    ) -> io::Result<Self> {
        let drops = pipeline.drops();
        let rules = Arc::new(Rules::new(policy, drops));
        let lines = Lines::new(format, resource, Arc::clone(&rules));
        let writer = Arc::new(Writer::start(target, pipeline)?);
        let sink = Sink { writer, format, drops };
        Ok(Logs { lines, sink, rules, layer: OnceLock::new() })
    }

    /// Writes an event that is wanted, with the ids of its span if it has one. Allocates nothing
    /// once the running thread knows the place that the event comes from.
    pub(crate) fn on_event<S>(
        &self,
        event: &Event<'_>,
        context: &Context<'_, S>,
        ids: impl FnOnce() -> Option<SpanIds>,
    ) where
        S: Subscriber + for<'l> LookupSpan<'l>,
    {
        let classes = Classes::of(event.metadata(), event.is_log(), &self.rules);
        // Made values are marked, for the policy that each value passes in there.
        let record = || {
            if current::is_thread_ending() {
                return self.write_without_thread_locals(event, context);
            }
            let made = self.layer.get_or_init(|| Box::new(self.new_layer::<S>()));
            match made.downcast_ref::<LinesLayer<S>>() {
                Some(layer) => layer.on_event(event, context.clone()),
                // Another subscriber than before: right, if not fast.
                None => self.new_layer::<S>().on_event(event, context.clone()),
            }
            current::formatter_has_run();
        };
        current::with(ids(), classes, || tag::recording(record));
    }

    /// Waits until the lines so far are written; `false` at the deadline, or where it fails.
    pub(crate) fn flush(&self, deadline: Instant) -> bool {
        self.sink.writer.flush(deadline)
    }

    /// Writes what there is and ends the thread, by the deadline; `true` if nothing was left behind.
    /// Later lines are written by whoever logs them.
    pub(crate) fn shutdown(&self, deadline: Instant) -> bool {
        self.sink.writer.shutdown(deadline)
    }

    fn new_layer<S>(&self) -> LinesLayer<S>
    where
        S: Subscriber + for<'l> LookupSpan<'l>,
    {
        let colours = matches!(self.sink.format, LogLines::Text { colours: true });
        Layer::default()
            .fmt_fields(TextFields(Arc::clone(&self.rules)))
            .event_format(self.lines.clone())
            .with_writer(self.sink.clone())
            .with_ansi(colours)
    }

    #[cold]
    fn write_without_thread_locals<S>(&self, event: &Event<'_>, context: &Context<'_, S>)
    where
        S: Subscriber + for<'l> LookupSpan<'l>,
    {
        let mut line = String::new();
        let span = context.event_span(event);
        self.lines.write_plainly(&mut line, event, span.map(|span| span.metadata()));
        let _ = self.sink.make_writer_for(event.metadata()).write(line.as_bytes());
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs").field("sink", &self.sink).finish_non_exhaustive()
    }
}

/// Whether the filter wants an event; one that was a record of the `log` crate is judged by the target
/// of the record.
pub(crate) fn wants(event: &Event<'_>, filter: &Filter) -> bool {
    match event.normalized_metadata() {
        Some(real) => filter.wants(&real),
        None => filter.wants(event.metadata()),
    }
}
