//! What `#[observe]`, `#[timed]` and `#[counted]` do to functions.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "../support/child.rs"]
mod child;
#[path = "../support/counting.rs"]
mod counting;

mod allocations;
mod dashboards;
mod errors;
mod forms;
mod futures;
mod hygiene;
mod options;
mod outcomes;
mod ui;
mod values;
#[cfg(feature = "llm")]
mod workflows;

use lightship::testing::Captured;

/// For code that can't name a `Result`.
type Plain = Result<u8, Wrong>;

#[derive(Debug)]
struct Wrong;

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("wrong")
    }
}

/// How often a function of this name came to this outcome, by its counter and by its timer.
fn calls(seen: &Captured, function: &str, module: &str, outcome: &str) -> u64 {
    let result = match outcome {
        "ok" => Some("ok"),
        "panic" => Some("error"),
        _ => None,
    };
    let mut tags = vec![("function", function), ("module", module), ("outcome", outcome)];
    tags.extend(result.map(|result| ("result", result)));
    counted_and_timed(seen, &tags)
}

/// How often a function of this name failed with an error of this type.
fn errors(seen: &Captured, function: &str, module: &str, error_type: &str) -> u64 {
    let outcome = [("outcome", "error"), ("result", "error"), ("error_type", error_type)];
    let mut tags = vec![("function", function), ("module", module)];
    tags.extend(outcome);
    counted_and_timed(seen, &tags)
}

fn counted_and_timed(seen: &Captured, tags: &[(&str, &str)]) -> u64 {
    let counted = seen.counter("function.calls", tags);
    let timed = seen.histogram("function.calls.duration", tags).count;
    assert_eq!(counted, timed, "{tags:?} in\n{seen}");
    counted
}
