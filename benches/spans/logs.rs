//! What a line of a log costs: standard output goes nowhere, and the same nowhere for all.
//!
//! The peer writes every line itself. A thread of ours writes many at once, so what that takes is
//! told apart, as the time of the process.

use crate::collector::Collector;
use crate::harness::Effort;
use crate::side::{Side, in_turns, note_drops};
use crate::table::{Row, Table};
use crate::{loads, ours, peers};

const LINE: &str = "JSON line, three fields";
const BY_THREAD: &str = "the same line, against tracing-appender's thread";
const PROCESS: &str = "the same line, CPU of the process";
const IN_SPAN: &str = "JSON line in a span";
const IN_SPAN_PROCESS: &str = "the same line in a span, CPU of the process";
const IN_KEPT_SPAN: &str = "JSON line in a sampled span that it is added to";

/// Lines of a turn: less than a quarter of the 1 MiB that may wait for our thread.
const TURN: u64 = 800;

pub(crate) fn rows(table: &mut Table, effort: Effort, collector: &Collector) {
    if [LINE, BY_THREAD, PROCESS].iter().any(|name| table.wants(name)) {
        let names = [ours::LOGS, peers::LINES, peers::LINES_BY_THREAD];
        let mut sides = Side::all(names, collector.address());
        let [ours, peer, by_thread] = in_turns(effort, &mut sides, (loads::LINE, TURN));
        table.add(Row::costs(LINE, (ours.thread, peer.thread)).ratio(1.2, 0.8));
        table.add(Row::costs(BY_THREAD, (ours.thread, by_thread.thread)));
        table.add(Row::nanos(PROCESS, Some(ours.process), Some(peer.process)));
        note_drops(table, names, &mut sides);
    }
    // Our lines have the ids of the trace whether it is sampled or not; the peer's have none.
    if table.wants(IN_SPAN) || table.wants(IN_SPAN_PROCESS) {
        let names = [ours::LOGS_UNSAMPLED, peers::LINES];
        let mut sides = Side::all(names, collector.address());
        let [ours, peer] = in_turns(effort, &mut sides, (loads::LINE_IN_SPAN, TURN));
        table.add(Row::costs(IN_SPAN, (ours.thread, peer.thread)).ratio(1.2, 0.8));
        table.add(Row::nanos(IN_SPAN_PROCESS, Some(ours.process), Some(peer.process)));
        note_drops(table, names, &mut sides);
    }
    if table.wants(IN_KEPT_SPAN) {
        let names = [ours::LOGS, peers::LINES_AND_SPANS];
        let mut sides = Side::all(names, collector.address());
        let [ours, peer] = in_turns(effort, &mut sides, (loads::LINE_IN_SPAN, TURN));
        table.add(Row::costs(IN_KEPT_SPAN, (ours.thread, peer.thread)));
        note_drops(table, names, &mut sides);
    }
}
