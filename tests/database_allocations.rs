//! What a call to a database allocates whose statement its thread knows.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/counting.rs"]
mod counting;

use counting::by_this_thread;
use lightship::db::{Query, System};
use lightship::{Logs, Otlp, Prometheus, Sampler};

/// Allocations of this thread in 1,000 runs, after some that may learn.
fn allocations(body: impl Fn()) -> u64 {
    (0..100).for_each(|_| body());
    let before = by_this_thread();
    (0..1_000).for_each(|_| body());
    by_this_thread() - before
}

fn query() {
    let select = "SELECT id, label FROM documents WHERE id IN (1, 2, 3) AND label = 'invoice'";
    let query = Query::new(System::Postgresql, select).namespace("documents").server("db", 5_433);
    query.run_blocking(|| Ok::<_, std::fmt::Error>(())).unwrap();
}

/// One test, for what is installed is the process's.
#[test]
fn a_known_statement_allocates_nothing_unless_it_is_sampled() {
    assert_eq!(allocations(query), 0, "with nobody to write to");
    let telemetry = lightship::builder("allocations")
        .without_environment()
        .otlp(Otlp::default().endpoint("http://127.0.0.1:9"))
        .prometheus(Prometheus::default().listen("127.0.0.1:0"))
        .logs(Logs::disabled())
        .sampler(Sampler::always_off())
        .notices(|_| {})
        .install()
        .unwrap();
    // One that stands alone is decided when it is there; those of a request, which was, are not built.
    let request = tracing::info_span!("request").entered();
    let unsampled = allocations(query);
    // A registry makes room for spans by and by.
    assert!(unsampled <= 8, "{unsampled} in 1,000 calls that are not sampled");
    let get = || {
        let get = Query::command(System::Redis, "GET");
        get.run_blocking(|| Ok::<_, std::fmt::Error>(())).unwrap();
    };
    assert!(allocations(get) <= 8);
    drop(request);
    drop(telemetry);
}
