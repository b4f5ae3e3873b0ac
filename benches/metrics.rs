//! What recording a metric costs, beside what it costs with the crates that people use today.
//!
//! ```text
//! cargo bench -p lightship-benches --bench metrics               everything, about a minute
//! cargo bench -p lightship-benches --bench metrics -- histogram  rows with that in their names
//! cargo bench -p lightship-benches --bench metrics -- --smoke    a few seconds: does it run at all?
//! ```
//!
//! All costs are CPU time, and what counts is the ratio of ours to a peer's within one run. The
//! machines that this runs on are noisy, by tens of percent from one second to the next, so ours
//! and the peer take turns in short rounds and the medians are compared. Criterion measures one
//! function after the other and can't do that; the rows that have a bar are therefore measured by
//! [`harness`], and criterion measures the rows that only tell where we stand.
//!
//! Ends with status 1 if a row misses its bar, except in a smoke run, whose numbers mean nothing.
#![allow(clippy::expect_used, reason = "a benchmark that can't run says why and ends")]

#[path = "harness/allocations.rs"]
mod allocations;
#[path = "harness/child.rs"]
#[allow(dead_code, reason = "not every bench needs all of it")]
mod child;
#[path = "metrics/context.rs"]
mod context;
#[path = "metrics/end_to_end.rs"]
mod end_to_end;
#[path = "harness/harness.rs"]
mod harness;
#[path = "metrics/memory.rs"]
mod memory;
#[path = "metrics/one_thread.rs"]
mod one_thread;
#[path = "metrics/peers.rs"]
mod peers;
#[path = "metrics/startup.rs"]
mod startup;
#[path = "harness/table.rs"]
mod table;
#[path = "metrics/two_threads.rs"]
mod two_threads;
#[path = "metrics/udp.rs"]
mod udp;

use harness::Effort;
use lightship::{DogStatsd, Prometheus, Telemetry};
use peers::Peers;
use std::process::ExitCode;
use table::Table;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut words = arguments.iter().map(String::as_str);
    match words.next() {
        Some(udp::CHILD) => udp::drain_until_stdin_closes(),
        Some(memory::CHILD) => memory::record(words),
        Some(startup::CHILD) => startup::install(),
        _ => return compare(&arguments),
    }
    ExitCode::SUCCESS
}

fn compare(arguments: &[String]) -> ExitCode {
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let effort = if smoke { Effort::SMOKE } else { Effort::FULL };
    let wanted = arguments.iter().find(|argument| !argument.starts_with("--")).cloned();
    let mut table = Table::new(wanted, smoke);

    // While nothing is installed, which is so only once.
    context::before_install(&mut table, effort);

    let agent = udp::Drain::start();
    let telemetry = install(&agent);
    let peers = Peers::new();
    one_thread::rows(&mut table, effort, &peers);
    two_threads::rows(&mut table, effort, &peers);
    end_to_end::rows(&mut table, effort, &telemetry, &agent);
    memory::rows(&mut table, effort);
    startup::rows(&mut table, effort, &agent);
    context::rows(&mut table, effort, &peers, &agent);
    drop(telemetry);

    println!("\n{table}");
    ExitCode::from(u8::from(table.misses_a_bar()))
}

/// All backends on: what the peers' numbers are compared with is never a part of lightship.
fn install(agent: &udp::Drain) -> Telemetry {
    lightship::builder("bench")
        .dogstatsd(DogStatsd::default().address(format!("udp://{}", agent.address())))
        .prometheus(Prometheus::default().listen("127.0.0.1:0"))
        .buckets(one_thread::HISTOGRAM, peers::BOUNDS)
        .buckets(one_thread::TIMER, peers::BOUNDS)
        .install()
        .expect("nothing else is installed in this process")
}
