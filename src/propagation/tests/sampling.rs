//! Decisions over the wire: whose counts, and what of a trace goes on that nobody here keeps.

use super::{Headers, TRACE, headers};
use crate::config::Sampler;
use crate::propagation::{Propagator, Propagators, extract, inject, inject_span};
use crate::{Context, Otlp, Telemetry, testing};
use tracing::{Instrument, Span, info, info_span};

/// Their states and their random flags go on as well.
const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";
const UNSAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02";
const STATE: &str = "congo=t61rcWkgMzE,dd=s:0";

fn came(parent: &str) -> Headers {
    headers(&[("traceparent", parent), ("tracestate", STATE)])
}

fn out() -> Headers {
    let mut out = Headers::new();
    inject(&mut out);
    out
}

type Way = (&'static str, fn() -> Headers);

/// The ways from a request to the calls it makes; each returns what a call carries.
const WAYS: &[Way] = &[
    ("no span", out),
    ("a span", || info_span!("handle").in_scope(out)),
    ("a span of a span", || info_span!("a").in_scope(|| info_span!("b").in_scope(out))),
    ("a request", || info_span!("request", otel.kind = "server").in_scope(out)),
    ("below a request", || {
        let _request = info_span!("request", otel.kind = "server").entered();
        info_span!("call", otel.kind = "client").in_scope(out)
    }),
    ("named", || {
        let mut headers = Headers::new();
        inject_span(&info_span!("handle"), &mut headers);
        headers
    }),
    ("an explicit parent", || {
        let handle = info_span!("handle");
        info_span!(parent: None, "other")
            .in_scope(|| info_span!(parent: &handle, "child").in_scope(out))
    }),
    ("a span on another thread", || {
        let handle = info_span!("handle");
        elsewhere(move || handle.in_scope(out))
    }),
    ("a child on another thread", || {
        let handle = info_span!("handle");
        elsewhere(move || info_span!(parent: &handle, "child").in_scope(out))
    }),
    ("a request's child on another thread", || {
        let request = info_span!("request", otel.kind = "server");
        elsewhere(move || info_span!(parent: &request, "child").in_scope(out))
    }),
    ("carried to another thread", || {
        let context = info_span!("handle").in_scope(Context::current);
        std::thread::spawn(move || context.run(out)).join().unwrap()
    }),
    ("a task of its own", || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let task = async { info_span!("call").in_scope(out) }.instrument(info_span!("task"));
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let task = tracing::instrument::WithSubscriber::with_subscriber(task, dispatch);
        runtime.block_on(async { tokio::spawn(task).await.unwrap() })
    }),
    ("a carried task", || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let handle = info_span!("handle").entered();
        let spawned = runtime.block_on(async { crate::spawn(async { out() }).await.unwrap() });
        drop(handle);
        spawned
    }),
];

/// In this subscriber, and with nothing else of the caller's.
fn elsewhere(work: impl FnOnce() -> Headers + Send + 'static) -> Headers {
    let dispatch = tracing::dispatcher::get_default(Clone::clone);
    let work = move || tracing::dispatcher::with_default(&dispatch, work);
    std::thread::spawn(work).join().unwrap()
}

fn telemetry(sampler: Sampler) -> Telemetry {
    super::journeys::sampling(sampler, Otlp::default())
}

fn would_keep(ratio: f64, trace: &str) -> bool {
    let settings = crate::config::settings::SamplerSettings { parent_based: true, ratio };
    crate::trace::Sampler::new(&settings).keeps(u128::from_str_radix(trace, 16).unwrap(), None)
}

#[test]
fn whatever_the_way_a_trace_goes_on_with_its_decision_and_its_state() {
    for ratio in [0.0, 0.5, 1.0] {
        let telemetry = telemetry(Sampler::ratio(ratio));
        for (way, call) in WAYS {
            for parent in [SAMPLED, UNSAMPLED] {
                let out = telemetry.scope(|| extract(&came(parent)).run(call));
                let why = format!("{way} at {ratio}: {out:?}");
                assert_eq!(out["traceparent"][..36], parent[..36], "{why}");
                assert_eq!(out["traceparent"][54..], parent[54..], "{why}");
                assert_eq!(out["tracestate"], STATE, "{why}");
                let is_remote = out["traceparent"][36..52] == parent[36..52];
                assert_eq!(is_remote, *way == "no span", "{why}");
            }
        }
    }
}

/// And nobody disagrees about a trace within the process.
#[test]
fn without_parents_in_mind_the_ratio_decides_about_what_came_in() {
    for ratio in [0.0, 0.5, 1.0] {
        let telemetry = telemetry(Sampler::ratio(ratio).ignoring_parent());
        let flag = if would_keep(ratio, TRACE) { "3" } else { "2" };
        for (way, call) in WAYS.iter().filter(|(way, _)| *way != "no span") {
            for parent in [SAMPLED, UNSAMPLED] {
                let out = telemetry.scope(|| extract(&came(parent)).run(call));
                assert!(out["traceparent"].ends_with(flag), "{way} at {ratio}: {out:?}");
                assert_eq!(out["tracestate"], STATE, "{way} at {ratio}");
            }
        }
    }
}

#[test]
fn a_root_among_them_is_a_trace_of_its_own() {
    for ratio in [0.0, 0.5, 1.0] {
        telemetry(Sampler::ratio(ratio)).scope(|| {
            let out = extract(&came(SAMPLED)).run(|| {
                let _handle = info_span!("handle").entered();
                info_span!(parent: None, "root").in_scope(out)
            });
            let parent = &out["traceparent"];
            assert_ne!(parent[3..35], SAMPLED[3..35]);
            let flag = if would_keep(ratio, &parent[3..35]) { "-01" } else { "-00" };
            assert!(parent.ends_with(flag), "{parent} at {ratio}");
            assert!(!out.contains_key("tracestate"), "what came in is none of its business");
        });
    }
}

#[test]
fn our_own_unsampled_traces_say_so_and_go_on() {
    for (way, call) in WAYS.iter().filter(|(way, _)| *way != "no span") {
        let out = telemetry(Sampler::ratio(0.0)).scope(call);
        assert!(out["traceparent"].ends_with("-00"), "{way}: {out:?}");
        let out = telemetry(Sampler::ratio(1.0)).scope(call);
        assert!(out["traceparent"].ends_with("-01"), "{way}: {out:?}");
    }
    assert!(telemetry(Sampler::ratio(1.0)).scope(out).is_empty(), "there is no trace");
}

#[test]
fn what_came_in_undecided_is_decided_by_our_ratio() {
    let trace =
        |n: u32| format!("{:032x}", 0x9e37_79b9_7f4a_7c15_f39c_u128.wrapping_mul(u128::from(n)));
    let telemetry = super::journeys::builder(Sampler::ratio(0.5), Otlp::default());
    let telemetry = telemetry.propagators([Propagator::B3, Propagator::Datadog]).build().unwrap();
    let mut kept = 0;
    for n in 1..100 {
        let (trace, expected) = (trace(n), would_keep(0.5, &trace(n)));
        kept += u32::from(expected);
        telemetry.scope(|| {
            let remote = extract(&[("b3", format!("{trace}-00f067aa0ba902b7"))]);
            assert_eq!(remote.is_sampled(), expected);
            let out = remote.run(|| info_span!("handle").in_scope(out));
            // Decided now, for all who come after.
            assert!(out["b3"].ends_with(if expected { "-1" } else { "-0" }), "{out:?}");
            assert_eq!(out["x-datadog-sampling-priority"] == "1", expected);
        });
    }
    assert!((20..80).contains(&kept), "{kept}");
}

#[test]
fn who_has_no_trace_may_say_what_becomes_of_ours() {
    for ratio in [0.0, 1.0] {
        let telemetry = super::journeys::builder(Sampler::ratio(ratio), Otlp::default());
        let telemetry = telemetry.propagators([Propagator::B3]).build().unwrap();
        for (asked, flag) in [("0", "-0"), ("1", "-1"), ("d", "-1")] {
            for (way, call) in WAYS.iter().filter(|(way, _)| *way != "no span") {
                let remote = telemetry.scope(|| extract(&[("b3", asked)]));
                let out = telemetry.scope(|| remote.run(call));
                assert!(out["b3"].ends_with(flag), "{way}, asked {asked} at {ratio}: {out:?}");
                // The next request says nothing of the kind.
                let plain = telemetry.scope(|| remote.run(|| extract(&Headers::new()).run(call)));
                let own = if ratio == 0.0 { "-0" } else { "-1" };
                assert!(plain["b3"].ends_with(own), "{way} after {asked} at {ratio}: {plain:?}");
            }
        }
    }
}

#[test]
fn an_unsampled_trace_is_in_logs_and_metrics_all_the_same() {
    let ((), seen) = testing::capture(|| {
        extract(&came(UNSAMPLED)).run(|| {
            let _handle = info_span!("handle").entered();
            info!("working");
            crate::counter!("requests").increment(1);
        });
    });
    let line = seen.log("working").unwrap();
    assert!(line.contains(TRACE), "{line}");
    assert_eq!((seen.counter("requests", &[]), seen.spans().len()), (1, 0));
    let ((), seen) = testing::capture(|| {
        extract(&came(SAMPLED)).run(|| info_span!("handle").in_scope(|| info!("working")));
    });
    assert!(seen.log("working").unwrap().contains(TRACE));
    assert_eq!(seen.spans()[0].trace_id, TRACE);
}

/// A language of one's own is a translation of what the process has.
#[test]
fn own_propagators_speak_of_the_same_span() {
    telemetry(Sampler::ratio(0.0)).scope(|| {
        extract(&came(SAMPLED)).run(|| {
            let _span: Span = info_span!("handle");
            let mut own = Headers::new();
            info_span!("call").in_scope(|| {
                Propagators::new([Propagator::B3]).inject(&mut own);
                assert_eq!(own["b3"][33..49], out()["traceparent"][36..52]);
            });
            assert!(own["b3"].starts_with(TRACE) && own["b3"].ends_with("-1"));
        });
    });
}
