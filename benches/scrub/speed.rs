//! What scrubbing costs.

use crate::harness::{Costs, Effort, compare, costs as cost, median};
use crate::peers::Side;
use crate::table::{Row, Table};
use crate::texts::{TAGS, json_body, with_findings};
use lightship::{Redaction, Redactor};
use std::hint::black_box;

/// Of our budgets: nanoseconds.
const TAG_BAR: f64 = 30.0;
const FINDING_BAR: f64 = 1_000.0;
const BODY_BAR: f64 = 20_000.0;

pub(crate) fn rows(table: &mut Table, effort: Effort, sides: &[Side]) {
    let redactor = Redaction::default().build().expect("the default rules hold");
    for (at, peer) in sides.iter().enumerate().skip(1) {
        // The first of them stands beside us in the row that is judged.
        clean_tag(table, effort, &redactor, peer, at == 1);
        findings(table, effort, &redactor, peer, at == 1);
        body(table, effort, &redactor, peer, at == 1);
    }
}

/// What rows are called: a table wants its names to live.
fn name(what: &str, peer: &Side) -> &'static str {
    Box::leak(format!("{what}, against {}", peer.name).into_boxed_str())
}

fn clean_tag(table: &mut Table, effort: Effort, redactor: &Redactor, peer: &Side, is_judged: bool) {
    let name = name("a clean short tag", peer);
    if !table.wants(name) {
        return;
    }
    let mut ours = |times| {
        for (key, value) in TAGS.iter().cycle().take(times as usize) {
            black_box(redactor.tag(black_box(key), black_box(value)));
        }
    };
    let mut theirs = |times| {
        for (key, value) in TAGS.iter().cycle().take(times as usize) {
            black_box(peer.scrub(black_box(key), black_box(value)));
        }
    };
    let costs = compare(effort, &mut ours, &mut theirs, || {});
    let row = Row::costs(name, costs);
    table.add(if is_judged { row.at_most(TAG_BAR).without_allocations(costs.0) } else { row });
    if is_judged {
        let each = TAGS.iter().map(|(_, value)| {
            let mut alone = |times| {
                for _ in 0..times {
                    black_box(redactor.text(black_box(value)));
                }
            };
            let nanos = median((0..effort.rounds).map(|_| cost(&mut alone, 10_000).nanos));
            format!("{value} {nanos:.0}")
        });
        table.note(format!("ns by value alone: {}", each.collect::<Vec<_>>().join(", ")));
    }
}

fn findings(table: &mut Table, effort: Effort, redactor: &Redactor, peer: &Side, is_judged: bool) {
    let name = name("100 characters with a finding, median of kinds", peer);
    if !table.wants(name) {
        return;
    }
    let effort = Effort { turn: effort.turn / 4, least: 200, ..effort };
    let costs = |text: &str| -> (Costs, Costs) {
        let mut ours = |times| {
            for _ in 0..times {
                black_box(redactor.text(black_box(text)));
            }
        };
        let mut theirs = |times| {
            for _ in 0..times {
                black_box(peer.scrub("", black_box(text)));
            }
        };
        compare(effort, &mut ours, &mut theirs, || {})
    };
    let texts = with_findings();
    let all: Vec<_> = texts.iter().map(|(name, text)| (*name, costs(text))).collect();
    let ours = median(all.iter().map(|(_, (ours, _))| ours.nanos));
    let theirs = median(all.iter().map(|(_, (_, theirs))| theirs.nanos));
    let row = Row::nanos(name, Some(ours), Some(theirs));
    table.add(if is_judged { row.at_most(FINDING_BAR) } else { row });
    if is_judged {
        let each = all.iter().map(|(name, (ours, _))| format!("{name} {:.0}", ours.nanos));
        table.note(format!("ns by kind: {}", each.collect::<Vec<_>>().join(", ")));
    }
}

fn body(table: &mut Table, effort: Effort, redactor: &Redactor, peer: &Side, is_judged: bool) {
    let name = name("a JSON body of 10 kB", peer);
    if !table.wants(name) {
        return;
    }
    let effort = Effort { least: 1, ..effort };
    let body = json_body(10_000);
    let mut ours = |times| {
        for _ in 0..times {
            black_box(redactor.unbounded(black_box(&body)));
        }
    };
    let mut theirs = |times| {
        for _ in 0..times {
            black_box(peer.scrub("", black_box(&body)));
        }
    };
    let costs = compare(effort, &mut ours, &mut theirs, || {});
    let row = Row::costs(name, costs);
    table.add(if is_judged { row.at_most(BODY_BAR) } else { row });
}
