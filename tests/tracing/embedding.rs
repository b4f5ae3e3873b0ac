//! Our layer in a subscriber of the host's.

use crate::otlp::{FakeCollector, tree};
use crate::{TIMEOUT, builder};
use lightship::Telemetry;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use tracing::level_filters::LevelFilter;
use tracing::{Subscriber, debug, debug_span, info, info_span, trace, warn};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// What the host's own layer wrote.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'l> LookupSpan<'l>,
    {
        let written = self.clone();
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || written.clone())
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn work() {
    let _request = info_span!("request").entered();
    info!("started");
    debug_span!("query").in_scope(|| {
        debug!("asked");
        trace!("every row");
        warn!("slow");
    });
}

/// What arrives of `work` in a host's subscriber.
fn arrived<S: Subscriber + Send + Sync>(
    filter: &str,
    subscriber: impl FnOnce(&Telemetry) -> S,
) -> String {
    let collector = FakeCollector::start();
    let telemetry = builder(&collector.endpoint()).span_filter(filter).build().unwrap();
    tracing::subscriber::with_default(subscriber(&telemetry), work);
    let report = telemetry.shutdown(TIMEOUT);
    assert!(report.is_complete(), "{report}");
    tree(&collector.spans(), &[])
}

#[test]
fn our_filter_takes_nothing_from_the_hosts_layer() {
    for (filter, spans) in
        [("off", ""), ("warn", ""), ("info", "request\n"), ("trace", "request\n  query\n")]
    {
        let written = Written::default();
        let seen = arrived(filter, |telemetry| {
            let registry = tracing_subscriber::registry();
            registry.with(telemetry.layer()).with(written.layer().with_filter(LevelFilter::TRACE))
        });
        assert_eq!(seen, spans, "{filter}");
        let text = written.text();
        for line in ["started", "asked", "every row", "slow", "request:query"] {
            assert!(text.contains(line), "{filter}: no {line} in {text}");
        }
    }
}

#[test]
fn the_hosts_filter_takes_no_spans_away() {
    let both = "request\n  query\n";
    let written = Written::default();
    let seen = arrived("debug", |telemetry| {
        let quiet = written.layer().with_filter(Targets::new().with_default(LevelFilter::WARN));
        tracing_subscriber::registry().with(quiet).with(telemetry.layer())
    });
    assert_eq!(seen, both);
    let lines = written.text();
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert!(lines.contains("slow"), "{lines}");
    // Off altogether, and in the other order.
    let seen = arrived("debug", |telemetry| {
        let quiet = Written::default().layer().with_filter(LevelFilter::OFF);
        tracing_subscriber::registry().with(telemetry.layer()).with(quiet)
    });
    assert_eq!(seen, both);
}

/// Such a filter is for all layers, ours among them: that is what it is for.
#[test]
fn a_filter_of_the_whole_subscriber_is_for_us_too() {
    let seen = arrived("trace", |telemetry| {
        tracing_subscriber::registry().with(LevelFilter::INFO).with(telemetry.layer())
    });
    assert_eq!(seen, "request\n");
}

fn remote(sampled: bool) -> opentelemetry::Context {
    let flags = if sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
    opentelemetry::Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(0xfeed_u128),
        SpanId::from(0xbeef_u64),
        flags,
        true,
        TraceState::NONE,
    ))
}

#[test]
fn a_remote_parent_is_taken_and_told() {
    let collector = FakeCollector::start();
    let telemetry = builder(&collector.endpoint()).build().unwrap();
    let serve = |sampled: bool| {
        let request = info_span!("request", otel.kind = "server", sampled);
        request.set_parent(remote(sampled)).unwrap();
        let context = request.context().span().span_context().clone();
        assert_eq!(context.trace_id(), TraceId::from(0xfeed_u128));
        request.in_scope(|| info_span!("query").in_scope(|| {}));
        context.span_id().to_string()
    };
    let subscriber = tracing_subscriber::registry()
        .with(telemetry.layer())
        .with(Written::default().layer().with_filter(LevelFilter::WARN));
    let embedded = tracing::subscriber::with_default(subscriber, || serve(true));
    let own = telemetry.scope(|| serve(true));
    telemetry.scope(|| serve(false));
    assert!(telemetry.shutdown(TIMEOUT).is_complete());
    let spans = collector.spans();
    let requests: Vec<_> = spans.iter().filter(|span| span.name == "request").collect();
    let ids: Vec<_> = requests.iter().map(|span| span.id.clone()).collect();
    assert_eq!(ids, [embedded, own], "{spans:#?}");
    assert_eq!(spans.len(), 4, "{spans:#?}");
    for span in requests {
        assert_eq!(span.trace_id, format!("{:032x}", 0xfeed));
        assert_eq!(span.parent, Some(format!("{:016x}", 0xbeef)));
        assert_eq!(span.kind, "server");
    }
}

#[test]
fn what_a_span_is_given_through_opentelemetry_arrives() {
    let collector = FakeCollector::start();
    let telemetry = builder(&collector.endpoint()).build().unwrap();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || {
        let span = info_span!("request");
        span.set_attribute("tenant", "north");
        span.add_link(remote(true).span().span_context().clone());
        span.set_status(opentelemetry::trace::Status::error("refused"));
    });
    assert!(telemetry.shutdown(TIMEOUT).is_complete());
    let spans = collector.spans();
    let [span] = spans.as_slice() else { panic!("{spans:?}") };
    assert_eq!(span.text("tenant"), Some("north"));
    assert_eq!(span.links.len(), 1);
    assert_eq!((span.status.as_str(), span.status_message.as_str()), ("error", "refused"));
}

/// A span that the host has and we don't want is not there for us, and its children have a parent.
#[test]
fn children_of_a_span_that_we_do_not_want_belong_above_it() {
    for share in [1.0, 0.999_999] {
        let collector = FakeCollector::start();
        let sampler = lightship::Sampler::ratio(share);
        let telemetry = builder(&collector.endpoint()).sampler(sampler).build().unwrap();
        let host = tracing_subscriber::registry()
            .with(telemetry.layer())
            .with(Written::default().layer().with_filter(LevelFilter::TRACE));
        tracing::subscriber::with_default(host, || {
            let _request = info_span!("request").entered();
            let _detail = debug_span!("detail").entered();
            let _query = info_span!("query").entered();
            info!("asked");
        });
        assert!(telemetry.shutdown(TIMEOUT).is_complete());
        let spans = collector.spans();
        assert_eq!(tree(&spans, &[]), "request\n  query\n", "{share}");
        assert!(spans.iter().any(|span| span.event("asked").is_some()), "{share}: {spans:?}");
    }
}

#[test]
fn an_unsampled_trace_stays_so_below_a_span_that_we_do_not_want() {
    let collector = FakeCollector::start();
    let sampler = lightship::Sampler::ratio(0.5);
    let telemetry = builder(&collector.endpoint()).sampler(sampler).build().unwrap();
    let host = tracing_subscriber::registry()
        .with(telemetry.layer())
        .with(Written::default().layer().with_filter(LevelFilter::TRACE));
    tracing::subscriber::with_default(host, || {
        for _ in 0..100 {
            let _request = info_span!("request").entered();
            let _detail = debug_span!("detail").entered();
            info_span!("query").in_scope(|| {});
        }
    });
    assert!(telemetry.shutdown(TIMEOUT).is_complete());
    let spans = collector.spans();
    let traces = spans.len() / 2;
    assert!((1..100).contains(&traces), "{traces}");
    assert_eq!(tree(&spans, &[]), "request\n  query\n".repeat(traces));
}
