//! What spans and lines of a log cost, beside what they cost with the crates that people use today.
//!
//! ```text
//! cargo bench -p lightship-benches --bench spans                   everything, about two minutes
//! cargo bench -p lightship-benches --bench spans -- sampled        rows with that in their names
//! cargo bench -p lightship-benches --bench spans -- --smoke        a few seconds: does it run?
//! ```
//!
//! A process has one subscriber that all of its threads use, so every side is a process of its own,
//! set up as its documentation has it, and the sides of a row take turns: one works while the others
//! wait. What counts is CPU time, and the ratio of the medians within one run.
//!
//! Whatever is exported goes to a collector on loopback, one more process; before every turn queues
//! are emptied, and no turn is longer than a queue, so that nothing is cheap for being dropped. The
//! peer of the rows about a producer's time has an exporter that does nothing at all, which leaves
//! it more of the machine than ours gets.
//!
//! Ends with status 1 if a row misses its bar, except in a smoke run, whose numbers mean nothing.
#![allow(clippy::expect_used, reason = "a benchmark that can't run says why and ends")]

#[path = "harness/allocations.rs"]
mod allocations;
#[path = "harness/child.rs"]
mod child;
#[path = "spans/collector.rs"]
mod collector;
#[path = "spans/export.rs"]
mod export;
#[path = "spans/functions.rs"]
mod functions;
#[path = "harness/harness.rs"]
#[allow(dead_code, reason = "not every bench needs all of it")]
mod harness;
#[path = "spans/loads.rs"]
mod loads;
#[path = "spans/logs.rs"]
mod logs;
#[path = "spans/models.rs"]
mod models;
#[path = "spans/ours.rs"]
mod ours;
#[path = "spans/peers.rs"]
mod peers;
#[path = "spans/producer.rs"]
mod producer;
#[path = "spans/side.rs"]
mod side;
#[path = "harness/table.rs"]
#[allow(dead_code, reason = "not every bench needs all of it")]
mod table;

use collector::Collector;
use harness::Effort;
use std::process::ExitCode;
use table::Table;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut words = arguments.iter().map(String::as_str);
    match words.next() {
        Some(collector::CHILD) => collector::answer_until_stdin_closes(),
        Some(side::CHILD) => side::work_until_stdin_closes(words),
        _ => return compare(&arguments),
    }
    ExitCode::SUCCESS
}

fn compare(arguments: &[String]) -> ExitCode {
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let effort = if smoke { Effort::SMOKE } else { Effort::FULL };
    let wanted = arguments.iter().find(|argument| !argument.starts_with("--")).cloned();
    let mut table = Table::new(wanted, smoke);

    let mut collector = Collector::start();
    producer::rows(&mut table, effort, &collector);
    functions::rows(&mut table, effort, &collector);
    models::rows(&mut table, effort, &collector);
    logs::rows(&mut table, effort, &collector);
    export::rows(&mut table, effort, &mut collector);

    println!("\n{table}");
    ExitCode::from(u8::from(table.misses_a_bar()))
}
