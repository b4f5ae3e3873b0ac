//! What a span costs the process until a collector has it.

use crate::collector::Collector;
use crate::harness::{Effort, median};
use crate::side::Side;
use crate::table::{Row, Table};
use crate::{ours, peers};

const NAME: &str = "exported span, CPU of the process";
const WITHOUT_GZIP: &str = "exported span, CPU of the process, ours without gzip";
const TURN: u64 = 20_000;

pub(crate) fn rows(table: &mut Table, effort: Effort, collector: &mut Collector) {
    if !table.wants(NAME) && !table.wants(WITHOUT_GZIP) {
        return;
    }
    let names = [ours::SAMPLED, ours::WITHOUT_GZIP, peers::OTLP];
    let mut sides = Side::all(names, collector.address());
    let turn = if effort.smoke { TURN / 10 } else { TURN };
    let mut all = [const { Vec::new() }; 3];
    let mut missing = [0; 3];
    // The first round of all warms up.
    for round in 0..=effort.rounds {
        for (n, side) in sides.iter_mut().enumerate() {
            let before = collector.spans();
            let cost = side.export(turn);
            let arrived = collector.wait_for(before + turn) - before;
            missing[n] += turn - arrived;
            if round > 0 {
                all[n].push(cost / arrived as f64);
            }
        }
    }
    let [ours, plain, peer] = all.map(|costs| Some(median(costs)));
    table.add(Row::nanos(NAME, ours, peer).ratio(0.6, 0.35));
    table.add(Row::nanos(WITHOUT_GZIP, plain, peer));
    for (name, missing) in names.into_iter().zip(missing) {
        table.note(format!("{name}, exporting: {missing} did not arrive"));
    }
}
