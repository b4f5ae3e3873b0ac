//! Services with tracers that nobody here wrote carry a trace on, and tell where they stand.

use super::PATIENCE;
use super::support::backends::{DdapmAgent, TracedService, Tracer};
use serde_json::Value as Json;
use std::thread::sleep;
use std::time::{Duration, Instant};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The answer of a service that is called with these headers, and calls itself.
fn called(service: &TracedService, headers: &[(&str, &str)]) -> Json {
    let answer = service.get(&service.call(&service.leaf()), headers);
    for place in [&answer, &answer["called"]] {
        assert_eq!(place["trace_id"], TRACE, "{answer}");
        assert_eq!(place["sampled"], true, "{answer}");
        assert_eq!(place["baggage"]["tenant"], "a", "{answer}");
    }
    answer
}

#[test]
fn opentelemetry_for_python_carries_contexts_in_its_own_headers() {
    let Some(agent) = DdapmAgent::start() else { return };
    agent.start_session("tracers");
    let to = Tracer::OpenTelemetry(agent.otlp_http());
    let Some(service) = TracedService::start(to, "tracecontext,baggage,b3") else { return };
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let answer = called(&service, &[("traceparent", &parent), ("baggage", "tenant=a")]);
    let spans = agent.traces_until("tracers", PATIENCE, |spans| spans.len() >= 3).unwrap();
    let leaf = spans.iter().find(|span| answer["called"]["span_id"] == *span.id).unwrap();
    let client = spans.iter().find(|span| Some(&span.id) == leaf.parent.as_ref()).unwrap();
    let server = spans.iter().find(|span| answer["span_id"] == *span.id).unwrap();
    assert_eq!(client.parent.as_ref(), Some(&server.id));
    assert_eq!(server.parent.as_deref(), Some("00f067aa0ba902b7"));
    assert!(spans.iter().all(|span| span.trace_id == TRACE));
}

#[test]
fn ddtrace_carries_contexts_in_datadogs_headers() {
    let Some(agent) = DdapmAgent::start() else { return };
    let to = Tracer::Ddtrace(agent.apm());
    let Some(service) = TracedService::start(to, "datadog,baggage") else { return };
    let low = u64::from_str_radix(&TRACE[16..], 16).unwrap();
    let (id, high) = (low.to_string(), format!("_dd.p.tid={}", &TRACE[..16]));
    let headers = [
        ("x-datadog-trace-id", id.as_str()),
        ("x-datadog-parent-id", "7"),
        ("x-datadog-sampling-priority", "1"),
        ("x-datadog-tags", high.as_str()),
        ("baggage", "tenant=a"),
    ];
    let answer = called(&service, &headers);
    let number =
        |place: &Json| u64::from_str_radix(place["span_id"].as_str().unwrap(), 16).unwrap();
    let deadline = Instant::now() + PATIENCE;
    let leaf = loop {
        let spans = agent.datadog_traces();
        let leaf = spans.iter().find(|span| span.id == number(&answer["called"])).cloned();
        if let Some(leaf) = leaf.filter(|_| spans.iter().any(|span| span.parent == 7)) {
            break leaf;
        }
        assert!(Instant::now() < deadline, "{spans:#?}");
        sleep(Duration::from_millis(50));
    };
    assert_eq!(leaf.trace_id, low);
}
