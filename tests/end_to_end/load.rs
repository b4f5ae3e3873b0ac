//! A million and more events over threads that come and go, the agent restarted in between: the
//! same numbers everywhere.

use crate::reference::{Dice, Reference};
use crate::support::dogstatsd::{FakeAgent, Kind, Line, Metric, Vacant, understand};
use crate::turn;
use lightship::{DogStatsd, Prometheus, Telemetry, counter, histogram, timer};
use std::time::Duration;

const ENDPOINTS: [&str; 3] = ["/users", "/documents", "/health"];
/// Threads at once, generations of them, and rounds of each thread. A round is three events.
const THREADS: u64 = 8;
const GENERATIONS: u64 = 6;
const ROUNDS: u64 = 8_000;
pub(crate) const BOUNDS: [f64; 6] = [0.001, 0.005, 0.008, 0.0081, 0.05, 0.25];

#[test]
fn totals_are_equal_everywhere_over_unix_datagrams() {
    over(&Kind::Datagram(socket("datagram")));
}

#[test]
fn totals_are_equal_everywhere_over_a_unix_stream() {
    over(&Kind::Stream(socket("stream")));
}

#[test]
fn totals_are_equal_everywhere_over_udp() {
    over(&Kind::Udp(([127, 0, 0, 1], 0).into()));
}

fn socket(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("lightship-load-{name}-{}.sock", std::process::id()))
}

fn over(kind: &Kind) {
    let _turn = turn();
    let agent = FakeAgent::listen(kind.clone());
    let kind = agent.kind();
    let telemetry = lightship::builder("load")
        .without_environment()
        .dogstatsd(
            DogStatsd::default()
                .address(agent.address())
                .flush_interval(Duration::from_millis(100))
                .client_telemetry(false),
        )
        .prometheus(Prometheus::default().no_listener())
        .buckets("load.duration", &BOUNDS)
        .buckets("load.size", &BOUNDS)
        .process_metrics(false)
        .notices(|_| {})
        .install()
        .unwrap();

    let mut reference = Reference::default();
    (0..3).for_each(|generation| run(generation, &mut reference));
    // What the socket holds when an agent dies is lost, so it is drained first.
    assert!(telemetry.flush(Duration::from_secs(10)).is_complete());
    let mut payloads = agent.stop();
    // Nobody else may take its place while it is away.
    let (vacant, kind) = Vacant::reserve(kind);
    run(3, &mut reference);
    std::thread::sleep(Duration::from_millis(300));
    drop(vacant);
    let agent = FakeAgent::listen(kind);
    (4..GENERATIONS).for_each(|generation| run(generation, &mut reference));

    assert!(telemetry.flush(Duration::from_secs(10)).is_complete(), "{}", telemetry.status());
    let events = 3 * reference.values.len();
    assert!(events >= 1_000_000, "{events}");
    check_prometheus(&telemetry, &mut reference);
    let report = telemetry.shutdown(Duration::from_secs(5));
    assert!(report.is_complete(), "{report}");
    payloads.extend(agent.stop());
    let lines = understand(&payloads);
    check_dogstatsd(&lines, &mut reference);
    check_packing(&lines, &reference);
}

/// One generation of threads, each with its share of the reference.
fn run(generation: u64, reference: &mut Reference) {
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| std::thread::spawn(move || work(generation * 1_000 + thread + 1, ROUNDS)))
        .collect();
    threads.into_iter().for_each(|thread| reference.add(thread.join().unwrap()));
}

/// What one thread does, and what that should amount to.
pub(crate) fn work(seed: u64, rounds: u64) -> Reference {
    let mut dice = Dice::new(seed);
    let mut own = Reference::default();
    for _ in 0..rounds {
        let endpoint = ENDPOINTS[dice.next() as usize % ENDPOINTS.len()];
        let status = if dice.next().is_multiple_of(10) { "500" } else { "200" };
        let value = dice.latency();
        counter!("load.requests", "endpoint" => endpoint, "status" => status).increment(1);
        timer!("load.duration", "kind" => "test").handle().record(value);
        histogram!("load.size", "kind" => "test").record(value);
        *own.counters.entry((endpoint.into(), status.into())).or_default() += 1;
        own.values.push(value);
    }
    own
}

pub(crate) fn check_prometheus(telemetry: &Telemetry, reference: &mut Reference) {
    let page = telemetry.prometheus_text();
    let sample = |start: &str| -> f64 {
        let line = page.lines().find(|line| line.starts_with(start));
        let line = line.unwrap_or_else(|| panic!("no {start} in {page}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    for ((endpoint, status), count) in &reference.counters {
        let labels = format!("{{endpoint=\"{endpoint}\",status=\"{status}\"}}");
        assert_eq!(sample(&format!("load_requests_total{labels}")), *count as f64);
    }
    for name in ["load_duration_seconds", "load_size"] {
        for bound in BOUNDS {
            let found = sample(&format!("{name}_bucket{{kind=\"test\",le=\"{bound}\"}}"));
            assert_eq!(found, reference.at_or_below(bound) as f64, "{name} le {bound}");
        }
        assert_eq!(sample(&format!("{name}_count")), reference.values.len() as f64);
        assert_close(sample(&format!("{name}_sum")), reference.sum());
    }
}

pub(crate) fn check_dogstatsd(lines: &[Line], reference: &mut Reference) {
    let of = |name: &'static str| {
        lines.iter().filter_map(Line::metric).filter(move |metric| metric.name == name)
    };
    for ((endpoint, status), count) in &reference.counters {
        let of_tags = of("load.requests").filter(|metric| {
            metric.tag("endpoint") == Some(endpoint) && metric.tag("status") == Some(status)
        });
        let total: f64 = of_tags.flat_map(|metric| &metric.values).sum();
        assert_eq!(total, *count as f64, "{endpoint} {status}");
    }
    for (name, unit) in [("load.duration", 1e-3), ("load.size", 1.0)] {
        let count: u64 = of(name).map(Metric::count).sum();
        assert_eq!(count, reference.values.len() as u64, "{name}");
        assert_close(of(name).map(Metric::sum).sum::<f64>() * unit, reference.sum());
        let mut weighted: Vec<(f64, u64)> = of(name)
            .flat_map(|metric| metric.values.iter().map(|&v| (v * unit, metric.weight())))
            .collect();
        weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
        for quantile in [0.01, 0.25, 0.5, 0.9, 0.99, 0.999] {
            let (found, expected) = (at(&weighted, count, quantile), reference.quantile(quantile));
            assert!(
                (found / expected - 1.0).abs() < 0.02,
                "{name} p{quantile}: {found} {expected}"
            );
        }
    }
}

/// Many values of one flush go out as few.
fn check_packing(lines: &[Line], reference: &Reference) {
    let durations = lines.iter().filter_map(Line::metric).filter(|it| it.name == "load.duration");
    let most = durations.map(|metric| metric.values.len()).sum::<usize>();
    assert!(most < reference.values.len() / 10, "{most} values went out one by one");
}

/// The weighted value at a quantile.
fn at(weighted: &[(f64, u64)], count: u64, quantile: f64) -> f64 {
    let mut left = ((count - 1) as f64 * quantile) as u64;
    for &(value, weight) in weighted {
        match left.checked_sub(weight) {
            Some(rest) => left = rest,
            None => return value,
        }
    }
    weighted.last().unwrap().0
}

pub(crate) fn assert_close(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 1e-9, "{found} instead of {expected}");
}
