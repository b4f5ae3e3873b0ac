//! What the scrubbing policy catches and what it costs, beside peers on the same texts.
//!
//! ```text
//! cargo bench -p lightship-benches --bench scrub                     everything, about a minute
//! cargo bench -p lightship-benches --bench scrub -- finding          rows with that in their names
//! cargo bench -p lightship-benches --bench scrub -- --smoke          a few seconds: does it run?
//! cargo bench -p lightship-benches --bench scrub -- --corpus [FILE]  scores alone, also of other files
//! ```
//!
//! The peers: the patterns of Python's logfire, ported to `regex`; the crates `leakguard` and `rtb-redact`
//! with their defaults; and the pattern that Datadog's tracers have for query strings, on any value. The
//! files of `--corpus` have the format of `tests/scrub_corpus`, which counts where none is named.
//!
//! Ends with status 1 if a row misses its bar, except in a smoke run, whose numbers mean nothing.
#![allow(clippy::expect_used, reason = "a benchmark that can't run says why and ends")]

#[path = "harness/allocations.rs"]
mod allocations;
#[path = "../tests/scrub/corpus.rs"]
mod corpus;
#[path = "scrub/curve.rs"]
mod curve;
#[path = "scrub/datadog.rs"]
mod datadog;
#[path = "harness/harness.rs"]
#[allow(dead_code, reason = "not every bench needs all of it")]
mod harness;
#[path = "scrub/logfire.rs"]
mod logfire;
#[path = "scrub/peers.rs"]
mod peers;
#[path = "scrub/scores.rs"]
mod scores;
#[path = "scrub/speed.rs"]
mod speed;
#[path = "harness/table.rs"]
#[allow(dead_code, reason = "not every bench needs all of it")]
mod table;
#[path = "scrub/texts.rs"]
mod texts;

use harness::Effort;
use peers::Side;
use std::path::PathBuf;
use std::process::ExitCode;
use table::Table;

fn main() -> ExitCode {
    // Cargo says `--bench` to every benchmark.
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let sides = peers::sides();
    if let Some(at) = arguments.iter().position(|argument| argument == "--corpus") {
        let files: Vec<_> = arguments[at + 1..].iter().map(PathBuf::from).collect();
        println!("{}", scores::Comparison::of(&sides, &files));
        return ExitCode::SUCCESS;
    }
    compare(&arguments, &sides)
}

fn compare(arguments: &[String], sides: &[Side]) -> ExitCode {
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let effort = if smoke { Effort::SMOKE } else { Effort::FULL };
    let wanted = arguments.iter().find(|argument| !argument.starts_with("--")).cloned();
    let mut table = Table::new(wanted, smoke);

    speed::rows(&mut table, effort, sides);
    let is_linear = curve::rows(&mut table, sides, smoke);
    if table.wants("scores") {
        println!("\n{}", scores::Comparison::of(sides, &[]));
    }

    println!("\n{table}");
    ExitCode::from(u8::from(table.misses_a_bar() || !is_linear))
}
