//! What a call of a function costs that is observed, beside one that people measure by hand.

use crate::collector::Collector;
use crate::harness::Effort;
use crate::loads::{INSTRUMENTED, OBSERVED, OBSERVED_WITHOUT_METRICS, PLAIN};
use crate::side::{Side, in_turns_of, note_drops};
use crate::table::{Row, Table};
use crate::{ours, peers};
use std::hint::black_box;
use std::time::Instant;

const SAMPLED: &str = "#[observe], sampled";
const ONE_PERCENT: &str = "#[observe] at 1 %";
const UNWANTED: &str = "what #[observe] adds, span filter off, without metrics";
const NOTHING: &str = "what #[observe] adds, nothing installed";
const NOTHING_WITHOUT_METRICS: &str = "what #[observe] adds, nothing installed, without metrics";

/// Calls of a turn: with those that warm up, fewer than the 2,048 spans that either queue takes.
const TURN: u64 = 1_500;
const TURN_AT_ONE_PERCENT: u64 = 20_000;
/// Of these nothing comes of any call.
const TURN_OF_NOTHING: u64 = 1_000_000;

pub(crate) fn rows(table: &mut Table, effort: Effort, collector: &Collector) {
    let pairs = [
        (SAMPLED, TURN, ours::ALL, peers::METRICS, (0.75, 0.5)),
        (
            ONE_PERCENT,
            TURN_AT_ONE_PERCENT,
            ours::ALL_ONE_PERCENT,
            peers::METRICS_ONE_PERCENT,
            (0.3, 0.2),
        ),
    ];
    for (name, turn, ours, peer, (bar, aim)) in pairs {
        if !table.wants(name) {
            continue;
        }
        let mut sides = Side::all([ours, peer], collector.address());
        let [observed, instrumented] =
            in_turns_of(effort, &mut sides, [OBSERVED, INSTRUMENTED], turn);
        table.add(Row::costs(name, (observed.thread, instrumented.thread)).ratio(bar, aim));
        note_drops(table, [ours, peer], &mut sides);
    }
    for (name, side, load, bar) in [
        (UNWANTED, ours::FILTERED, OBSERVED_WITHOUT_METRICS, Some(3.0)),
        (NOTHING_WITHOUT_METRICS, ours::NOTHING, OBSERVED_WITHOUT_METRICS, Some(3.0)),
        // Each call is counted as one that came too early.
        (NOTHING, ours::NOTHING, OBSERVED, None),
    ] {
        if !table.wants(name) {
            continue;
        }
        let mut sides = Side::all([side, side], collector.address());
        let [with, without] = in_turns_of(effort, &mut sides, [load, PLAIN], TURN_OF_NOTHING);
        let adds = with.thread.nanos - without.thread.nanos;
        let row = Row::nanos(name, Some(adds), Some(without.thread.nanos));
        let row = match bar {
            Some(bar) => row.at_most(bar),
            None => row,
        };
        table.add(row.without_allocations(with.thread));
    }
}

/// The same function, of which nobody wants to know. In all of them what they do can't be seen through,
/// or calls of this one would be left out.
#[inline(never)]
fn plain(n: u64) -> u64 {
    black_box(n)
}

pub(crate) fn call_plain(times: u64) {
    (0..times).for_each(|n| _ = black_box(plain(black_box(n))));
}

#[lightship::observe]
#[inline(never)]
fn observed(n: u64) -> u64 {
    black_box(n)
}

#[lightship::observe(metrics = false)]
#[inline(never)]
fn observed_without_metrics(n: u64) -> u64 {
    black_box(n)
}

/// What people write where there is no such attribute.
#[tracing::instrument(skip_all)]
#[inline(never)]
fn instrumented(n: u64) -> u64 {
    let start = Instant::now();
    let result = black_box(n);
    metrics::histogram!(
        "function_calls_duration_seconds",
        "function" => "instrumented", "module" => module_path!(), "result" => "ok"
    )
    .record(start.elapsed().as_secs_f64());
    result
}

pub(crate) fn call_observed(times: u64) {
    (0..times).for_each(|n| _ = black_box(observed(black_box(n))));
}

pub(crate) fn call_observed_without_metrics(times: u64) {
    (0..times).for_each(|n| _ = black_box(observed_without_metrics(black_box(n))));
}

pub(crate) fn call_instrumented(times: u64) {
    (0..times).for_each(|n| _ = black_box(instrumented(black_box(n))));
}
