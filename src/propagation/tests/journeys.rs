//! From headers to spans and back.

use crate::config::Sampler;
use crate::propagation::{extract, inject};
use crate::telemetry::Telemetry;
use crate::{Builder, Context, DogStatsd, Logs, Otlp, Prometheus};
use std::collections::HashMap;
use tracing::info_span;

const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const UNSAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

fn headers(parent: &str) -> HashMap<String, String> {
    HashMap::from([("traceparent".to_owned(), parent.to_owned())])
}

pub(super) fn telemetry(ratio: f64, otlp: Otlp) -> Telemetry {
    sampling(Sampler::ratio(ratio), otlp)
}

pub(super) fn sampling(sampler: Sampler, otlp: Otlp) -> Telemetry {
    builder(sampler, otlp).build().unwrap()
}

pub(super) fn builder(sampler: Sampler, otlp: Otlp) -> Builder {
    crate::builder("propagation")
        .without_environment()
        .sampler(sampler)
        .otlp(otlp)
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .notices(|_| {})
}

/// What a request carries from within a span below `parent`.
fn passed_on(parent: &str) -> String {
    extract(&headers(parent)).run(|| info_span!("handle").in_scope(called))
}

/// What a request carries that is made here.
fn called() -> String {
    let mut out = HashMap::new();
    info_span!("call").in_scope(|| inject(&mut out));
    out.remove("traceparent").unwrap_or_default()
}

#[test]
fn a_trace_goes_on_with_its_id_and_its_decision() {
    for ratio in [0.0, 1.0] {
        telemetry(ratio, Otlp::default()).scope(|| {
            for parent in [SAMPLED, UNSAMPLED] {
                let out = passed_on(parent);
                assert_eq!(out[..36], parent[..36], "{ratio}: {out}");
                assert_ne!(out[36..52], parent[36..52], "{ratio}: {out}");
                assert_eq!(out[52..], parent[52..], "{ratio}: {out}");
            }
        });
    }
}

#[test]
fn without_exports_what_came_in_goes_out() {
    telemetry(1.0, Otlp::disabled()).scope(|| {
        assert_eq!(passed_on(SAMPLED), SAMPLED);
        assert_eq!(passed_on(UNSAMPLED), UNSAMPLED);
        let out = passed_on("nonsense");
        assert!(out.ends_with("-00"), "{out}");
    });
}

#[test]
fn a_context_takes_span_and_remote_parent_to_another_thread() {
    telemetry(0.0, Otlp::default()).scope(|| {
        let context = extract(&headers(SAMPLED)).run(Context::current);
        let out = std::thread::spawn(move || context.run(called));
        assert_eq!(out.join().unwrap()[..36], SAMPLED[..36]);
    });
}

#[test]
fn what_makes_no_sense_is_counted() {
    let telemetry = telemetry(1.0, Otlp::disabled());
    telemetry.scope(|| {
        let mut broken = headers("00-nonsense");
        assert!(!extract(&broken).is_valid());
        broken.insert("baggage".to_owned(), "good=1,bad,worse".to_owned());
        assert_eq!(extract(&broken).ignored(), 3);
        assert_eq!(extract(&headers(SAMPLED)).ignored(), 0);
    });
    let status = telemetry.status();
    let facade = status.pipelines.iter().find(|pipeline| pipeline.name == "facade").unwrap();
    assert_eq!(facade.dropped, [(crate::DropReason::MalformedContext, 4)]);
}

#[test]
fn nobody_is_told_anything_where_nothing_is_installed() {
    assert_eq!(passed_on(SAMPLED), "");
}

/// A consumer in a loop that has a span of its own, or a request in the span of its connection.
#[test]
fn a_remote_parent_counts_before_the_current_span() {
    for (ratio, parent) in [(1.0, SAMPLED), (0.0, SAMPLED), (1.0, UNSAMPLED), (0.5, SAMPLED)] {
        telemetry(ratio, Otlp::default()).scope(|| {
            info_span!("consume").in_scope(|| {
                let out = passed_on(parent);
                assert_eq!(out[..36], parent[..36], "{ratio} {out}");
                assert_eq!(out[52..], parent[52..], "{ratio} {out}");
                // What enters no span of another process stays where it is.
                let (out, here) = (passed_on("nonsense"), called());
                assert_eq!(out[..36], here[..36], "{ratio}");
            });
        });
    }
}

#[test]
fn the_state_of_a_trace_stays_with_it() {
    for parent in [SAMPLED, UNSAMPLED] {
        telemetry(1.0, Otlp::default()).scope(|| {
            let mut headers = headers(parent);
            headers.insert("tracestate".into(), "vendor=value,other=1".into());
            let _connection = info_span!("connection").entered();
            extract(&headers).run(|| {
                let _span = info_span!("handle", otel.kind = "server").entered();
                let mut out = HashMap::new();
                inject(&mut out);
                assert_eq!(out["tracestate"], headers["tracestate"], "{parent}");
                assert_eq!(out["traceparent"][..36], parent[..36]);
                assert_eq!(out["traceparent"][52..], parent[52..]);
            });
        });
    }
}
