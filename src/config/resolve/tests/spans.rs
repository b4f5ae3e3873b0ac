//! Samplers, limits and queues of spans.

use super::*;
use crate::config::settings::{SamplerSettings, SpansSettings};
use std::time::Duration;

fn spans(builder: &Builder, set: &[(&str, &str)]) -> SpansSettings {
    resolved(builder, set).settings.spans
}

#[test]
fn samplers_by_their_names() {
    let named = |name, arg| {
        let set = [("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", arg)];
        let SamplerSettings { parent_based, ratio } = spans(&plain(), &set).sampler;
        (parent_based, ratio)
    };
    for (name, parent_based, ratio) in [
        ("always_on", false, 1.0),
        ("always_off", false, 0.0),
        ("traceidratio", false, 0.25),
        ("parentbased_always_on", true, 1.0),
        ("parentbased_always_off", true, 0.0),
        ("ParentBased_TraceIdRatio", true, 0.25),
    ] {
        assert_eq!(named(name, "0.25"), (parent_based, ratio), "{name}");
    }
    // Without an argument, or with one that can't be used, everything is kept.
    for arg in ["", "1.5", "-0.1", "nan", "inf", "ten"] {
        assert_eq!(named("traceidratio", arg), (false, 1.0), "{arg}");
    }
    let set = [("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "2")];
    let warnings = resolved(&plain(), &set).warnings;
    assert!(warnings[0].starts_with("OTEL_TRACES_SAMPLER_ARG: `2` is not a share"), "{warnings:?}");
}

#[test]
fn datadog_s_rate_counts_where_opentelemetry_says_nothing_usable() {
    let rate = ("DD_TRACE_SAMPLE_RATE", "0.5");
    let half = SamplerSettings { parent_based: true, ratio: 0.5 };
    assert_eq!(spans(&plain(), &[rate]).sampler, half);
    let always = spans(&plain(), &[rate, ("OTEL_TRACES_SAMPLER", "always_on")]).sampler;
    assert_eq!(always, SamplerSettings { parent_based: false, ratio: 1.0 });
    // What belongs to a sampler that isn't there is not complained of, too.
    let jaeger = [
        ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
        ("OTEL_TRACES_SAMPLER_ARG", "endpoint=http://a:1"),
    ];
    let resolved = resolved(&plain(), &[rate, jaeger[0], jaeger[1]]);
    assert_eq!(resolved.settings.spans.sampler, half);
    assert_eq!(resolved.warnings.len(), 1, "{:?}", resolved.warnings);
}

#[test]
fn samplers_in_code() {
    for (sampler, parent_based, ratio) in [
        (Sampler::always_on(), true, 1.0),
        (Sampler::always_off(), true, 0.0),
        (Sampler::ratio(0.1), true, 0.1),
        (Sampler::ratio(0.1).ignoring_parent(), false, 0.1),
    ] {
        let set = [("OTEL_TRACES_SAMPLER", "always_off"), ("OTEL_TRACES_SAMPLER_ARG", "x")];
        let found = resolved(&plain().sampler(sampler), &set);
        assert_eq!(found.settings.spans.sampler, SamplerSettings { parent_based, ratio });
        assert_eq!(found.warnings, [""; 0]);
    }
    for share in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert_eq!(problems(&plain().sampler(Sampler::ratio(share)), &[]).len(), 1, "{share}");
    }
}

#[test]
fn with_nothing_set_the_documented_defaults_count() {
    let SpansSettings { limits, queue, batch, delay, context_activation, .. } =
        spans(&plain(), &[]);
    assert_eq!((queue, batch), (Spans::DEFAULT_QUEUE, Spans::DEFAULT_BATCH));
    assert_eq!(delay, Spans::DEFAULT_DELAY);
    assert_eq!(limits.value_length, Spans::DEFAULT_MAX_VALUE_LENGTH);
    let counts = [
        limits.attributes,
        limits.events,
        limits.links,
        limits.attributes_per_event,
        limits.attributes_per_link,
    ];
    assert_eq!(counts, [Spans::DEFAULT_MAX_COUNT; 5]);
    assert!(!context_activation);
}

#[test]
fn every_limit_goes_where_it_belongs() {
    let options = Spans::default()
        .max_attributes(1)
        .max_events(2)
        .max_links(3)
        .max_event_attributes(4)
        .max_link_attributes(5)
        .max_value_length(6)
        .queue(8)
        .batch(7)
        .delay(Duration::from_millis(9))
        .context_activation(true);
    let in_code = spans(&plain().spans(options), &[]);
    let in_variables = spans(
        &plain(),
        &[
            ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1"),
            ("OTEL_SPAN_EVENT_COUNT_LIMIT", "2"),
            ("OTEL_SPAN_LINK_COUNT_LIMIT", "3"),
            ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "4"),
            ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "5"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "6"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "8"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "7"),
            ("OTEL_BSP_SCHEDULE_DELAY", "9"),
        ],
    );
    for SpansSettings { limits, queue, batch, delay, .. } in [&in_code, &in_variables] {
        let counts = [
            limits.attributes,
            limits.events,
            limits.links,
            limits.attributes_per_event,
            limits.attributes_per_link,
        ];
        assert_eq!(counts, [1, 2, 3, 4, 5]);
        assert_eq!((limits.value_length, *batch, *queue), (6, 7, 8));
        assert_eq!(*delay, Duration::from_millis(9));
    }
    assert!(in_code.context_activation && !in_variables.context_activation);
    let general = spans(&plain(), &[("OTEL_ATTRIBUTE_COUNT_LIMIT", "7")]).limits;
    let counts = (general.attributes, general.attributes_per_event, general.attributes_per_link);
    assert_eq!(counts, (7, 7, 7));
    assert_eq!((general.events, general.links), (128, 128));
}

#[test]
fn a_batch_fits_into_the_queue() {
    let queue = |raw| ("OTEL_BSP_MAX_QUEUE_SIZE", raw);
    let batch = |raw| ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", raw);
    for (builder, set, expected, warnings) in [
        (plain(), &[queue("100")][..], (100, 100), 0),
        (plain(), &[queue("100"), batch("100")], (100, 100), 0),
        (plain(), &[queue("100"), batch("101")], (100, 100), 1),
        (plain(), &[batch("2049")], (2_048, 2_048), 1),
        (plain().spans(Spans::default().batch(101)), &[queue("100")], (100, 100), 1),
        (plain().spans(Spans::default().queue(100)), &[batch("101")], (100, 100), 1),
    ] {
        let found = resolved(&builder, set);
        let spans = found.settings.spans;
        assert_eq!((spans.queue, spans.batch), expected, "{set:?}");
        assert_eq!(found.warnings.len(), warnings, "{:?}", found.warnings);
    }
    let in_code = plain().spans(Spans::default().queue(100).batch(101));
    assert_eq!(problems(&in_code, &[]).len(), 1);
}

#[test]
fn spans_and_logs_have_filters_of_their_own() {
    let set = [("RUST_LOG", "off"), ("LIGHTSHIP_SPAN_FILTER", "debug")];
    for (set, span, log) in [(&set[..1], "info", "off"), (&set[1..], "debug", "info")] {
        let settings = resolved(&plain(), set).settings;
        assert_eq!(settings.spans.filter.to_string(), span);
        assert_eq!(settings.logs.unwrap().filter.to_string(), log);
    }
}
