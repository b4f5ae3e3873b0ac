//! What a call may allocate: nothing, once its thread knows the series.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/child.rs"]
mod child;
#[path = "support/counting.rs"]
mod counting;

use child::this_test;
use counting::by_this_thread;
use lightship::{
    DogStatsd, Logs, Otlp, Prometheus, Sampler, counter, gauge, hashed, histogram, secret, short,
    testing, timer, truncated,
};

/// Allocations of this thread in 1,000 runs, after some that may learn.
fn allocations(mut body: impl FnMut()) -> u64 {
    body();
    body();
    let before = by_this_thread();
    (0..1_000).for_each(|_| body());
    by_this_thread() - before
}

/// One test, because what is installed is the process's.
#[test]
fn a_call_allocates_nothing_once_its_thread_knows_the_series() {
    let (route, status) = (String::from("/users"), 503_u16);
    let early = counter!("early", "route" => route);
    let early_hash = counter!("early.hash", "user" => hashed("u-1"));
    assert_eq!(allocations(|| counter!("literal", "k" => "v").increment(1)), 0, "before init");
    assert_eq!(allocations(|| early.increment(1)), 0, "an early handle, before init");

    let telemetry = lightship::builder("allocations")
        .without_environment()
        .dogstatsd(DogStatsd::default().address("udp://127.0.0.1:9"))
        .prometheus(Prometheus::default().listen("127.0.0.1:0"))
        .otlp(Otlp::disabled())
        .logs(Logs::disabled())
        .notices(|_| {})
        .install()
        .unwrap();
    let long = "an id of a length that takes a box, which is not usual, and is not free of charge";
    let checks: [(&str, &mut dyn FnMut()); 19] = [
        ("counter, literal", &mut || counter!("literal", "k" => "v").increment(1)),
        ("counter, no tags", &mut || counter!("bare").increment(1)),
        ("counter, one dynamic", &mut || counter!("one", "route" => route).increment(1)),
        ("counter, three", &mut || {
            counter!("three", "route" => route, "status" => status, "ok" => true).increment(1);
        }),
        ("counter, dynamic name", &mut || counter!(route, "status" => status).increment(1)),
        ("an early handle", &mut || early.increment(1)),
        ("short", &mut || counter!("made", "id" => short(&route)).increment(1)),
        ("short of a number", &mut || counter!("made", "id" => short(&status)).increment(1)),
        ("hashed", &mut || counter!("made", "id" => hashed(&route)).increment(1)),
        ("truncated", &mut || counter!("made", "id" => truncated(long, 7)).increment(1)),
        ("secret", &mut || counter!("made", "id" => secret(&route)).increment(1)),
        ("an early handle of a hash", &mut || early_hash.increment(1)),
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
    let mut box_each = || counter!("made", "id" => hashed(long)).increment(1);
    assert_eq!(allocations(&mut box_each), 1_000, "an id that takes a box");
    let page = telemetry.prometheus_text();
    let hash = page.lines().find_map(|line| line.strip_prefix("early_hash_total{user=\"")).unwrap();
    assert!(hash[..16].bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
    drop(telemetry);
}

/// Nothing but an instance for spans or lines.
fn instance() -> lightship::Builder {
    lightship::builder("allocations")
        .without_environment()
        .otlp(Otlp::disabled())
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .notices(|_| {})
}

fn request() {
    let span = tracing::info_span!("request", route = "/users", status = 200);
    span.in_scope(|| tracing::info_span!("query", table = "users", rows = 12).in_scope(|| {}));
}

#[test]
fn a_span_that_is_not_sampled_allocates_what_a_bare_registry_does() {
    // Of 2,000 spans, as a registry makes room for them by and by.
    const ROOM: u64 = 8;
    let warm = || {
        allocations(request);
        allocations(request)
    };
    let bare = tracing::subscriber::with_default(tracing_subscriber::registry(), warm);
    let otlp = Otlp::default().endpoint("http://127.0.0.1:9");
    let unsampled = instance().otlp(otlp).sampler(Sampler::always_off()).build().unwrap();
    let ours = unsampled.scope(warm);
    assert!(bare <= ROOM && ours <= ROOM, "{ours} against {bare}");
    // That there is something to be seen here at all.
    let (sampled, seen) = testing::capture(|| allocations(request));
    assert_eq!(seen.spans().len(), if cfg!(feature = "otlp") { 2_004 } else { 0 });
    assert!(sampled > 1_000 || cfg!(not(feature = "otlp")), "{sampled} against {bare}");
}

#[test]
fn a_line_allocates_nothing_once_its_thread_knows_the_place() {
    if child::argument().is_some() {
        // In a span tracing-subscriber's own format gathers those around it, for people to read.
        for (logs, around) in [(Logs::default().json(), 0), (Logs::default().text(), 1_000)] {
            let telemetry = instance().logs(logs).build().unwrap();
            let user = String::from("Ada");
            let line = || tracing::warn!(rows = 12, user, ratio = 0.5, "a slow query");
            assert_eq!(telemetry.scope(|| allocations(line)), 0);
            let in_a_span = telemetry.scope(|| {
                let _request = tracing::info_span!("request").entered();
                allocations(line)
            });
            assert_eq!(in_a_span, around);
            let report = telemetry.shutdown(std::time::Duration::from_secs(10));
            let logs = report.pipeline("logs").unwrap();
            assert_eq!(logs.sent + logs.lost, 2 * 1_002, "{report}");
        }
        return;
    }
    child::run(child::command(this_test!(), "")).succeeded();
}
