//! Wherever a service may start us: without a runtime, in each of Tokio's, beside one; with a
//! collector and without.

use crate::otlp::{FakeCollector, tree};
use crate::{NOBODY, silent, turn};
use lightship::{Builder, Otlp, Report, Telemetry, counter};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};
use tokio::runtime;

const TIMEOUT: Duration = Duration::from_secs(2);
/// What a call of that timeout must never take, on the slowest machine.
const FAR_TOO_LONG: Duration = Duration::from_secs(10);
const WORK: &str = "request\n  query\n";

fn builder(endpoint: &str) -> Builder {
    silent().otlp(Otlp::default().endpoint(endpoint).metrics(true))
}

/// Spans, an event and a metric.
fn work() {
    let _request = tracing::info_span!("request").entered();
    tracing::info_span!("query", rows = 3).in_scope(|| tracing::info!("found"));
    counter!("rounds").increment(1);
}

fn in_time<R>(call: impl FnOnce() -> R) -> R {
    let start = Instant::now();
    let result = call();
    assert!(start.elapsed() < FAR_TOO_LONG, "{:?}", start.elapsed());
    result
}

/// A life to its end by `end`, with two pieces of work and a flush between them.
fn round(endpoint: &str, end: impl FnOnce(Telemetry)) {
    let telemetry = in_time(|| builder(endpoint).install().unwrap());
    work();
    check(endpoint, &in_time(|| telemetry.flush(TIMEOUT)));
    work();
    in_time(|| end(telemetry));
}

fn rounds(endpoint: &str) {
    round(endpoint, |telemetry| check(endpoint, &telemetry.shutdown(TIMEOUT)));
    round(endpoint, drop);
}

async fn round_async(endpoint: String) {
    let telemetry = builder(&endpoint).install().unwrap();
    work();
    let start = Instant::now();
    check(&endpoint, &telemetry.flush_async(TIMEOUT).await);
    work();
    check(&endpoint, &telemetry.shutdown_async(TIMEOUT).await);
    assert!(start.elapsed() < 2 * FAR_TOO_LONG, "{:?}", start.elapsed());
}

fn check(endpoint: &str, report: &Report) {
    assert_eq!(report.is_complete(), endpoint != NOBODY, "{report}");
}

/// Runs `rounds` with a collector, which gets everything, and without.
fn with_and_without(rounds_of_work: usize, run: impl Fn(&str)) {
    let _turn = turn();
    let collector = FakeCollector::start();
    run(&collector.endpoint());
    let spans = collector.spans();
    assert_eq!(tree(&spans, &[]), WORK.repeat(rounds_of_work));
    assert!(spans.iter().filter(|span| span.name == "query").all(|it| it.event("found").is_some()));
    let points = collector.points();
    let totals = points.iter().filter(|point| point.name == "rounds").map(|point| point.number());
    assert_eq!(totals.max_by(|a, b| a.partial_cmp(b).unwrap()), Some(Some(2.0)));
    run(NOBODY);
}

fn current_thread() -> runtime::Runtime {
    runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi_thread() -> runtime::Runtime {
    runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

#[test]
fn without_a_runtime() {
    with_and_without(4, rounds);
}

#[test]
fn without_a_runtime_in_a_thread_without_one() {
    with_and_without(2, |endpoint| block_on(round_async(endpoint.to_owned())));
}

#[test]
fn on_the_only_thread_of_a_runtime() {
    with_and_without(6, |endpoint| {
        current_thread().block_on(async {
            rounds(endpoint);
            round_async(endpoint.to_owned()).await;
        });
    });
}

#[test]
fn on_the_only_worker_of_a_runtime() {
    with_and_without(6, |endpoint| {
        let endpoint = endpoint.to_owned();
        let task = async move {
            rounds(&endpoint);
            round_async(endpoint).await;
        };
        let multi = multi_thread();
        multi.block_on(async { tokio::spawn(task).await.unwrap() });
    });
}

#[test]
fn in_the_main_function_of_a_runtime_of_many_threads() {
    with_and_without(6, |endpoint| {
        multi_thread().block_on(async {
            rounds(endpoint);
            round_async(endpoint.to_owned()).await;
        });
    });
}

#[test]
fn inside_spawn_blocking() {
    with_and_without(4, |endpoint| {
        for runtime in [current_thread(), multi_thread()] {
            let endpoint = endpoint.to_owned();
            let blocking = runtime.spawn_blocking(move || {
                round(&endpoint, |telemetry| check(&endpoint, &telemetry.shutdown(TIMEOUT)));
            });
            runtime.block_on(blocking).unwrap();
        }
    });
}

/// As many calls at once as may be: none waits for another's timeout on top of its own.
#[test]
fn from_many_threads_at_once() {
    let _turn = turn();
    let collector = FakeCollector::start();
    let telemetry = builder(&collector.endpoint()).install().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let handle = telemetry.handle();
            scope.spawn(move || {
                work();
                check("", &in_time(|| handle.flush(TIMEOUT)));
            });
        }
    });
    assert_eq!(collector.spans().len(), 16);
    check("", &telemetry.shutdown(TIMEOUT));
}

/// The smallest executor there is.
fn block_on<R>(future: impl Future<Output = R>) -> R {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => return result,
            Poll::Pending => std::thread::park(),
        }
    }
}
