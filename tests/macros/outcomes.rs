//! How calls end.

use super::{calls, errors};
use lightship::testing::{capture, capture_async};
use lightship::{observe, span_tree};
use std::panic::catch_unwind;

const HERE: &str = module_path!();

#[observe]
fn twice(n: u32) -> u32 {
    inner();
    n * 2
}

#[observe]
fn inner() {}

#[observe]
fn half(n: u32) -> Result<u32, std::num::TryFromIntError> {
    if n == 7 {
        return Ok(0);
    }
    u8::try_from(n)?;
    Ok(n / 2)
}

#[observe]
fn breaks(really: bool) -> u32 {
    assert!(!really, "it was to break");
    1
}

#[observe]
fn breaks_silently(really: bool) {
    assert!(!really, "it was to break");
}

#[test]
fn a_call_has_a_span_a_count_and_a_duration() {
    let (four, seen) = capture(|| twice(2));
    assert_eq!(four, 4);
    assert_eq!(seen.span_trees(), [span_tree! { "twice" { "inner" } }]);
    assert_eq!(calls(&seen, "twice", HERE, "ok"), 1);
    assert_eq!(calls(&seen, "inner", HERE, "ok"), 1);
    let span = seen.span("twice").unwrap();
    assert!(!span.failed());
    assert_eq!(span.kind, "internal");
    assert_eq!(span.attribute("outcome"), None);
    assert_eq!(span.attribute("n"), None, "arguments are nobody's business");
    assert_eq!(seen.series().len(), 4, "{seen}");
}

#[test]
fn an_error_is_told_from_a_success() {
    let ((), seen) = capture(|| {
        half(4).unwrap();
        half(7).unwrap();
        half(1_000).unwrap_err();
    });
    assert_eq!(calls(&seen, "half", HERE, "ok"), 2);
    assert_eq!(errors(&seen, "half", HERE, "TryFromIntError"), 1);
    let failed: Vec<_> = seen.spans().iter().filter(|span| span.failed()).collect();
    let [span] = failed[..] else { panic!("{seen}") };
    assert_eq!(span.attribute("error.type"), Some("TryFromIntError"));
    assert_eq!(span.attribute("outcome"), Some("error"));
    assert_eq!(span.error.as_deref(), Some(""), "what it says was not asked for");
    assert!(seen.logs().is_empty());
}

#[test]
fn a_panic_is_recorded_and_goes_on() {
    let (_, seen) = capture(|| {
        let message = catch_unwind(|| breaks(true)).unwrap_err();
        assert_eq!(message.downcast_ref::<&str>(), Some(&"it was to break"));
        assert!(catch_unwind(|| breaks_silently(true)).is_err());
        breaks(false);
        breaks_silently(false);
    });
    for function in ["breaks", "breaks_silently"] {
        assert_eq!(calls(&seen, function, HERE, "panic"), 1, "{function}");
        assert_eq!(calls(&seen, function, HERE, "ok"), 1, "{function}");
        let span = seen.span(function).unwrap();
        assert!(span.failed(), "{span:?}");
        assert_eq!(span.attribute("outcome"), Some("panic"));
        assert_eq!(span.attribute("error.type"), Some("panic"));
    }
}

/// Calls an observed function when it is dropped.
struct Cleans;

impl Drop for Cleans {
    fn drop(&mut self) {
        inner();
        twice(1);
    }
}

#[test]
fn what_runs_while_a_thread_panics_did_not_panic_itself() {
    let (_, seen) = capture(|| {
        catch_unwind(|| {
            let _cleans = Cleans;
            breaks(true);
        })
    });
    assert_eq!(calls(&seen, "inner", HERE, "ok"), 2, "{seen}");
    assert_eq!(calls(&seen, "twice", HERE, "ok"), 1);
    assert_eq!(calls(&seen, "breaks", HERE, "panic"), 1);
}

#[observe]
async fn waits(n: u32) -> Result<u32, std::fmt::Error> {
    tokio::task::yield_now().await;
    inner();
    if n == 0 {
        return Err(std::fmt::Error);
    }
    assert!(n < 10, "too much");
    Ok(n)
}

#[tokio::test]
async fn a_future_ends_as_a_function_does() {
    let (_, seen) = capture_async(async {
        waits(1).await.unwrap();
        waits(0).await.unwrap_err();
        lightship::spawn(waits(10)).await.unwrap_err();
    })
    .await;
    assert_eq!(calls(&seen, "waits", HERE, "ok"), 1);
    assert_eq!(errors(&seen, "waits", HERE, "Error"), 1);
    assert_eq!(calls(&seen, "waits", HERE, "panic"), 1);
    let tree = || span_tree! { "waits" { "inner" } };
    assert_eq!(seen.span_trees(), [tree(), tree(), tree()]);
    let outcomes: Vec<_> = seen.spans().iter().filter(|span| span.name == "waits").collect();
    let outcomes: Vec<_> = outcomes.iter().map(|span| span.attribute("outcome")).collect();
    assert_eq!(outcomes, [None, Some("error"), Some("panic")]);
}

#[tokio::test]
async fn a_future_that_is_dropped_on_its_way_is_cancelled() {
    let (_, seen) = capture_async(async {
        let mut future = Box::pin(waits(1));
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(future.as_mut().poll(context).is_pending())
        });
        assert!(polled.await);
        drop(future);
    })
    .await;
    assert_eq!(calls(&seen, "waits", HERE, "cancelled"), 1);
    let span = seen.span("waits").unwrap();
    assert_eq!(span.attribute("outcome"), Some("cancelled"));
    assert!(!span.failed());
}

#[tokio::test]
async fn a_future_that_is_never_polled_is_no_call() {
    let (_, seen) = capture_async(async { drop(waits(1)) }).await;
    assert!(seen.spans().is_empty() && seen.series().is_empty(), "{seen}");
}

#[observe]
fn countdown(n: u32) -> u32 {
    if n == 0 { 0 } else { countdown(n - 1) }
}

#[test]
fn a_function_may_call_itself() {
    let (_, seen) = capture(|| countdown(2));
    let tree = span_tree! { "countdown" { "countdown" { "countdown" } } };
    assert_eq!(seen.span_trees(), [tree]);
    assert_eq!(calls(&seen, "countdown", HERE, "ok"), 3);
}
