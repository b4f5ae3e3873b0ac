//! What a span costs the thread that makes it.

use crate::collector::Collector;
use crate::harness::Effort;
use crate::side::{Side, in_turns, note_drops};
use crate::table::{Row, Table};
use crate::{loads, ours, peers};

const SAMPLED: &str = "sampled span, two attributes";
const LEAN: &str = "the same, against tracing-opentelemetry with all switched off";
const EXPORTED: &str = "the same, against opentelemetry-otlp behind the peer";
const REGISTRY: &str = "the same, against tracing's registry alone";
const BELOW: &str = "sampled span below another";
const EVENT: &str = "sampled span with an event";
const TWO_THREADS: &str = "sampled span, two threads at once";
const UNSAMPLED: &str = "span at 1 %, two attributes";
const UNSAMPLED_REGISTRY: &str = "the same at 1 %, against tracing's registry alone";

/// Spans of a turn: with those that warm up, fewer than the 2,048 that either queue takes.
const TURN: u64 = 1_500;
/// Of these one in a hundred comes to a queue.
const TURN_AT_ONE_PERCENT: u64 = 20_000;

pub(crate) fn rows(table: &mut Table, effort: Effort, collector: &Collector) {
    if [SAMPLED, LEAN, EXPORTED, REGISTRY].iter().any(|name| table.wants(name)) {
        sampled(table, effort, collector);
    }
    for (name, load) in [(BELOW, loads::BELOW), (EVENT, loads::EVENT)] {
        if table.wants(name) {
            let mut sides = Side::all([ours::SAMPLED, peers::SAMPLED], collector.address());
            let [ours, peer] = in_turns(effort, &mut sides, (load, TURN));
            table.add(Row::costs(name, (ours.thread, peer.thread)));
        }
    }
    if table.wants(TWO_THREADS) {
        let mut sides = Side::all([ours::SAMPLED, peers::SAMPLED], collector.address());
        let [ours, peer] = in_turns(effort, &mut sides, (loads::TWO_THREADS, TURN));
        table.add(Row::costs(TWO_THREADS, (ours.thread, peer.thread)));
    }
    if table.wants(UNSAMPLED) || table.wants(UNSAMPLED_REGISTRY) {
        unsampled(table, effort, collector);
    }
}

fn sampled(table: &mut Table, effort: Effort, collector: &Collector) {
    let names = [ours::SAMPLED, peers::SAMPLED, peers::LEAN, peers::OTLP, peers::REGISTRY];
    let mut sides = Side::all(names, collector.address());
    let turns = in_turns(effort, &mut sides, (loads::ROOT, TURN));
    let [ours, peer, lean, otlp, registry] = turns.map(|turn| turn.thread);
    table.add(Row::costs(SAMPLED, (ours, peer)).ratio(0.75, 0.5));
    table.add(Row::costs(LEAN, (ours, lean)));
    table.add(Row::costs(EXPORTED, (ours, otlp)));
    table.add(Row::costs(REGISTRY, (ours, registry)));
    let (ours, peer) = (ours.allocations, peer.allocations);
    table.note(format!("allocations per sampled span: {ours:.1} of ours, {peer:.1} of the peer"));
    note_drops(table, names, &mut sides);
}

fn unsampled(table: &mut Table, effort: Effort, collector: &Collector) {
    // Those that are kept allocate, and one in a hundred is: that none else does is seen apart.
    let names = [ours::UNSAMPLED, peers::UNSAMPLED, peers::REGISTRY];
    let mut sides = Side::all(names, collector.address());
    let load = (loads::ROOT, TURN_AT_ONE_PERCENT);
    let turns = in_turns(effort, &mut sides, load);
    let [mut none_kept, peer, registry] = turns.map(|turn| turn.thread);
    let (a, b, c) = (none_kept.allocations, peer.allocations, registry.allocations);
    table.note(format!(
        "allocations per unsampled span: {a:.4} of ours, {b:.4} of the peer, {c:.4} of the registry"
    ));
    none_kept.allocations -= registry.allocations;

    let names = [ours::ONE_PERCENT, peers::ONE_PERCENT, peers::REGISTRY];
    let mut sides = Side::all(names, collector.address());
    let turns = in_turns(effort, &mut sides, load);
    let [ours, peer, registry] = turns.map(|turn| turn.thread);
    let row = Row::costs(UNSAMPLED, (ours, peer)).ratio(0.3, 0.2);
    table.add(row.without_allocations(none_kept));
    table.add(Row::costs(UNSAMPLED_REGISTRY, (ours, registry)));
    note_drops(table, names, &mut sides);
}
