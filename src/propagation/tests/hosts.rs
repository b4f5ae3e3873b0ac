//! In a host's subscriber, and one context within another.

use super::{Headers, headers};
use crate::propagation::{Baggage, extract, inject};
use crate::{Context, Otlp};
use opentelemetry::baggage::BaggageExt;
use tracing::{debug_span, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
const OTHER: &str = "00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-01";

fn came(parent: &str, baggage: &str) -> Headers {
    headers(&[("traceparent", parent), ("tracestate", "congo=t61"), ("baggage", baggage)])
}

fn out() -> Headers {
    let mut out = Headers::new();
    inject(&mut out);
    out
}

fn fmt<S>() -> impl Layer<S>
where
    S: tracing::Subscriber + for<'l> LookupSpan<'l>,
{
    tracing_subscriber::fmt::layer().with_writer(std::io::sink)
}

#[test]
fn in_a_hosts_subscriber_a_trace_goes_on_as_in_ours() {
    let telemetry = super::journeys::telemetry(0.5, Otlp::default());
    let hosts: [tracing::Dispatch; 4] = [
        tracing_subscriber::registry().with(telemetry.layer()).into(),
        tracing_subscriber::registry().with(fmt()).with(telemetry.layer()).into(),
        tracing_subscriber::registry()
            .with(telemetry.layer())
            .with(fmt().with_filter(LevelFilter::TRACE))
            .into(),
        tracing_subscriber::registry()
            .with(fmt().with_filter(LevelFilter::TRACE))
            .with(telemetry.layer().with_filter(Targets::new().with_default(LevelFilter::INFO)))
            .into(),
    ];
    for host in hosts {
        tracing::dispatcher::with_default(&host, || {
            for parent in [PARENT, OTHER] {
                let out = extract(&came(parent, "a=1")).run(|| {
                    let _handle = info_span!("handle").entered();
                    // Others see this one, and we do not.
                    let _hidden = debug_span!("hidden").entered();
                    info_span!("call").in_scope(out)
                });
                assert_eq!(out["traceparent"][..36], parent[..36], "{out:?}");
                assert_ne!(out["traceparent"][36..52], parent[36..52], "{out:?}");
                assert_eq!(out["traceparent"][52..], parent[52..], "{out:?}");
                assert_eq!((&*out["tracestate"], &*out["baggage"]), ("congo=t61", "a=1"));
            }
        });
    }
}

#[test]
fn of_two_contexts_the_inner_one_counts_until_it_ends() {
    super::journeys::telemetry(0.5, Otlp::default()).scope(|| {
        let (outer, inner) = (extract(&came(PARENT, "a=1")), extract(&came(OTHER, "b=2")));
        outer.run(|| {
            inner.run(|| {
                let out = info_span!("inner").in_scope(out);
                assert_eq!(out["traceparent"][..36], OTHER[..36]);
                assert_eq!(out["baggage"], "b=2");
            });
            let out = info_span!("outer").in_scope(out);
            assert_eq!(out["traceparent"][..36], PARENT[..36]);
            assert_eq!(out["baggage"], "a=1");
            // A request that brings nothing is in no trace, whatever is around it.
            extract(&Headers::new()).run(|| {
                let out = info_span!("other").in_scope(super::hosts::out);
                assert_ne!(out["traceparent"][..36], PARENT[..36]);
                assert!(!out.contains_key("baggage"));
                assert!(super::hosts::out().is_empty());
            });
            // What came in counts before the span around it, and not before one in it.
            let consume = info_span!("consume").entered();
            inner.run(|| {
                let handle = info_span!("handle").entered();
                let out = info_span!("child").in_scope(super::hosts::out);
                assert_eq!(out["traceparent"][..36], OTHER[..36]);
                let handle = handle.exit();
                let mut headers = Headers::new();
                crate::propagation::inject_span(&handle, &mut headers);
                assert_eq!(headers["traceparent"][..36], OTHER[..36]);
                assert_ne!(headers["traceparent"], out["traceparent"]);
            });
            drop(consume);
        });
        assert!(out().is_empty());
    });
}

/// What a host keeps in the current context is still there.
#[test]
fn a_hosts_own_values_stay() {
    #[derive(Debug, PartialEq)]
    struct Tenant(u32);
    let current = opentelemetry::Context::current().with_value(Tenant(7));
    let _attached = current.attach();
    let remote = super::extracted(&[crate::Propagator::Baggage], &[("baggage", "a=1")]);
    remote.run(|| {
        let current = opentelemetry::Context::current();
        assert_eq!(current.get::<Tenant>(), Some(&Tenant(7)));
        assert_eq!(current.baggage().len(), 1);
    });
}

/// To threads, tasks and blocking work.
#[test]
fn baggage_follows_the_work() {
    let seen = || Baggage::current().get("tenant").map(str::to_owned);
    let acme = Some("acme".to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    Baggage::new().with("tenant", "acme").run(|| {
        let context = Context::current();
        let thread = std::thread::spawn(move || context.run(seen));
        assert_eq!(thread.join().unwrap(), acme);
        let carried = crate::carry(async move {
            tokio::task::yield_now().await;
            seen()
        });
        runtime.block_on(async {
            assert_eq!(tokio::spawn(carried).await.unwrap(), acme);
            assert_eq!(crate::spawn(async move { seen() }).await.unwrap(), acme);
            assert_eq!(crate::spawn_blocking(seen).await.unwrap(), acme);
            assert_eq!(
                tokio::spawn(async move { seen() }).await.unwrap(),
                None,
                "nobody carried it"
            );
        });
    });
    let wrapped = Baggage::new().with("tenant", "acme").wrap(async move {
        tokio::task::yield_now().await;
        seen()
    });
    assert_eq!(runtime.block_on(async { tokio::spawn(wrapped).await.unwrap() }), acme);
    assert_eq!(seen(), None);
}
