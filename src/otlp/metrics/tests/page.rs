//! The same registry on the Prometheus page and in OTLP: every count and sum is the same.

use super::*;
use crate::metrics::current::with_registry;
use crate::prometheus::{Format, PrometheusPage};
use crate::status::Status;
use crate::{counter, distribution, histogram, timer};
use decode::Decoded;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use std::collections::BTreeMap;

fn record(registry: &Arc<Registry>) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    with_registry(registry, || {
        for _ in 0..3_000 {
            let route = format!("/{}", random(5));
            let bits = random(35);
            let nanoseconds = Duration::from_nanos(random(1 << bits));
            timer!("query", "route" => &route).handle().record(nanoseconds);
            histogram!("size", "route" => &route).record(random(1 << 14));
            distribution!("pages").record(random(40) as f64 / 8.0);
            counter!("requests", "route" => &route).increment(random(3));
        }
    });
}

/// The page's lines as they follow from a point.
fn lines(point: &Point) -> Vec<(String, f64)> {
    let labels: String =
        point.tags.iter().map(|(key, value)| format!("{key}=\"{value}\"")).collect();
    let braced =
        |labels: &str| if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
    match &point.value {
        Decoded::Sum(Value::AsInt(total)) => {
            vec![(format!("{}_total{}", point.name, braced(&labels)), *total as f64)]
        }
        Decoded::Histogram { sum, bounds, counts } => {
            let unit = if point.unit == "s" { "_seconds" } else { "" };
            let name = format!("{}{unit}", point.name);
            let comma = if labels.is_empty() { "" } else { "," };
            let bounds = bounds.iter().copied().chain([f64::INFINITY]);
            let mut below = 0;
            let mut lines: Vec<_> = bounds
                .zip(counts)
                .map(|(bound, count)| {
                    below += count;
                    (format!("{name}_bucket{{{labels}{comma}le={bound}}}"), below as f64)
                })
                .collect();
            lines.push((format!("{name}_sum{}", braced(&labels)), sum.unwrap()));
            lines.push((format!("{name}_count{}", braced(&labels)), below as f64));
            lines
        }
        other => panic!("{other:?} was not recorded"),
    }
}

/// The samples of a page; a bound is written as this file writes it.
fn samples(page: &str) -> BTreeMap<String, f64> {
    let is_host = |line: &&str| !["#", "target_", "lightship_"].iter().any(|p| line.starts_with(p));
    let sample = |line: &str| {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let series = match series.split_once("le=\"") {
            Some((start, bound)) => {
                let bound: f64 = bound.trim_end_matches("\"}").parse().unwrap();
                format!("{start}le={bound}}}")
            }
            None => series.to_owned(),
        };
        (series, value.parse().unwrap())
    };
    page.lines().filter(is_host).map(sample).collect()
}

#[test]
fn the_page_and_otlp_agree() {
    let registry = registry(&[("pages", &[0.5, 1.0, 2.25])]);
    record(&registry);
    let pipeline = Pipeline::new("prometheus", Notices::new(|_| {}));
    let status = || Status::new("upload", Vec::new());
    let page = PrometheusPage::new(Arc::clone(&registry) as _, &resource(), pipeline, status);
    let samples = samples(&page.render(Format::Text));
    let points = Rig::new(Temporality::Cumulative, registry as _).points();
    let lines: BTreeMap<String, f64> = points.iter().flat_map(lines).collect();
    assert!(lines.len() > 200, "{}", lines.len());
    assert_eq!(lines, samples);
}
