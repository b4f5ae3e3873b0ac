//! The OTLP pipeline's settings.

mod endpoint;
mod headers;
mod signal;
mod target;
mod tls;

use super::Surroundings;
use super::findings::Findings;
use super::switches::{Off, Switches};
use super::text::{bounded_time, millis, one_of};
use crate::config::builder::Builder;
use crate::config::explanation::{SettingSource, Sourced};
use crate::config::otlp::Otlp;
use crate::config::settings::{OtlpMetricsSettings, OtlpSettings, Temporality};
use crate::config::variables::{
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE, OTEL_METRIC_EXPORT_INTERVAL,
};
use signal::Signal;
use std::ops::RangeInclusive;
use std::time::Duration;
use target::Target;

const INTERVALS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(3_600);

pub(super) fn resolve(
    builder: &Builder,
    switches: &Switches,
    surroundings: &Surroundings,
    findings: &mut Findings<'_>,
) -> Result<OtlpSettings, String> {
    let fallback = Otlp::default();
    let options = builder.otlp.as_ref().unwrap_or(&fallback);
    let on = |switch: &Result<SettingSource, Off>| switches.otlp.is_none() && switch.is_ok();
    let traces_signal = Signal::traces(on(&switches.otlp_traces));
    let metrics_signal = Signal::metrics(on(&switches.otlp_metrics));
    let traces = Target::resolve(options, &traces_signal, surroundings, findings);
    let metrics = Target::resolve(options, &metrics_signal, surroundings, findings);
    let pace = Pace::resolve(options, metrics_signal.on, findings);
    if let Some(off) = &switches.otlp {
        return Err(off.clone().explained("otlp", findings));
    }

    let traces = turned_on(&switches.otlp_traces, traces);
    let metrics = turned_on(&switches.otlp_metrics, metrics);
    let source = match (&traces, &metrics) {
        (Ok(traces), _) => traces.source,
        (_, Ok(metrics)) => metrics.source,
        (Err(traces), Err(metrics)) => {
            let reason = format!("traces: {}; metrics: {}", traces.reason, metrics.reason);
            return Err(Off { reason, source: traces.source }.explained("otlp", findings));
        }
    };
    findings.explain("otlp", "on", source);
    let traces = explained(traces, &traces_signal, findings);
    let metrics = explained(metrics, &metrics_signal, findings);
    if metrics.is_some() {
        pace.explain(findings);
    }
    Ok(OtlpSettings {
        traces: traces.map(Target::into_settings),
        metrics: metrics.map(|target| OtlpMetricsSettings {
            target: target.into_settings(),
            interval: pace.interval.value,
            temporality: pace.temporality.value,
        }),
    })
}

/// A signal's target if nothing turns the signal off.
fn turned_on(
    switch: &Result<SettingSource, Off>,
    target: Result<Target, Off>,
) -> Result<Sourced<Target>, Off> {
    let source = switch.clone()?;
    target.map(|value| Sourced { value, source })
}

fn explained(
    target: Result<Sourced<Target>, Off>,
    signal: &Signal,
    findings: &mut Findings<'_>,
) -> Option<Target> {
    let setting = format!("otlp.{}", signal.name);
    match target {
        Ok(Sourced { value, source }) => {
            findings.explain(setting, "on", source);
            value.explain(signal, findings);
            Some(value)
        }
        Err(off) => {
            off.explained(&setting, findings);
            None
        }
    }
}

/// When metrics go out, and what they count from.
struct Pace {
    interval: Sourced<Duration>,
    temporality: Sourced<Temporality>,
}

impl Pace {
    fn resolve(options: &Otlp, on: bool, findings: &mut Findings<'_>) -> Self {
        let in_code = options.metrics_interval.and_then(|interval| {
            findings.code("otlp.metrics.interval", bounded_time(interval, &INTERVALS))
        });
        let interval = findings
            .variable_if(on, OTEL_METRIC_EXPORT_INTERVAL, |raw| millis(raw, &INTERVALS))
            .filter(|_| in_code.is_none());
        let preference = OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE;
        let temporality = findings.variable_if(on, preference, |raw| {
            one_of(raw, &["cumulative", "delta", "lowmemory"]).map(|word| match word {
                "cumulative" => Temporality::Cumulative,
                _ => Temporality::Delta,
            })
        });
        Pace {
            interval: in_code
                .or(interval)
                .unwrap_or(Sourced::default(Otlp::DEFAULT_METRICS_INTERVAL)),
            temporality: options
                .temporality
                .map(Sourced::code)
                .or(temporality)
                .unwrap_or(Sourced::default(Temporality::Cumulative)),
        }
    }

    fn explain(&self, findings: &mut Findings<'_>) {
        let Pace { interval, temporality } = self;
        let shown = format!("{:?}", interval.value);
        findings.explain("otlp.metrics.interval", shown, interval.source);
        findings.explain("otlp.metrics.temporality", temporality.value, temporality.source);
    }
}
