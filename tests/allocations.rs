//! What a call may allocate: nothing, once its thread knows the series.

#![allow(unsafe_code)]

use lightship::{DogStatsd, Prometheus, counter, gauge, histogram, timer};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: everything is handed on to the system's allocator; counting touches a plain thread-local.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of this thread in 1,000 runs, after two that may learn.
fn allocations(mut body: impl FnMut()) -> u64 {
    body();
    body();
    let before = ALLOCATIONS.get();
    (0..1_000).for_each(|_| body());
    ALLOCATIONS.get() - before
}

/// One test, because what is installed is the process's.
#[test]
fn a_call_allocates_nothing_once_its_thread_knows_the_series() {
    let (route, status) = (String::from("/users"), 503_u16);
    let early = counter!("early", "route" => route);
    assert_eq!(allocations(|| counter!("literal", "k" => "v").increment(1)), 0, "before init");
    assert_eq!(allocations(|| early.increment(1)), 0, "an early handle, before init");

    let telemetry = lightship::builder("allocations")
        .without_environment()
        .dogstatsd(DogStatsd::default().address("udp://127.0.0.1:9"))
        .prometheus(Prometheus::default().listen("127.0.0.1:0"))
        .notices(|_| {})
        .install()
        .unwrap();
    let checks: [(&str, &mut dyn FnMut()); 13] = [
        ("counter, literal", &mut || counter!("literal", "k" => "v").increment(1)),
        ("counter, no tags", &mut || counter!("bare").increment(1)),
        ("counter, one dynamic", &mut || counter!("one", "route" => route).increment(1)),
        ("counter, three", &mut || {
            counter!("three", "route" => route, "status" => status, "ok" => true).increment(1);
        }),
        ("counter, dynamic name", &mut || counter!(route, "status" => status).increment(1)),
        ("an early handle", &mut || early.increment(1)),
        ("gauge", &mut || gauge!("gauge", "k" => "v").set(1)),
        ("histogram", &mut || histogram!("histogram", "k" => "v").record(0.5)),
        ("histogram, dynamic", &mut || histogram!("dynamic", "route" => route).record(0.5)),
        ("histogram of zero", &mut || histogram!("histogram", "k" => "v").record(0)),
        ("timer", &mut || timer!("timer", "k" => "v").handle().record(0.25)),
        ("metrics::counter!", &mut || metrics::counter!("library", "k" => "v").increment(1)),
        ("metrics::histogram!", &mut || metrics::histogram!("library.h", "k" => "v").record(0.5)),
    ];
    for (name, body) in checks {
        assert_eq!(allocations(body), 0, "{name}");
    }
    // 64 values of one tag, each seen before.
    let routes: Vec<String> = (0..64).map(|n| format!("/users/{n}")).collect();
    let mut all = || routes.iter().for_each(|r| counter!("rotating", "route" => r).increment(1));
    assert_eq!(allocations(&mut all), 0, "rotating values");
    drop(telemetry);
}
