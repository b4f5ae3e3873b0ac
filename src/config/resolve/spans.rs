//! What becomes a span, of what size, and how many wait.

use super::filter;
use super::findings::{Findings, Wrong, quoted};
use super::propagation;
use super::text::{bounded_number, bounded_time, millis, number, one_of};
use crate::config::builder::Builder;
use crate::config::explanation::{SettingSource, Sourced};
use crate::config::settings::{SamplerSettings, SpanLimits, SpansSettings};
use crate::config::spans::Spans;
use crate::config::variables::{
    DD_TRACE_SAMPLE_RATE, LIGHTSHIP_SPAN_FILTER, OTEL_ATTRIBUTE_COUNT_LIMIT,
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT, OTEL_BSP_MAX_EXPORT_BATCH_SIZE, OTEL_BSP_MAX_QUEUE_SIZE,
    OTEL_BSP_SCHEDULE_DELAY, OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT, OTEL_LINK_ATTRIBUTE_COUNT_LIMIT,
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT,
    OTEL_SPAN_EVENT_COUNT_LIMIT, OTEL_SPAN_LINK_COUNT_LIMIT, OTEL_TRACES_SAMPLER,
    OTEL_TRACES_SAMPLER_ARG, Variable,
};
use crate::scrub::Policy;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

const RATIOS: RangeInclusive<f64> = 0.0..=1.0;
const COUNTS: RangeInclusive<u32> = 0..=10_000;
const VALUE_LENGTHS: RangeInclusive<usize> = 1..=1_048_576;
const QUEUES: RangeInclusive<usize> = 1..=100_000;
const DELAYS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(600);
const SAMPLERS: &[&str] = &[
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
];

pub(super) fn resolve(
    builder: &Builder,
    policy: &Arc<Policy>,
    findings: &mut Findings<'_>,
) -> SpansSettings {
    let fallback = Spans::default();
    let options = builder.spans.as_ref().unwrap_or(&fallback);
    let sampler = sampler(builder, findings);
    findings.explain("spans.sampler", sampler.value, sampler.source);
    let in_code = ("spans.filter", builder.span_filter.as_deref());
    let filter = filter::resolve(in_code, LIGHTSHIP_SPAN_FILTER, findings);
    let limits = limits(options, findings);
    let (queue, batch) = queue_and_batch(options, findings);
    let in_code =
        options.delay.and_then(|delay| findings.code("spans.delay", bounded_time(delay, &DELAYS)));
    let delay = findings.variable(OTEL_BSP_SCHEDULE_DELAY, |raw| millis(raw, &DELAYS));
    let delay = in_code.or(delay);
    if let Some(Sourced { value, source }) = &delay {
        findings.explain("spans.delay", format!("{value:?}"), *source);
    }
    if let Some(on) = options.context_activation {
        findings.explain("spans.context_activation", on, SettingSource::Code);
    }
    SpansSettings {
        sampler: sampler.value,
        filter,
        limits,
        queue,
        batch,
        delay: delay.map_or(Spans::DEFAULT_DELAY, |delay| delay.value),
        context_activation: options.context_activation.unwrap_or(false),
        propagation: Arc::new(propagation::resolve(builder, policy, findings)),
    }
}

fn sampler(builder: &Builder, findings: &mut Findings<'_>) -> Sourced<SamplerSettings> {
    let in_code = builder.sampler.and_then(|sampler| {
        let checked = bounded_number(sampler.ratio, &RATIOS);
        let parent_based = sampler.parent_based;
        findings.code("spans.sampler", checked.map(|ratio| SamplerSettings { parent_based, ratio }))
    });
    let named = sampler_by_name(builder.sampler.is_some(), findings);
    let datadog = findings.variable(DD_TRACE_SAMPLE_RATE, |raw| {
        ratio(raw).map(|ratio| SamplerSettings { parent_based: true, ratio })
    });
    let default = SamplerSettings { parent_based: true, ratio: 1.0 };
    in_code.or(named).or(datadog).unwrap_or(Sourced::default(default))
}

fn sampler_by_name(in_code: bool, findings: &mut Findings<'_>) -> Option<Sourced<SamplerSettings>> {
    if findings.raw(OTEL_TRACES_SAMPLER).is_none() && !in_code {
        if findings.raw(OTEL_TRACES_SAMPLER_ARG).is_some() {
            let found = "it says nothing without OTEL_TRACES_SAMPLER";
            let wanted = "set that to parentbased_traceidratio";
            findings.warn(OTEL_TRACES_SAMPLER_ARG, Wrong::new(found, wanted));
        }
        return None;
    }
    let named = findings.variable(OTEL_TRACES_SAMPLER, |raw| one_of(raw, SAMPLERS))?;
    let (parent_based, kind) = match named.value.strip_prefix("parentbased_") {
        Some(kind) => (true, kind),
        None => (false, named.value),
    };
    let ratio = match kind {
        "always_on" => 1.0,
        "always_off" => 0.0,
        _ => findings.variable(OTEL_TRACES_SAMPLER_ARG, ratio).map_or(1.0, |ratio| ratio.value),
    };
    Some(Sourced { value: SamplerSettings { parent_based, ratio }, source: named.source })
}

fn ratio(raw: &str) -> Result<f64, Wrong> {
    let ratio = raw.parse().ok().filter(|ratio| RATIOS.contains(ratio));
    ratio.ok_or_else(|| {
        Wrong::new(format!("{} is not a share", quoted(raw)), "write a number from 0 to 1")
    })
}

fn limits(options: &Spans, findings: &mut Findings<'_>) -> SpanLimits {
    let general = OTEL_ATTRIBUTE_COUNT_LIMIT;
    let mut count = |setting, in_code, variables: &[Variable]| {
        let chosen = bounded(setting, in_code, &COUNTS, variables, findings);
        chosen.map_or(Spans::DEFAULT_MAX_COUNT, |chosen| chosen.value)
    };
    let attributes = count(
        "spans.max_attributes",
        options.max_attributes,
        &[OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, general],
    );
    let events = count("spans.max_events", options.max_events, &[OTEL_SPAN_EVENT_COUNT_LIMIT]);
    let links = count("spans.max_links", options.max_links, &[OTEL_SPAN_LINK_COUNT_LIMIT]);
    let attributes_per_event = count(
        "spans.max_event_attributes",
        options.max_event_attributes,
        &[OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT, general],
    );
    let attributes_per_link = count(
        "spans.max_link_attributes",
        options.max_link_attributes,
        &[OTEL_LINK_ATTRIBUTE_COUNT_LIMIT, general],
    );
    let lengths = [OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT, OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT];
    let setting = "spans.max_value_length";
    let length = bounded(setting, options.max_value_length, &VALUE_LENGTHS, &lengths, findings);
    SpanLimits {
        attributes,
        events,
        links,
        attributes_per_event,
        attributes_per_link,
        value_length: length.map_or(Spans::DEFAULT_MAX_VALUE_LENGTH, |length| length.value),
    }
}

fn queue_and_batch(options: &Spans, findings: &mut Findings<'_>) -> (usize, usize) {
    let queue =
        bounded("spans.queue", options.queue, &QUEUES, &[OTEL_BSP_MAX_QUEUE_SIZE], findings)
            .unwrap_or(Sourced::default(Spans::DEFAULT_QUEUE));
    let batch =
        checked("spans.batch", options.batch, &QUEUES, &[OTEL_BSP_MAX_EXPORT_BATCH_SIZE], findings);
    let Some(batch) = batch else { return (queue.value, Spans::DEFAULT_BATCH.min(queue.value)) };
    let fitting = batch.value.min(queue.value);
    if fitting < batch.value {
        let found = format!("{} is more than the queue's {}", batch.value, queue.value);
        let wrong = Wrong::new(found, "take no more than it holds");
        match (batch.source, queue.source) {
            (SettingSource::Code, SettingSource::Variable(_)) => {
                findings.warn_of("spans.batch", wrong, "all that it holds is a batch");
            }
            (SettingSource::Code, _) => {
                findings.code::<()>("spans.batch", Err(wrong));
            }
            (source, _) => findings.warn_of(source, wrong, "all that it holds is a batch"),
        }
    }
    findings.explain("spans.batch", fitting, batch.source);
    (queue.value, fitting)
}

/// A number that is explained where it is set.
fn bounded<N>(
    setting: &'static str,
    in_code: Option<N>,
    bounds: &RangeInclusive<N>,
    variables: &[Variable],
    findings: &mut Findings<'_>,
) -> Option<Sourced<N>>
where
    N: Copy + FromStr + PartialOrd + Display,
{
    let chosen = checked(setting, in_code, bounds, variables, findings)?;
    findings.explain(setting, chosen.value, chosen.source);
    Some(chosen)
}

/// A number from code, otherwise from the first variable that has one.
fn checked<N>(
    setting: &'static str,
    in_code: Option<N>,
    bounds: &RangeInclusive<N>,
    variables: &[Variable],
    findings: &mut Findings<'_>,
) -> Option<Sourced<N>>
where
    N: Copy + FromStr + PartialOrd + Display,
{
    let in_code = in_code.and_then(|number| findings.code(setting, bounded_number(number, bounds)));
    variables.iter().fold(in_code, |chosen, variable| {
        let next = findings.variable(*variable, |raw| number(raw, bounds));
        chosen.or(next)
    })
}
