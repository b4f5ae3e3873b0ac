//! What is printed at the end.

use super::jaeger::Jaeger;
use crate::receiver::{Receiver, Span, tree};
use serde_json::Value;
use std::time::Duration;

/// What a span's line shows of it.
const KEYS: [&str; 5] = [
    "http.response.status_code",
    "classification.label",
    "classification.model_version",
    "document.size",
    "error.type",
];
/// How long spans may take to arrive, after both services have ended.
const ARRIVAL: Duration = Duration::from_secs(10);

/// The traces that a service has log lines of, in the order of their first lines.
pub(super) fn traces_of(log: &[String]) -> Vec<String> {
    let mut traces = Vec::new();
    for line in log {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        if let Some(trace) = line["trace_id"].as_str()
            && !traces.iter().any(|known| known == trace)
        {
            traces.push(trace.to_owned());
        }
    }
    traces
}

/// Where Jaeger shows them; each trace with the services that have log lines of it.
pub(super) async fn links(
    jaeger: &Jaeger,
    traces: &[String],
    of: impl Fn(&String) -> Vec<&'static str>,
) {
    println!("\n== The traces, in Jaeger ==\n");
    for trace in traces {
        let spans = jaeger.wait_for(trace, &of(trace), ARRIVAL).await;
        println!("{}  (spans: {spans})", jaeger.link(trace));
    }
}

/// The traces as they arrived.
pub(super) async fn trees(receiver: &Receiver, traces: &[String]) {
    let has_root = |spans: &[Span], trace: &String| {
        spans.iter().any(|span| span.trace_id == *trace && span.parent.is_none())
    };
    let arrived = receiver.wait_for(ARRIVAL, |spans| traces.iter().all(|it| has_root(spans, it)));
    let arrived = arrived.await;
    println!("\n== The traces, as they arrived over OTLP ==\n");
    let spans = receiver.spans();
    let mut ids: Vec<&String> = Vec::new();
    for span in &spans {
        if !ids.contains(&&span.trace_id) {
            ids.push(&span.trace_id);
        }
    }
    ids.sort_by_key(|id| spans.iter().filter(|it| it.trace_id == **id).map(|it| it.start).min());
    for id in ids {
        let trace: Vec<Span> = spans.iter().filter(|it| it.trace_id == *id).cloned().collect();
        println!("trace {id}\n{}", tree(&trace, details));
    }
    if !arrived {
        println!("Not all that was logged has arrived in {} seconds.", ARRIVAL.as_secs());
    }
    println!("Start Jaeger, and the next run prints links to its page instead.");
}

fn details(span: &Span) -> String {
    let mut text = format!("  [{}, {:.1?}]", span.kind, span.duration());
    for key in KEYS {
        if let Some(value) = span.attribute(key) {
            text.push_str(&format!(" {key}={value}"));
        }
    }
    match span.error.as_deref() {
        Some("") => text.push_str(" ERROR"),
        Some(message) => text.push_str(&format!(" ERROR {message}")),
        None => {}
    }
    text
}
