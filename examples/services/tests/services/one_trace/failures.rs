//! Failures are on the spans where they happened, and say nothing of the inside.

use super::tree::{has, says_nothing_personal};
use super::{Pair, shape};
use crate::shared::otlp::{FakeCollector, Span};
use crate::support::is_refused;

/// The spans of the trace that begins last.
fn last_trace(collector: &FakeCollector) -> Vec<Span> {
    let mut spans = collector.spans();
    let root = spans.iter().filter(|span| span.parent.is_none()).max_by_key(|span| span.start);
    let trace = root.unwrap().trace_id.clone();
    spans.retain(|span| span.trace_id == trace);
    spans
}

#[tokio::test]
async fn of_the_storage() {
    let collector = FakeCollector::start();
    let mut pair = Pair::start(&collector.endpoint(), &[]).await;
    pair.upload(&[]).await;
    std::fs::remove_dir_all(&pair.directory.0).unwrap();
    is_refused(pair.send(&[]).await, 500, "storage_failed").await;
    pair.stop().await;
    let spans = last_trace(&collector);
    assert_eq!(
        shape(&spans),
        "upload-service: POST /documents/upload [server, error]\n\
         └── upload-service: storage.put [internal, error]\n"
    );
    has(&spans, "storage.put", &[("error.type", "storage_failed".into())]);
    has(&spans, "POST /documents/upload", &[("error.type", "500".into())]);
    says_nothing_personal(&spans);
}

#[tokio::test]
async fn of_the_database() {
    let collector = FakeCollector::start();
    let mut pair = Pair::start(&collector.endpoint(), &[]).await;
    pair.upload(&[]).await;
    let mut other = pair.directory.connection().await;
    sqlx::query("DROP TABLE documents").execute(&mut other).await.unwrap();
    is_refused(pair.send(&[]).await, 500, "database_failed").await;
    pair.stop().await;
    let spans = last_trace(&collector);
    assert_eq!(
        shape(&spans),
        "upload-service: POST /documents/upload [server, error]\n\
         ├── upload-service: storage.put [internal, unset]\n\
         ├── upload-service: HTTP POST /classify [client, unset]\n\
         │   └── classification-service: POST /classify [server, unset]\n\
         │       └── classification-service: model.infer [internal, unset]\n\
         └── upload-service: INSERT documents [client, error]\n"
    );
    // SQLITE_ERROR
    let code = [("error.type", "1".into()), ("db.response.status_code", "1".into())];
    has(&spans, "INSERT documents", &code);
    says_nothing_personal(&spans);
}
