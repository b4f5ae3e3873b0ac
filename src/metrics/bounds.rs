//! Bounds that histograms have by their names, unless `buckets` says otherwise.

use super::cells::Layout;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Bounds of `db.client.operation.duration`, in seconds: those that OpenTelemetry recommends for it.
pub const DATABASE_BUCKETS: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];
/// How long operations of databases take.
pub(crate) const DATABASE_TIMER: &str = "db.client.operation.duration";
/// Bounds of `gen_ai.client.token.usage`, in tokens: those that OpenTelemetry recommends for it.
pub const TOKEN_BUCKETS: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
/// Bounds of the times of calls to language models, in seconds: those that OpenTelemetry recommends for
/// them.
pub const LLM_BUCKETS: &[f64] =
    &[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/// Bounds of what a call, a section or a workflow costs, in US dollars.
pub const COST_BUCKETS: &[f64] = &[
    1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025,
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0,
];
/// Bounds of what one token costs, in US dollars: from a cent to a thousand dollars for a million.
pub const TOKEN_COST_BUCKETS: &[f64] = &[
    1e-8, 2.5e-8, 5e-8, 1e-7, 2.5e-7, 5e-7, 1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4,
    5e-4, 1e-3,
];
/// Bounds of how long a workflow takes, in milliseconds: from ten of them to an hour.
pub const WORKFLOW_BUCKETS: &[f64] = &[
    10.0,
    25.0,
    50.0,
    100.0,
    250.0,
    500.0,
    1_000.0,
    2_500.0,
    5_000.0,
    10_000.0,
    30_000.0,
    60_000.0,
    120_000.0,
    300_000.0,
    600_000.0,
    1_800_000.0,
    3_600_000.0,
];

/// By exact name.
const BY_NAME: &[(&str, &[f64])] = &[
    (DATABASE_TIMER, DATABASE_BUCKETS),
    ("gen_ai.client.operation.duration", LLM_BUCKETS),
    ("gen_ai.client.operation.time_per_output_chunk", LLM_BUCKETS),
    ("gen_ai.client.operation.time_to_first_chunk", LLM_BUCKETS),
    ("gen_ai.client.token.usage", TOKEN_BUCKETS),
];
/// By what comes after the service's name.
const OF_SERVICE: &[(&str, &[f64])] = &[
    ("cost_per_section", COST_BUCKETS),
    ("llm_cost", COST_BUCKETS),
    ("llm_cost_per_token", TOKEN_COST_BUCKETS),
    ("workflow_execution_time", WORKFLOW_BUCKETS),
    ("workflow_total_cost", COST_BUCKETS),
];

type Layouts = HashMap<&'static str, &'static Layout>;

/// Made once, for a layout lives as long as the process.
static LAYOUTS: LazyLock<[Layouts; 2]> = LazyLock::new(|| {
    let laid = |&(name, bounds): &(&'static str, &[f64])| (name, Layout::new(bounds));
    [BY_NAME, OF_SERVICE].map(|table| table.iter().map(laid).collect())
});

/// The bounds that go with a name, if there are any.
pub(super) fn of(name: &str, service: &str) -> Option<&'static Layout> {
    let [by_name, of_service] = &*LAYOUTS;
    let own = match service {
        "" => Some(name),
        service => name.strip_prefix(service).and_then(|rest| rest.strip_prefix('.')),
    };
    by_name.get(name).or_else(|| of_service.get(own?)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_rise() {
        for (name, bounds) in BY_NAME.iter().chain(OF_SERVICE) {
            assert!(bounds.is_sorted_by(|a, b| a < b), "{name}");
        }
    }

    #[test]
    fn what_is_called_after_the_service_has_bounds_there_alone() {
        let bounds = |name, service| of(name, service).map(Layout::bounds);
        assert_eq!(bounds("upload.llm_cost", "upload"), Some(COST_BUCKETS));
        assert_eq!(bounds("a.b.cost_per_section", "a.b"), Some(COST_BUCKETS));
        assert_eq!(bounds("llm_cost_per_token", ""), Some(TOKEN_COST_BUCKETS));
        for (name, service) in
            [("other.llm_cost", "upload"), ("llm_cost", "upload"), ("uploadllm_cost", "upload")]
        {
            assert_eq!(bounds(name, service), None, "{name}");
        }
        assert_eq!(bounds("gen_ai.client.token.usage", "upload"), Some(TOKEN_BUCKETS));
        assert_eq!(bounds(DATABASE_TIMER, ""), Some(DATABASE_BUCKETS));
    }

    /// OpenTelemetry gives rules for these.
    #[test]
    fn token_and_time_bounds_are_powers() {
        assert!(TOKEN_BUCKETS.windows(2).all(|pair| pair[1] == pair[0] * 4.0));
        assert_eq!((TOKEN_BUCKETS[0], TOKEN_BUCKETS[13]), (1.0, 67_108_864.0));
        for (at, bound) in LLM_BUCKETS.iter().enumerate() {
            assert_eq!(*bound, (1_u32 << at) as f64 / 100.0);
        }
        assert_eq!(LLM_BUCKETS.len(), 14);
        assert_eq!((COST_BUCKETS[0], COST_BUCKETS.last()), (1e-6, Some(&50.0)));
    }
}
