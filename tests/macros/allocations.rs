//! What a call that is observed may allocate: nothing, once its thread knows it.

use super::child::{self, this_test};
use super::counting::by_this_thread;
use lightship::{DogStatsd, Logs, Otlp, Prometheus, Sampler, observe, timed};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

#[observe(fields(n), tags(kind = kind))]
fn observed(n: u32, kind: &str) -> Result<u32, std::fmt::Error> {
    literal();
    later(n).map(|n| n + kind.len() as u32)
}

#[observe(tags(k = "v"))]
#[timed("timed", "k" => "v")]
fn literal() {}

#[observe(kind = "client", err)]
async fn answers(n: u32) -> Result<u32, std::fmt::Error> {
    std::future::ready(Ok(n)).await
}

fn later(n: u32) -> Result<u32, std::fmt::Error> {
    let answer = pin!(answers(n));
    match answer.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => Err(std::fmt::Error),
    }
}

/// Allocations in 1,000 runs, after some that may learn.
fn allocations(body: impl Fn()) -> u64 {
    (0..1_000).for_each(|_| body());
    let before = by_this_thread();
    (0..1_000).for_each(|_| body());
    by_this_thread() - before
}

/// In a process of its own, for what is installed is the process's, and captures send every call the
/// slow way.
#[test]
fn a_call_allocates_nothing_once_its_thread_knows_it() {
    // Of 3,000 spans, as a registry makes room for them and backends take readings by and by.
    const ROOM: u64 = 60;
    if child::argument().is_some() {
        let call = || assert_eq!(observed(1, "pdf"), Ok(4));
        assert_eq!(allocations(call), 0, "before init");
        let telemetry = lightship::builder("allocations")
            .without_environment()
            .dogstatsd(DogStatsd::default().address("udp://127.0.0.1:9"))
            .prometheus(Prometheus::default().listen("127.0.0.1:0"))
            .otlp(Otlp::default().endpoint("http://127.0.0.1:9"))
            .sampler(Sampler::always_off())
            .logs(Logs::disabled())
            .notices(|_| {})
            .install()
            .unwrap();
        let made = allocations(call);
        assert!(made <= ROOM, "{made} of 1,000 calls");
        let page = telemetry.prometheus_text();
        let calls = "function_calls_total{function=\"answers\"";
        let line = page.lines().find(|line| line.starts_with(calls)).unwrap();
        assert!(line.ends_with(" 2000"), "{line}");
        return;
    }
    child::run(child::command(this_test!(), "")).succeeded();
}
