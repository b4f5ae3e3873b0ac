//! Rows without a bar: the rest of the field, to know where we stand.
//!
//! Criterion measures them, each on its own, in CPU time of the thread. Where a row only brings
//! another peer for what was measured before, ours is that row's number.

use crate::harness::{Effort, median, thread_cpu};
use crate::one_thread::{self, latencies, peers_counter, peers_histogram};
use crate::peers::{self, Peers};
use crate::table::{Row, Table};
use crate::udp::Drain;
use cadence::Counted;
use criterion::Criterion;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use lightship::{counter, gauge};
use metrics::with_local_recorder;
use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::{ManualReader, SdkMeterProvider};
use std::hint::black_box;
use std::time::Duration;

const BEFORE: &str = "counter! before install, against the macro with no recorder";

/// Runs before everything else.
pub(crate) fn before_install(table: &mut Table, effort: Effort) {
    if table.wants(BEFORE) {
        let mut engine = Engine::new(effort);
        let ours = engine.cost("lightship before install", one_thread::our_counter);
        let peer = engine.cost("metrics without a recorder", peers_counter);
        table.add(Row::nanos(BEFORE, Some(ours), Some(peer)));
    }
}

pub(crate) fn rows(table: &mut Table, effort: Effort, peers: &Peers, agent: &Drain) {
    table.note("rows without a bar: peers measured apart from ours".to_owned());
    let mut engine = Engine::new(effort);
    kept_handles(table, &mut engine, peers);
    fanout(table, &mut engine, agent);
    cadence(table, &mut engine, agent);
    opentelemetry(table, &mut engine);
}

fn kept_handles(table: &mut Table, engine: &mut Engine, peers: &Peers) {
    let name = "kept counter handle, against Prometheus' alone";
    if table.wants(name) {
        let handle = counter!("bench.counter", "endpoint" => "/users");
        let ours = engine.cost("lightship handle", |times| {
            (0..times).for_each(|_| handle.increment(black_box(1)));
        });
        let handle = with_local_recorder(
            &peers.prometheus,
            || metrics::counter!("bench_counter", "endpoint" => "/users"),
        );
        let peer = engine.cost("prometheus handle", |times| {
            (0..times).for_each(|_| handle.increment(black_box(1)));
        });
        table.add(Row::nanos(name, Some(ours), Some(peer)));
    }
    let name = "gauge! set, literal tags, against Prometheus alone";
    if table.wants(name) {
        let ours = engine.cost("lightship gauge", |times| {
            (0..times).for_each(|_| gauge!("bench.gauge", "queue" => "parser").set(black_box(1.5)));
        });
        let peer = engine.cost("prometheus gauge", |times| {
            with_local_recorder(&peers.prometheus, || {
                let gauge = || metrics::gauge!("bench_gauge", "queue" => "parser");
                (0..times).for_each(|_| gauge().set(black_box(1.5)));
            });
        });
        table.add(Row::nanos(name, Some(ours), Some(peer)));
    }
}

fn fanout(table: &mut Table, engine: &mut Engine, agent: &Drain) {
    let (fanout, handle) = peers::fanout(agent.address());
    let name = "counter!, literal tags, against Fanout(Prometheus, DogStatsD)";
    if table.wants(name) {
        let peer = engine.cost("fanout counter", |times| {
            with_local_recorder(&fanout, || peers_counter(times));
        });
        table.add(Row::nanos(name, table.ours(one_thread::COUNTER), Some(peer)));
    }
    let name = "histogram!, literal tags, against Fanout(Prometheus, DogStatsD)";
    if table.wants(name) {
        let values = latencies(1_024);
        let peer = engine.cost("fanout histogram", |times| {
            with_local_recorder(&fanout, || peers_histogram(&values, times));
            handle.run_upkeep();
        });
        table.add(Row::nanos(name, table.ours(one_thread::RECORD), Some(peer)));
    }
}

fn cadence(table: &mut Table, engine: &mut Engine, agent: &Drain) {
    for queued in [false, true] {
        let name = match queued {
            false => "counter!, literal tags, against cadence buffered",
            true => "counter!, literal tags, against cadence queued",
        };
        if table.wants(name) {
            let client = peers::cadence(agent.address(), queued);
            let peer = engine.cost(name, |times| {
                for _ in 0..times {
                    let count = client.count_with_tags("counter", black_box(1_i64));
                    // A full queue or socket refuses, which is the quicker way out.
                    let _ = count.with_tag("endpoint", "/users").try_send();
                }
            });
            table.add(Row::nanos(name, table.ours(one_thread::COUNTER), Some(peer)));
        }
    }
}

fn opentelemetry(table: &mut Table, engine: &mut Engine) {
    let provider = SdkMeterProvider::builder().with_reader(ManualReader::builder().build()).build();
    let meter = provider.meter("bench");
    let name = "counter!, literal tags, against OpenTelemetry's Counter::add";
    if table.wants(name) {
        let counter = meter.u64_counter("counter").build();
        let peer = engine.cost("opentelemetry counter", |times| {
            for _ in 0..times {
                counter.add(black_box(1), &[KeyValue::new("endpoint", "/users")]);
            }
        });
        table.add(Row::nanos(name, table.ours(one_thread::COUNTER), Some(peer)));
    }
    let name = "histogram!, literal tags, against OpenTelemetry's record";
    if table.wants(name) {
        let values = latencies(1_024);
        let bounds = peers::BOUNDS.to_vec();
        let histogram = meter.f64_histogram("histogram").with_boundaries(bounds).build();
        let peer = engine.cost("opentelemetry histogram", |times| {
            for value in values.iter().cycle().take(times as usize) {
                histogram.record(*value, &[KeyValue::new("service", "api")]);
            }
        });
        table.add(Row::nanos(name, table.ours(one_thread::RECORD), Some(peer)));
    }
}

/// Criterion, and what it leaves us with.
struct Engine {
    criterion: Criterion<ThreadCpu>,
    samples: usize,
}

impl Engine {
    fn new(effort: Effort) -> Self {
        let samples = if effort.smoke { 10 } else { 30 };
        let criterion = Criterion::default()
            .with_measurement(ThreadCpu)
            .sample_size(samples)
            .warm_up_time(effort.turn * 4)
            .measurement_time(effort.turn * 10)
            .without_plots();
        Engine { criterion, samples }
    }

    /// Nanoseconds for one operation.
    fn cost(&mut self, name: &str, mut load: impl FnMut(u64)) -> f64 {
        let mut costs = Vec::new();
        self.criterion.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                let start = thread_cpu();
                load(times);
                let taken = thread_cpu() - start;
                costs.push(taken.as_nanos() as f64 / times as f64);
                taken
            });
        });
        // What came before the samples warmed up.
        let warm = costs.len().saturating_sub(self.samples);
        median(costs.drain(warm..))
    }
}

/// CPU time of the running thread; durations look as those of the wall's clock do.
struct ThreadCpu;

impl Measurement for ThreadCpu {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        thread_cpu()
    }

    fn end(&self, start: Duration) -> Duration {
        thread_cpu() - start
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}
