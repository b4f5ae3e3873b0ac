//! One trace in the logs of both services.

use super::{PERSON, Pair};
use crate::shared::otlp::FakeCollector;
use serde_json::Value;

/// The ids of the one trace that these lines belong to.
pub(super) fn trace_ids(log: &[String]) -> (String, String) {
    let lines = log.iter().map(|line| serde_json::from_str(line).unwrap());
    let text = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
    let mut ids: Vec<(String, String)> = lines
        .filter(|line: &Value| !line["trace_id"].is_null())
        .map(|line| (text(&line, "trace_id"), text(&line, "dd.trace_id")))
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{log:#?}");
    ids.remove(0)
}

/// The lower half of an id, as Datadog writes it.
pub(super) fn low_half(trace_id: &str) -> String {
    u64::from_str_radix(&trace_id[16..], 16).unwrap().to_string()
}

#[tokio::test]
async fn both_logs_name_the_trace() {
    let collector = FakeCollector::start();
    let mut pair = Pair::start(&collector.endpoint(), &[]).await;
    pair.upload(&[]).await;
    pair.stop().await;
    let trace = collector.wait_for_spans(6)[0].trace_id.clone();
    for log in pair.logs() {
        assert_eq!(trace_ids(&log), (trace.clone(), low_half(&trace)));
        assert!(!log.concat().contains(PERSON), "{log:#?}");
    }
    // The line of the handler itself stands in its span.
    let spans = collector.spans();
    for (log, message, name) in [
        (pair.upload.log(), "a document was stored", "POST /documents/upload"),
        (pair.classification.log(), "a document was classified", "POST /classify"),
    ] {
        let line = log.iter().find(|line| line.contains(message)).unwrap();
        let line: Value = serde_json::from_str(line).unwrap();
        let span = spans.iter().find(|span| span.name == name).unwrap();
        assert_eq!(line["span_id"].as_str(), Some(span.id.as_str()), "{line}");
    }
}
