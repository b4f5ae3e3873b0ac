//! The registry's settings.

use super::findings::{Findings, Wrong, quoted};
use super::text::{bounded_number, key, switch};
use crate::config::builder::Builder;
use crate::config::explanation::{SettingSource, Sourced};
use crate::config::settings::MetricsSettings;
use crate::config::variables::LIGHTSHIP_PROCESS_METRICS;
use crate::scrub::{self, MAX_NAME_CHARS, Policy};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// How many bounds a histogram may have.
const MAX_BOUNDS: usize = 200;
/// How many values a tag may have: a metric has no more series.
const MAX_VALUES: usize = 2_000;
/// How many series a metric may have; the process has no more.
const MAX_SERIES: RangeInclusive<usize> = 1..=10_000;
/// Any key.
const ANY: &str = "*";
/// How many bounds the explanation shows.
const MAX_SHOWN_BOUNDS: usize = 10;

pub(super) fn resolve(
    builder: &Builder,
    policy: &Arc<Policy>,
    service: &str,
    findings: &mut Findings<'_>,
) -> MetricsSettings {
    let bounds = all_bounds(builder, findings);
    let cardinality = all_cardinalities(builder, policy, findings);
    let max_series = all_max_series(builder, findings);
    let process_metrics = findings
        .variable(LIGHTSHIP_PROCESS_METRICS, switch)
        .filter(|_| builder.process_metrics.is_none())
        .unwrap_or(builder.process_metrics.map_or(Sourced::default(true), Sourced::code));
    findings.explain("metrics.process", process_metrics.value, process_metrics.source);
    for (metric, bounds) in &bounds {
        let setting = format!("metrics.buckets.{metric}");
        findings.explain(setting, shown(bounds), SettingSource::Code);
    }
    for (metric, key, values) in &cardinality {
        let setting = format!("metrics.cardinality.{metric}.{key}");
        findings.explain(setting, values, SettingSource::Code);
    }
    for (metric, series) in &max_series {
        findings.explain(format!("metrics.max_series.{metric}"), series, SettingSource::Code);
    }
    let policy = Arc::clone(policy);
    let process_metrics = process_metrics.value;
    let service = service.to_owned();
    MetricsSettings { service, bounds, cardinality, max_series, process_metrics, policy }
}

fn all_bounds(builder: &Builder, findings: &mut Findings<'_>) -> Vec<(String, Vec<f64>)> {
    let mut all: Vec<(String, Vec<f64>)> = Vec::new();
    for (raw, raw_bounds) in &builder.buckets {
        let checked = name(raw).and_then(|name| {
            let of_metric = |wrong: Wrong| wrong.of(format!("the buckets of {}", quoted(raw)));
            bounds(raw_bounds).map(|bounds| (name, bounds)).map_err(of_metric)
        });
        if let Some(Sourced { value, .. }) = findings.code("metrics.buckets", checked) {
            all.retain(|(name, _)| *name != value.0);
            all.push(value);
        }
    }
    all
}

fn all_cardinalities(
    builder: &Builder,
    policy: &Policy,
    findings: &mut Findings<'_>,
) -> Vec<(String, String, usize)> {
    let mut all: Vec<(String, String, usize)> = Vec::new();
    for (metric, tag, values) in &builder.cardinality {
        let of_metric =
            |wrong: Wrong| wrong.of(format!("the tag {} of {}", quoted(tag), quoted(metric)));
        let any_or_key = |tag: &str| match tag.trim() {
            ANY => Ok(ANY.to_owned()),
            tag => key(tag, policy),
        };
        let checked = name(metric)
            .and_then(|name| Ok((name, any_or_key(tag)?, limit(*values)?)))
            .map_err(of_metric);
        if let Some(Sourced { value, .. }) = findings.code("metrics.cardinality", checked) {
            all.retain(|(metric, tag, _)| (metric, tag) != (&value.0, &value.1));
            all.push(value);
        }
    }
    all
}

fn all_max_series(builder: &Builder, findings: &mut Findings<'_>) -> Vec<(String, usize)> {
    let mut all: Vec<(String, usize)> = Vec::new();
    for (metric, series) in &builder.max_series {
        let of_metric = |wrong: Wrong| wrong.of(format!("the series of {}", quoted(metric)));
        let limit = bounded_number(*series, &MAX_SERIES);
        let checked = name(metric).and_then(|name| Ok((name, limit?))).map_err(of_metric);
        if let Some(Sourced { value, .. }) = findings.code("metrics.max_series", checked) {
            all.retain(|(metric, _)| *metric != value.0);
            all.push(value);
        }
    }
    all
}

/// A metric's name exactly as recording will find it.
fn name(raw: &str) -> Result<String, Wrong> {
    let trimmed = raw.trim();
    match scrub::metric_name(raw) {
        name if name.is_empty() => {
            Err(Wrong::new("the metric's name is empty", "write the name that is recorded"))
        }
        name if name == trimmed => Ok(name.into_owned()),
        _ => Err(Wrong::new(
            format!("the metric's name {} is too long or has control characters", quoted(raw)),
            format!("write at most {MAX_NAME_CHARS} printable characters"),
        )),
    }
}

/// Upper bounds; a last one of infinity is dropped, for there is always one.
fn bounds(raw: &[f64]) -> Result<Vec<f64>, Wrong> {
    let wrong = |found: String| Err(Wrong::new(found, "write 1 to 200 finite bounds, ascending"));
    let finite = match raw {
        [finite @ .., f64::INFINITY] => finite,
        all => all,
    };
    if finite.is_empty() {
        return wrong("there is no finite bound".to_owned());
    }
    if finite.len() > MAX_BOUNDS {
        return wrong(format!("there are {} bounds", finite.len()));
    }
    if let Some(bound) = finite.iter().find(|bound| !bound.is_finite()) {
        return wrong(format!("{bound:?} is among the bounds"));
    }
    match finite.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) => wrong(format!("{:?} is not below {:?}", pair[0], pair[1])),
        None => Ok(finite.to_vec()),
    }
}

fn limit(values: usize) -> Result<usize, Wrong> {
    match values {
        1..=MAX_VALUES => Ok(values),
        _ => Err(Wrong::new(
            format!("{values} is out of bounds"),
            format!("take 1 to {MAX_VALUES} values, for a metric has no more series"),
        )),
    }
}

fn shown(bounds: &[f64]) -> String {
    let shown: Vec<_> =
        bounds.iter().take(MAX_SHOWN_BOUNDS).map(|bound| format!("{bound:?}")).collect();
    let more = match bounds.len().saturating_sub(MAX_SHOWN_BOUNDS) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    shown.join(", ") + &more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_bounds() {
        assert_eq!(bounds(&[-1.0, 0.0, 1e308]), Ok(vec![-1.0, 0.0, 1e308]));
        assert_eq!(bounds(&[1.0, f64::INFINITY]), Ok(vec![1.0]));
        let many: Vec<_> = (0..200).map(f64::from).collect();
        assert_eq!(bounds(&many), Ok(many.clone()));
    }

    #[test]
    fn wrong_bounds_say_why() {
        let many: Vec<_> = (0..201).map(f64::from).collect();
        for (raw, why) in [
            (&[][..], "no finite bound"),
            (&[f64::INFINITY], "no finite bound"),
            (&[1.0, f64::NAN], "NaN"),
            (&[f64::NEG_INFINITY, 1.0], "-inf"),
            (&[1.0, f64::INFINITY, f64::INFINITY], "inf"),
            (&[1.0, 1.0], "1.0 is not below 1.0"),
            (&[2.0, 1.0], "2.0 is not below 1.0"),
            (&many, "201 bounds"),
        ] {
            let wrong = bounds(raw).unwrap_err();
            assert!(wrong.found.contains(why), "{raw:?}: {wrong:?}");
        }
    }

    #[test]
    fn limits_and_names() {
        assert_eq!([limit(1), limit(2_000)], [Ok(1), Ok(2_000)]);
        assert!(limit(0).is_err() && limit(2_001).is_err());
        assert_eq!(name(" api.requests "), Ok("api.requests".into()));
        assert!(name(" ").is_err() && name("a\nb").is_err() && name(&"n".repeat(201)).is_err());
    }

    #[test]
    fn long_lists_are_cut_where_people_read_them() {
        assert_eq!(shown(&[0.5, 1.0]), "0.5, 1.0");
        assert!(shown(&[1.0; 12]).ends_with(", and 2 more"));
    }
}
