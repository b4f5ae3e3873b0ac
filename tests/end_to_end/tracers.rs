//! One trace through services of ours and services with tracers that nobody here wrote, called by ours
//! and calling ours.

use super::support::backends::{DatadogSpan, DdapmAgent, TracedService, Tracer};
use super::support::otlp::Span;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use lightship::http::ServerLayer;
use lightship::http::reqwest::ObservedRequest;
use lightship::propagation::Baggage;
use lightship::{DogStatsd, Logs, Otlp, Prometheus, Propagator, Sampler};
use serde_json::Value;
use std::time::{Duration, Instant};
use tracing::{Instrument, info_span};

const PATIENCE: Duration = Duration::from_secs(30);
const SESSION: &str = "journey";

/// What it takes to follow a journey.
struct Journey {
    /// What the Python service said; below `called` what ours had from its second visit there.
    answer: Value,
    /// Spans that came by OTLP.
    spans: Vec<Span>,
}

/// ours -> Python `/call` -> ours `/relay` -> Python `/leaf`
async fn travel(
    python: &TracedService,
    agent: &DdapmAgent,
    ours: Setting,
    spans: usize,
) -> Journey {
    agent.clear_session(SESSION);
    let telemetry = lightship::builder("ours")
        .without_environment()
        .propagators(ours.propagators)
        .sampler(Sampler::ratio(ours.ratio))
        .otlp(Otlp::default().endpoint(format!("http://{}", agent.otlp_http())))
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .notices(|_| {})
        .install()
        .unwrap();
    let client = reqwest::Client::new();
    let relay = Router::new()
        .route("/relay", get(relay))
        .layer(ServerLayer::new())
        .with_state((client.clone(), python.leaf()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/relay", listener.local_addr().unwrap());
    let server = tokio::spawn(async { axum::serve(listener, relay).await });

    let called = async { call(&client, &python.call(&url)).await };
    let baggage = Baggage::current().with("tenant", "a");
    let answer = baggage.wrap(called.instrument(info_span!("journey"))).await;
    let report = telemetry.shutdown_async(Duration::from_secs(10)).await;
    assert!(report.pipeline("otlp").unwrap().complete, "{report}");
    server.abort();
    let there = |seen: &[Span]| seen.len() >= spans;
    let spans = agent.traces_until(SESSION, PATIENCE, there).unwrap();
    Journey { answer, spans }
}

struct Setting {
    propagators: Vec<Propagator>,
    ratio: f64,
}

async fn call(client: &reqwest::Client, url: &str) -> Value {
    client.get(url).send_observed().await.unwrap().json().await.unwrap()
}

/// Asks on, and adds what baggage arrived here.
async fn relay(State((client, leaf)): State<(reqwest::Client, String)>) -> Json<Value> {
    let tenant = Baggage::current().get("tenant").map(str::to_owned);
    let mut answer = call(&client, &leaf).await;
    answer["tenant at ours"] = tenant.into();
    Json(answer)
}

impl Journey {
    /// Of ours: where it began, the first call, `/relay`, and the call from there.
    fn ours(&self) -> [&Span; 4] {
        let ours = |kind: &str, name: &str| -> Vec<&Span> {
            let is_it = |span: &&Span| span.kind == kind && span.name == name;
            let mut found: Vec<_> = self.spans.iter().filter(is_it).collect();
            found.retain(|span| {
                span.resource("service.name").and_then(|name| name.as_text()) == Some("ours")
            });
            found.sort_by_key(|span| span.start);
            found
        };
        let ([journey], [first, second], [relay]) = (
            &ours("internal", "journey")[..],
            &ours("client", "GET")[..],
            &ours("server", "GET /relay")[..],
        ) else {
            panic!("{:#?}", self.spans);
        };
        [journey, first, relay, second]
    }

    fn check_answer(&self, sampled: bool, has_baggage: bool) {
        let trace_id = &self.answer["trace_id"];
        for place in [&self.answer, &self.answer["called"]] {
            assert_eq!(place["trace_id"], *trace_id, "{}", self.answer);
            assert_eq!(place["sampled"], sampled, "{}", self.answer);
            if has_baggage {
                assert_eq!(place["baggage"]["tenant"], "a", "{}", self.answer);
            }
        }
        if has_baggage {
            assert_eq!(self.answer["called"]["tenant at ours"], "a", "{}", self.answer);
        }
    }
}

#[test]
fn one_trace_with_services_of_opentelemetry_for_python() {
    let _turn = super::turn();
    let Some(agent) = DdapmAgent::start() else { return };
    agent.start_session(SESSION);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let w3c = vec![Propagator::TraceContext, Propagator::Baggage];
    for (styles, propagators) in [
        ("tracecontext,baggage", w3c),
        ("b3", vec![Propagator::B3]),
        ("b3multi", vec![Propagator::B3Multi]),
    ] {
        let to = Tracer::OpenTelemetry(agent.otlp_http());
        let Some(python) = TracedService::start(to, styles) else { return };
        let has_baggage = propagators.contains(&Propagator::Baggage);
        let ours = Setting { propagators: propagators.clone(), ratio: 1.0 };
        let journey = runtime.block_on(travel(&python, &agent, ours, 7));
        journey.check_answer(true, has_baggage);
        let [start, first, relay, second] = journey.ours();
        let find = |id: &str| journey.spans.iter().find(|span| span.id == id).unwrap();
        let [leaf, their_server] = [&journey.answer["called"], &journey.answer]
            .map(|it| find(it["span_id"].as_str().unwrap()));
        let their_client = find(relay.parent.as_ref().unwrap());
        for (child, parent) in [
            (first, start),
            (their_server, first),
            (their_client, their_server),
            (relay, their_client),
            (second, relay),
            (leaf, second),
        ] {
            assert_eq!(child.parent.as_ref(), Some(&parent.id), "{styles}: {:#?}", journey.spans);
        }
        assert!(journey.spans.iter().all(|span| span.trace_id == start.trace_id), "{styles}");
        assert_eq!(journey.spans.len(), 7, "{styles}");

        let ours = Setting { propagators, ratio: 0.0 };
        let journey = runtime.block_on(travel(&python, &agent, ours, 0));
        journey.check_answer(false, has_baggage);
        assert_eq!(journey.spans, [], "{styles}: what is not sampled is exported by nobody");
    }
}

#[test]
fn one_trace_with_services_of_ddtrace() {
    let _turn = super::turn();
    let Some(agent) = DdapmAgent::start() else { return };
    agent.start_session(SESSION);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (styles, propagators) in [
        ("datadog,baggage", vec![Propagator::Datadog, Propagator::Baggage]),
        ("tracecontext,baggage", vec![Propagator::TraceContext, Propagator::Baggage]),
        ("b3multi", vec![Propagator::B3Multi]),
    ] {
        let Some(python) = TracedService::start(Tracer::Ddtrace(agent.apm()), styles) else {
            return;
        };
        let has_baggage = propagators.contains(&Propagator::Baggage);
        let ours = Setting { propagators: propagators.clone(), ratio: 1.0 };
        let journey = runtime.block_on(travel(&python, &agent, ours, 4));
        journey.check_answer(true, has_baggage);
        let [start, first, relay, second] = journey.ours();
        assert_eq!(journey.answer["trace_id"], *start.trace_id, "{styles}");
        assert!(journey.spans.iter().all(|span| span.trace_id == start.trace_id), "{styles}");

        let number = |hex: &str| u64::from_str_radix(hex, 16).unwrap();
        let said = |place: &Value| number(place["span_id"].as_str().unwrap());
        let [server, leaf] = [said(&journey.answer), said(&journey.answer["called"])];
        let client = number(relay.parent.as_ref().unwrap());
        let [server, leaf, client] = [server, leaf, client].map(|id| entrance(&agent, id));
        assert_eq!(server.parent, number(&first.id), "{styles}");
        assert_eq!(client, server, "{styles}");
        assert_eq!(leaf.parent, number(&second.id), "{styles}");
        let low = number(&start.trace_id[16..]);
        assert!([server, leaf].iter().all(|span| span.trace_id == low), "{styles}");

        let ours = Setting { propagators, ratio: 0.0 };
        let journey = runtime.block_on(travel(&python, &agent, ours, 0));
        journey.check_answer(false, has_baggage);
        assert_eq!(journey.spans, [], "{styles}");
    }
}

/// The span of ddtrace's with which the work of one of its spans came into the process, as soon as the
/// agent has it: the middleware makes several.
fn entrance(agent: &DdapmAgent, id: u64) -> DatadogSpan {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let spans = agent.datadog_traces();
        let find = |id: u64| spans.iter().find(|span| span.id == id);
        if let Some(mut span) = find(id) {
            while let Some(parent) = find(span.parent) {
                span = parent;
            }
            // One trace of many spans comes in one piece.
            return span.clone();
        }
        assert!(Instant::now() < deadline, "no span {id:x}: {spans:#?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
