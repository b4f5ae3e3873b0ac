//! What workflows come to, whatever becomes of them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod costs;
mod endings;
mod track;

use crate::money::Cost;
use crate::testing::Captured;

fn usd(usd: f64) -> Option<Cost> {
    Cost::from_usd(usd)
}

/// How often a workflow ended like this.
fn executions(seen: &Captured, workflow: &str, success: bool, error_type: Option<&str>) -> u64 {
    let success = if success { "true" } else { "false" };
    let mut tags = vec![("workflow", workflow), ("success", success)];
    tags.extend(error_type.map(|error_type| ("error_type", error_type)));
    let count = seen.counter("workflow_executions", &tags);
    assert_eq!(seen.histogram("workflow_execution_time", &tags).count, count, "{seen}");
    count
}

/// What workflows of this name cost: how many of them, and how much together.
fn cost(seen: &Captured, workflow: &str) -> (u64, f64) {
    let cost = seen.histogram("workflow_total_cost", &[("workflow", workflow)]);
    (cost.count, cost.sum)
}
