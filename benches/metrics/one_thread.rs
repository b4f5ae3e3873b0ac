//! One thread, every backend of ours on, against metrics-exporter-prometheus alone.

use crate::harness::{Costs, Effort, Load, compare};
use crate::peers::Peers;
use crate::table::{Row, Table};
use lightship::{counter, histogram, timer};
use metrics::with_local_recorder;
use std::hint::black_box;
use std::time::Instant;

pub(crate) const COUNTER: &str = "counter!, literal tags";
pub(crate) const RECORD: &str = "histogram!, literal tags";
/// The histograms whose bounds are set to the peer's.
pub(crate) const HISTOGRAM: &str = "bench.histogram";
pub(crate) const TIMER: &str = "bench.timer";

/// How many values the dynamic tag takes: as many as a service has endpoints.
const TAG_VALUES: usize = 64;
/// How many values go round in the histogram.
const MEASUREMENTS: usize = 1_024;

pub(crate) fn rows(table: &mut Table, effort: Effort, peers: &Peers) {
    let run = |ours: Load<'_>, peer: Load<'_>| -> (Costs, Costs) {
        with_local(peers, peer, |peer| compare(effort, ours, peer, || peers.upkeep()))
    };
    if table.wants(COUNTER) {
        let costs = run(&mut our_counter, &mut peers_counter);
        table.add(Row::costs(COUNTER, costs).ratio(0.10, 0.03).without_allocations(costs.0));
    }
    let name = "counter!, one dynamic tag, known to the thread";
    if table.wants(name) {
        let costs = dynamic_counter(run);
        table.add(Row::costs(name, costs).ratio(0.15, 0.07).without_allocations(costs.0));
    }
    let name = "metrics::counter! through our recorder, literal label";
    if table.wants(name) {
        let costs = run(&mut bridged_counter, &mut peers_counter);
        table.add(Row::costs(name, costs).ratio(1.0, 0.6));
    }
    if table.wants(RECORD) {
        let costs = literal_histogram(run);
        table.add(Row::costs(RECORD, costs).ratio(0.10, 0.03).without_allocations(costs.0));
    }
    let name = "timer! around nothing, against Instant and histogram!";
    if table.wants(name) {
        let costs = run(&mut our_timer, &mut peers_timer);
        table.add(Row::costs(name, costs).ratio(0.35, 0.2).without_allocations(costs.0));
    }
}

/// Has the peer's load run with the peer's recorder, and everything else with ours.
fn with_local<R>(peers: &Peers, peer: Load<'_>, body: impl FnOnce(Load<'_>) -> R) -> R {
    body(&mut |times| with_local_recorder(&peers.prometheus, || peer(times)))
}

pub(crate) fn our_counter(times: u64) {
    for _ in 0..times {
        counter!("bench.counter", "endpoint" => "/users").increment(black_box(1));
    }
}

pub(crate) fn peers_counter(times: u64) {
    for _ in 0..times {
        metrics::counter!("bench_counter", "endpoint" => "/users").increment(black_box(1));
    }
}

/// The same text as the peer's, but no recorder is put in place: it goes to the global one, ours.
fn bridged_counter(times: u64) {
    for _ in 0..times {
        metrics::counter!("bench.bridged", "endpoint" => "/users").increment(black_box(1));
    }
}

fn dynamic_counter(run: impl FnOnce(Load<'_>, Load<'_>) -> (Costs, Costs)) -> (Costs, Costs) {
    let values: Vec<String> = (0..TAG_VALUES).map(|n| format!("/documents/{n}")).collect();
    let mut ours = |times| {
        for value in values.iter().cycle().take(times as usize) {
            counter!("bench.dynamic", "endpoint" => value).increment(black_box(1));
        }
    };
    // The peer's macro wants a value of its own.
    let mut peer = |times| {
        for value in values.iter().cycle().take(times as usize) {
            metrics::counter!("bench_dynamic", "endpoint" => value.clone()).increment(black_box(1));
        }
    };
    run(&mut ours, &mut peer)
}

fn literal_histogram(run: impl FnOnce(Load<'_>, Load<'_>) -> (Costs, Costs)) -> (Costs, Costs) {
    let values = latencies(MEASUREMENTS);
    let mut ours = |times| our_histogram(&values, times);
    let mut peer = |times| peers_histogram(&values, times);
    run(&mut ours, &mut peer)
}

fn our_histogram(values: &[f64], times: u64) {
    for value in values.iter().cycle().take(times as usize) {
        histogram!("bench.histogram", "service" => "api").record(*value);
    }
}

pub(crate) fn peers_histogram(values: &[f64], times: u64) {
    for value in values.iter().cycle().take(times as usize) {
        metrics::histogram!("bench_histogram", "service" => "api").record(*value);
    }
}

fn our_timer(times: u64) {
    for _ in 0..times {
        let timer = timer!("bench.timer", "table" => "documents");
        black_box(());
        drop(timer);
    }
}

fn peers_timer(times: u64) {
    for _ in 0..times {
        let start = Instant::now();
        black_box(());
        metrics::histogram!("bench_timer", "table" => "documents").record(start.elapsed());
    }
}

/// Latencies in seconds as services have them: log-normal around 20 ms, three decades wide.
pub(crate) fn latencies(count: usize) -> Vec<f64> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut uniform = || {
        // xorshift64*: the values are to look random, and to be the same in every run.
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64
    };
    // Twelve uniform numbers, less six, are as good as normal; ten to the half of it spans three
    // decades between minus and plus three sigma.
    let mut latency = || {
        let normal = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
        0.02 * 10_f64.powf(normal / 2.0)
    };
    (0..count).map(|_| latency()).collect()
}
