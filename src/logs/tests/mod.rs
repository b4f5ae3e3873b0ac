//! Whole events through tracing, to a standard output of the test's own.

mod json;
mod policy;
mod process;
mod text;

use super::writer::target::{Target, write_to};
use super::{Logs, bridge, wants};
use crate::config::settings::{LogLines, LogsSettings};
use crate::filter::Filter;
use crate::resource::Resource;
use crate::scrub::Policy;
use crate::status::{DropReason, Notices, Pipeline};
use crate::trace::SpanIds;
use proptest::prelude::*;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tracing::callsite::Callsite;
use tracing::field::{Field, Value};
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

const IDS: SpanIds = SpanIds {
    trace_id: 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736,
    span_id: 0x00f0_67aa_0ba9_02b7,
    sampled: true,
};

/// Keeps what is written.
#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Target for Kept {
    fn write_lines(&mut self, lines: &[u8]) -> (usize, io::Result<()>) {
        write_to(&mut *self.0.lock().unwrap(), lines)
    }
}

/// Logs as our layer uses them.
#[derive(Debug, Clone)]
struct Rig {
    logs: Arc<Logs>,
    kept: Kept,
    pipeline: Arc<Pipeline>,
    ids: Option<SpanIds>,
    filter: Filter,
}

impl Rig {
    fn new(format: LogLines) -> Self {
        Self::with(format, Policy::shared_default())
    }

    fn with(format: LogLines, policy: Arc<Policy>) -> Self {
        let kept = Kept::default();
        let pipeline = Pipeline::new("logs", Notices::new(|_| {}));
        let resource = Resource {
            service: "upload".into(),
            environment: Some("test".into()),
            version: Some("1.4.2".into()),
            attributes: Vec::new(),
            instance: None,
        };
        let target = Box::new(kept.clone());
        let logs = Logs::to(target, format, &resource, policy, Arc::clone(&pipeline)).unwrap();
        let filter = Filter::parse("trace").unwrap();
        Rig { logs: Arc::new(logs), kept, pipeline, ids: None, filter }
    }

    fn dispatch(&self) -> Dispatch {
        Dispatch::new(Registry::default().with(self.clone()))
    }

    /// What is written while `body` runs.
    fn text(&self, body: impl FnOnce()) -> String {
        tracing::dispatcher::with_default(&self.dispatch(), body);
        assert!(self.logs.flush(Instant::now() + Duration::from_secs(30)));
        String::from_utf8(std::mem::take(&mut *self.kept.0.lock().unwrap())).unwrap()
    }

    /// The one line that is written while `body` runs, without its end.
    fn line(&self, body: impl FnOnce()) -> String {
        let text = self.text(body);
        let line = text.strip_suffix('\n').unwrap_or_else(|| panic!("no line in {text:?}"));
        assert!(!line.contains('\n'), "{text}");
        line.to_owned()
    }

    fn dropped(&self, reason: DropReason) -> u64 {
        self.pipeline.drops().get(reason)
    }
}

impl<S: Subscriber + for<'l> LookupSpan<'l>> Layer<S> for Rig {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if wants(event, &self.filter) {
            self.logs.on_event(event, &context, || self.ids);
        }
    }
}

/// An event with the fields `message`, `value` and `password`, straight to a subscriber: tracing itself
/// keeps events from the inside of another, and of a thread that ends, from those that are not global.
fn emit(dispatch: &Dispatch, message: &str, value: &dyn Value) {
    struct Place;
    impl Callsite for Place {
        fn set_interest(&self, _: Interest) {}
        fn metadata(&self) -> &Metadata<'_> {
            &METADATA
        }
    }
    static PLACE: Place = Place;
    static METADATA: Metadata<'static> = tracing::metadata! {
        name: "event",
        target: "test",
        level: tracing::Level::INFO,
        fields: &["message", "value", "password"],
        callsite: &PLACE,
        kind: Kind::EVENT
    };
    let fields = METADATA.fields();
    let keys = ["message", "value", "password"].map(|name| fields.field(name).unwrap());
    let [first, second, third] = &keys;
    let values: [(&Field, Option<&dyn Value>); 3] =
        [(first, Some(&message)), (second, Some(value)), (third, Some(&"hunter2"))];
    dispatch.event(&Event::new(&METADATA, &fields.value_set(&values)));
}

/// Any characters, with many that are out of the ordinary.
fn hostile_text() -> impl Strategy<Value = String> {
    let odd =
        prop::sample::select(vec!['"', '\\', '\n', '\u{1b}', '\u{9b}', '\u{2028}', 'é', '\0']);
    let c = prop_oneof![odd, any::<char>()];
    prop::collection::vec(c, 0..60).prop_map(|chars| chars.into_iter().collect())
}

/// Fails for a reason, which failed for a reason.
#[derive(Debug)]
struct Failure(&'static str, Option<Box<Failure>>);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

fn failure() -> Failure {
    Failure("upload failed", Some(Box::new(Failure("connection\nreset", None))))
}
