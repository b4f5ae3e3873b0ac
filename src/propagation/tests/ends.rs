//! Where work ends, and where telemetry does: what came in goes out.

use super::journeys::builder;
use super::{Headers, extracted, headers};
use crate::config::Sampler;
use crate::propagation::{Baggage, Propagator, Remote, extract, inject};
use crate::{Otlp, Telemetry};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tracing::info_span;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";

fn all() -> Headers {
    headers(&[("traceparent", PARENT), ("tracestate", "congo=t61"), ("baggage", "tenant=acme")])
}

fn out() -> Headers {
    let mut out = Headers::new();
    inject(&mut out);
    out
}

fn telemetry(otlp: Otlp) -> Telemetry {
    builder(Sampler::ratio(0.5), otlp).build().unwrap()
}

/// Calls somebody when it is dropped.
struct Farewell(mpsc::Sender<Headers>);

impl Drop for Farewell {
    fn drop(&mut self) {
        let _ = self.0.send(info_span!("farewell").in_scope(out));
    }
}

#[test]
fn a_cancelled_request_ends_in_its_trace() {
    let telemetry = telemetry(Otlp::default());
    let (give, take) = mpsc::channel();
    telemetry.scope(|| {
        let farewell = Farewell(give);
        let mut request = Box::pin(extract(&all()).wrap(async move {
            let _farewell = farewell;
            std::future::pending::<()>().await;
        }));
        let polled = request.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Pending);
        drop(request);
        assert!(out().is_empty(), "and nothing is left of it");
    });
    let last = take.try_recv().unwrap();
    assert_eq!(last["traceparent"][..36], PARENT[..36]);
    assert_eq!(last["baggage"], "tenant=acme");
    // One that was never polled, and one that is through.
    let (give, take) = mpsc::channel();
    telemetry.scope(|| {
        let farewell = Farewell(give.clone());
        drop(extract(&all()).wrap(async move { drop(farewell) }));
        let mut whole = Box::pin(extract(&all()).wrap(async { out() }));
        let polled = whole.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Ready(all()));
    });
    assert_eq!(take.try_recv().unwrap()["baggage"], "tenant=acme");
}

fn passes_on() {
    let passed = extract(&all()).run(|| {
        info_span!("handle").in_scope(|| info_span!("call", otel.kind = "client").in_scope(out))
    });
    assert_eq!(passed, all());
}

#[test]
fn after_the_end_what_came_in_goes_out() {
    let telemetry = telemetry(Otlp::default());
    telemetry.scope(|| {
        let during = extract(&all()).run(|| info_span!("handle").in_scope(out));
        assert_ne!(during, all());
    });
    let subscriber = telemetry.scope(|| tracing::dispatcher::get_default(Clone::clone));
    telemetry.shutdown(Duration::from_secs(20));
    tracing::dispatcher::with_default(&subscriber, passes_on);
}

#[test]
fn a_process_that_exports_nothing_passes_on_what_came_in() {
    telemetry(Otlp::disabled()).scope(passes_on);
    let set = [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_SAMPLER", "always_off")];
    let off = crate::builder("off").environment_variables(set).notices(|_| {});
    off.build().unwrap().scope(passes_on);
    // It decides nothing, either; but who must be told something hears what others would.
    let both = [Propagator::B3, Propagator::TraceContext];
    for (ratio, flag) in [(0.0, "-00"), (1.0, "-01")] {
        let telemetry = builder(Sampler::ratio(ratio), Otlp::disabled()).propagators(both);
        telemetry.build().unwrap().scope(|| {
            let undecided = [("b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7")];
            let passed = extract(&undecided).run(|| info_span!("handle").in_scope(out));
            assert_eq!(passed["b3"], undecided[0].1);
            assert!(passed["traceparent"].ends_with(flag), "{passed:?}");
        });
    }
}

#[test]
fn without_spans_the_remote_context_goes_on() {
    let telemetry = builder(Sampler::ratio(1.0), Otlp::default()).span_filter("off");
    telemetry.build().unwrap().scope(passes_on);
}

#[test]
fn on_threads_of_ours_there_is_nothing_to_say() {
    let dispatch =
        telemetry(Otlp::default()).scope(|| tracing::dispatcher::get_default(Clone::clone));
    let quiet = move || {
        crate::quiet::this_thread();
        tracing::dispatcher::with_default(&dispatch, || info_span!("export").in_scope(out))
    };
    assert!(std::thread::spawn(quiet).join().unwrap().is_empty());
}

/// Runs everything at the end of its thread.
struct Last {
    remote: Remote,
    done: mpsc::Sender<Headers>,
}

impl Drop for Last {
    fn drop(&mut self) {
        let Last { remote, done } = self;
        Baggage::current().with("a", "1").run(|| ());
        let call = || info_span!("call", otel.kind = "client").in_scope(out);
        let called = extract(&all()).run(|| remote.run(|| crate::Context::current().run(call)));
        let _ = done.send(called);
    }
}

thread_local! {
    static LAST: std::cell::RefCell<Option<Last>> = const { std::cell::RefCell::new(None) };
}

#[test]
fn at_the_end_of_a_thread_nothing_goes_out_and_nothing_breaks() {
    let dispatch =
        telemetry(Otlp::default()).scope(|| tracing::dispatcher::get_default(Clone::clone));
    for works_before in [true, false] {
        let (dispatch, (done, take)) = (dispatch.clone(), mpsc::channel());
        let remote = extracted(&[Propagator::TraceContext], &[("traceparent", PARENT)]);
        let thread = std::thread::spawn(move || {
            // Made first, so that it ends last; the subscriber stays to the very end.
            LAST.with(|last| *last.borrow_mut() = Some(Last { remote, done }));
            std::mem::forget(tracing::dispatcher::set_default(&dispatch));
            if works_before {
                assert!(!extract(&all()).run(out).is_empty());
            }
        });
        thread.join().unwrap();
        // Where nothing was there before, it may still come to life.
        let called = take.recv().unwrap();
        assert!(!works_before || called.is_empty(), "{called:?}");
    }
}
