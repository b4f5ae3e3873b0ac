//! What observing a call to a language model costs, beside a bare span of ours.

use crate::collector::Collector;
use crate::harness::Effort;
use crate::loads::{MODEL, ROOT};
use crate::ours;
use crate::side::{Side, in_turns_of, note_drops};
use crate::table::{Row, Table};
use lightship::llm::{self, Provider, Usage};
use std::hint::black_box;

const SAMPLED: &str = "call to a model, sampled, against a bare span of ours";
const UNSAMPLED: &str = "call to a model, unsampled";

/// With those that warm up, fewer than the 2,048 spans that a queue takes.
const TURN: u64 = 1_500;
const TURN_OF_UNSAMPLED: u64 = 20_000;

pub(crate) fn rows(table: &mut Table, effort: Effort, collector: &Collector) {
    if table.wants(SAMPLED) {
        let names = [ours::ALL, ours::SAMPLED];
        let mut sides = Side::all(names, collector.address());
        let [call, span] = in_turns_of(effort, &mut sides, [MODEL, ROOT], TURN);
        table.add(Row::costs(SAMPLED, (call.thread, span.thread)).ratio(1.5, 1.5));
        note_drops(table, names, &mut sides);
    }
    if table.wants(UNSAMPLED) {
        let names = [ours::ALL_UNSAMPLED, ours::UNSAMPLED];
        let mut sides = Side::all(names, collector.address());
        let [call, span] = in_turns_of(effort, &mut sides, [MODEL, ROOT], TURN_OF_UNSAMPLED);
        table.add(Row::costs(UNSAMPLED, (call.thread, span.thread)).at_most(600.0));
    }
}

/// One answer of a model that has a price.
pub(crate) fn call(times: u64) {
    for n in 0..times {
        let call = llm::call(Provider::OpenAi, "gpt-4o").start();
        black_box(call.finish(Usage::new(1_200 + n % 7, 350).cache_read(1_024)));
    }
}
