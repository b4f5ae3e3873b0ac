//! Where a capture's code records to: a registry and a subscriber of its own.

use crate::config::settings::{MetricsSettings, SpansSettings};
use crate::filter::Filter;
use crate::logs::Logs;
use crate::metrics::Registry;
use crate::metrics::current::Scope;
use crate::otlp::SpanCapture;
use crate::resource::Resource;
use crate::status::{DropReason, Drops, Notices, Pipeline};
use crate::subscriber::{Active, SubscriberHandle};
use crate::trace::CapturedSpan;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::level_filters::LevelFilter;

/// How long the log lines of a capture are waited for.
const LINES_WITHIN: Duration = Duration::from_secs(10);

pub(super) struct Isolated {
    pub(super) scope: Scope,
    drops: &'static Drops,
    spans: SpanCapture,
    logs: Option<Arc<Logs>>,
    lines: Arc<Mutex<Vec<u8>>>,
}

impl Isolated {
    pub(super) fn new() -> Self {
        let drops: &'static Drops = Box::leak(Box::new(Drops::new()));
        let pipeline = || Pipeline::with_drops("testing", Notices::new(|_| {}), drops);
        let settings = MetricsSettings::default();
        let registry = Registry::new(&settings, drops);
        let everything = Filter::at_least(LevelFilter::TRACE);
        let subscriber = SubscriberHandle::new(false);
        let spans_settings =
            SpansSettings { filter: everything.clone(), ..SpansSettings::default() };
        let spans = SpanCapture::new(
            &spans_settings.limits,
            subscriber.sampler(),
            Arc::clone(&settings.policy),
            drops,
        );
        let lines: Arc<Mutex<Vec<u8>>> = Arc::default();
        // Without a thread for them there are no lines; the rest of the capture works.
        let logs =
            Logs::captured(&Resource::default(), settings.policy, pipeline(), Arc::clone(&lines));
        let logs = logs.ok().map(Arc::new);
        let wanted = logs.clone().map(|logs| (everything, logs));
        subscriber.serve(Active::new(spans_settings, spans.tracer(), wanted, drops));
        let scope = Scope { registry, dispatch: subscriber.dispatch() };
        Isolated { scope, drops, spans, logs, lines }
    }

    pub(super) fn take_spans(&self) -> Vec<CapturedSpan> {
        self.spans.take()
    }

    pub(super) fn take_lines(&self) -> Vec<String> {
        if let Some(logs) = &self.logs {
            logs.flush(Instant::now() + LINES_WITHIN);
        }
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&lines).lines().map(str::to_owned).collect()
    }

    pub(super) fn dropped(&self) -> Vec<(DropReason, u64)> {
        self.drops.list()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_capture_sees_what_a_collector_would() {
        let address = concat!("ada.lovelace", "@", "example.org");
        let (_, seen) = crate::testing::capture(|| {
            let _span = tracing::info_span!("visit", user.id = "ada", password = "x").entered();
            tracing::error!(note = address, "mail to {address}");
        });
        let line = &seen.logs()[0];
        assert_eq!(line.matches("[REDACTED:email]").count(), 2, "{line}");
        #[cfg(feature = "otlp")]
        {
            let span = seen.span("visit").unwrap();
            assert!(span.attribute("user.id").unwrap().starts_with("h1:"), "{span:?}");
            assert_eq!(span.attribute("password"), Some("[REDACTED]"));
            assert_eq!(span.events[0].name, "mail to [REDACTED:email]");
        }
        assert!(!format!("{seen:?}").contains("lovelace"), "{seen:?}");
    }
}
