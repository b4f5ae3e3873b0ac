//! What one service decides about a trace holds in the other.

use super::logs::{low_half, trace_ids};
use super::page::Page;
use super::{METRICS_TOO, Pair, shape};
use crate::shared::otlp::FakeCollector;

const KEEP_NONE: &[(&str, &str)] =
    &[("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0"), METRICS_TOO];
const KEEP_NONE_OF_OURS: &[(&str, &str)] =
    &[("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0")];

#[tokio::test]
async fn a_trace_that_is_not_kept_is_logged_and_counted_in_both() {
    let collector = FakeCollector::start();
    let mut pair = Pair::start_apart(&collector.endpoint(), KEEP_NONE, &[METRICS_TOO]).await;
    pair.upload(&[]).await;
    let (upload, other) = (Page::of(&pair.upload).await, Page::of(&pair.classification).await);
    pair.stop().await;
    // Its metrics, which are not sampled, are there.
    assert!(!collector.points().is_empty());
    assert_eq!(collector.spans(), []);

    let [ours, theirs] = pair.logs().map(|log| trace_ids(&log));
    assert_eq!(ours, theirs);
    assert_eq!(ours.1, low_half(&ours.0));
    assert_eq!(upload.total("documents_uploaded_total", &[r#"label="invoice""#]), 1);
    for (page, calls) in [(upload, "put"), (other, "infer")] {
        assert_eq!(page.total("http_server_request_duration_seconds_count", &[]), 1);
        let tag = format!("function={calls:?}");
        assert_eq!(page.total("function_calls_total", &[&tag, r#"outcome="ok""#]), 1);
    }
}

#[tokio::test]
async fn a_trace_that_the_client_keeps_is_kept_by_both() {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const PARENT: &str = "b7ad6b7169203331";
    let collector = FakeCollector::start();
    let mut pair = Pair::start(&collector.endpoint(), KEEP_NONE_OF_OURS).await;
    pair.upload(&[("traceparent", &format!("00-{TRACE}-{PARENT}-01"))]).await;
    // Neither one that the client does not keep, nor one of our own.
    pair.upload(&[("traceparent", &format!("00-{}-{PARENT}-00", "1".repeat(32)))]).await;
    pair.upload(&[]).await;
    pair.stop().await;

    let spans = collector.wait_for_spans(6);
    assert!(spans.iter().all(|span| span.trace_id == TRACE), "{spans:#?}");
    assert_eq!(
        shape(&spans),
        "upload-service: POST /documents/upload [server, unset] [its parent did not arrive]\n\
         ├── upload-service: storage.put [internal, unset]\n\
         ├── upload-service: HTTP POST /classify [client, unset]\n\
         │   └── classification-service: POST /classify [server, unset]\n\
         │       └── classification-service: model.infer [internal, unset]\n\
         └── upload-service: INSERT documents [client, unset]\n"
    );
    let root = spans.iter().find(|span| span.name == "POST /documents/upload").unwrap();
    assert_eq!(root.parent.as_deref(), Some(PARENT));
}
