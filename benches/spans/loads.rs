//! What a side is asked to do so many times: the same text for ours and for the peer.

use crate::functions;
use crate::harness::thread_cpu;
use crate::models;
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use tracing::{info, info_span};

/// A trace of one span with two attributes.
pub(crate) const ROOT: &str = "root";
/// Such a span below another.
pub(crate) const BELOW: &str = "below";
/// Such a trace with an event in it.
pub(crate) const EVENT: &str = "event";
/// A line with three fields outside of any span, and inside of one.
pub(crate) const LINE: &str = "line";
pub(crate) const LINE_IN_SPAN: &str = "line-in-span";
/// `ROOT` by two threads at once.
pub(crate) const TWO_THREADS: &str = "two-threads";
/// Calls of an empty function, and how it is measured.
pub(crate) const OBSERVED: &str = "observed";
pub(crate) const OBSERVED_WITHOUT_METRICS: &str = "observed-without-metrics";
pub(crate) const PLAIN: &str = "plain";
pub(crate) const INSTRUMENTED: &str = "instrumented";
/// A call to a language model, with its usage and its cost.
pub(crate) const MODEL: &str = "model";

/// A span keeps 128 events, for which reason no span gets more lines than that.
const LINES_PER_SPAN: u64 = 100;

pub(crate) fn named(name: &str) -> fn(u64) {
    match name {
        ROOT => roots,
        BELOW => below,
        EVENT => events,
        LINE => lines,
        LINE_IN_SPAN => lines_in_spans,
        OBSERVED => |times| calls(times, functions::call_observed),
        OBSERVED_WITHOUT_METRICS => functions::call_observed_without_metrics,
        PLAIN => functions::call_plain,
        MODEL => |times| calls(times, models::call),
        INSTRUMENTED => |times| calls(times, functions::call_instrumented),
        other => panic!("no load is called {other}"),
    }
}

static MADE: AtomicU64 = AtomicU64::new(0);

/// How many spans were made up to now.
pub(crate) fn spans_made() -> u64 {
    MADE.load(Ordering::Relaxed)
}

fn calls(times: u64, load: fn(u64)) {
    MADE.fetch_add(times, Ordering::Relaxed);
    load(times);
}

fn roots(times: u64) {
    MADE.fetch_add(times, Ordering::Relaxed);
    for n in 0..times {
        let span = info_span!("request", user = "someone", n);
        let _entered = span.enter();
        black_box(&span);
    }
}

fn below(times: u64) {
    MADE.fetch_add(1, Ordering::Relaxed);
    let _above = info_span!("request").entered();
    roots(times);
}

fn events(times: u64) {
    MADE.fetch_add(times, Ordering::Relaxed);
    for n in 0..times {
        let span = info_span!("request", user = "someone", n);
        let _entered = span.enter();
        info!(pages = n, "stored");
    }
}

fn lines(times: u64) {
    for n in 0..times {
        info!(user = "someone", n, share = 0.25, "stored");
    }
}

fn lines_in_spans(times: u64) {
    let mut left = times;
    while left > 0 {
        MADE.fetch_add(1, Ordering::Relaxed);
        let some = left.min(LINES_PER_SPAN);
        info_span!("request", user = "someone", n = left).in_scope(|| lines(some));
        left -= some;
    }
}

/// Nanoseconds of its thread for one span, while another thread does the same.
pub(crate) fn two_threads(times: u64) -> f64 {
    let barrier = Barrier::new(2);
    let work = || {
        barrier.wait();
        let start = thread_cpu();
        roots(times / 2);
        (thread_cpu() - start).as_nanos()
    };
    let [first, second] = thread::scope(|scope| {
        [scope.spawn(work), scope.spawn(work)].map(|thread| thread.join().expect("it returns"))
    });
    (first + second) as f64 / (times / 2 * 2) as f64
}
