//! Uploads that succeed, and the plain refusals.

use crate::support::{
    NAMED, NOWHERE, PDF, Running, classification_service, client, is_refused, start_error, uploaded,
};
use lightship_services::classification::MODEL_VERSION;
use lightship_services::seed::{gzip, pdf, zstd};
use lightship_services::upload::StartError;
use sqlx::Row;

#[tokio::test]
async fn a_document_is_stored_classified_and_written_down() {
    let service = Running::start(&classification_service().await, |_| {}).await;
    let body = pdf("the amount is due");
    let headers =
        [("content-type", "Application/PDF; version=1.4"), ("x-filename", "M%C3%A4rz.pdf")];
    let answer = uploaded(service.upload(body.clone(), &headers).await).await;
    assert_eq!((answer.label.as_str(), answer.model_version.as_str()), ("invoice", MODEL_VERSION));
    assert_eq!(answer.id.len(), 32);

    let stored = service.directory.0.join(format!("{}-März.pdf", answer.id));
    assert_eq!(service.directory.files(), std::slice::from_ref(&stored));
    assert_eq!(std::fs::read(stored).unwrap(), body);
    let row = sqlx::query("SELECT * FROM documents")
        .fetch_one(&mut service.directory.connection().await)
        .await
        .unwrap();
    let text = |column: &str| row.get::<String, _>(column);
    assert_eq!((text("id"), text("file_name")), (answer.id, "März.pdf".to_owned()));
    assert_eq!((text("label"), text("model_version")), ("invoice".into(), MODEL_VERSION.into()));
    assert_eq!(row.get::<i64, _>("size"), body.len() as i64);
    assert!(row.get::<i64, _>("uploaded_at") > 1_700_000_000);
}

#[tokio::test]
async fn packed_documents_are_stored_unpacked() {
    let service = Running::start(NOWHERE, |_| {}).await;
    let body = pdf("a text");
    for (encoding, packed) in
        [("gzip", gzip(&body).unwrap()), ("zstd", zstd(&body).unwrap()), ("identity", body.clone())]
    {
        let headers = [PDF, NAMED, ("content-encoding", encoding)];
        let answer = uploaded(service.upload(packed, &headers).await).await;
        let stored = service.directory.0.join(format!("{}-invoice.pdf", answer.id));
        assert_eq!(std::fs::read(stored).unwrap(), body, "{encoding}");
    }
    assert_eq!(service.directory.rows().await, 3);
}

#[tokio::test]
async fn what_is_no_pdf_is_refused() {
    let service = Running::start(NOWHERE, |_| {}).await;
    let body = || pdf("a text");
    for (body, headers, status, code) in [
        (body(), &[NAMED][..], 415, "unsupported_media_type"),
        (body(), &[NAMED, ("content-type", "text/html")], 415, "unsupported_media_type"),
        (body(), &[NAMED, ("content-type", "application/pdfx")], 415, "unsupported_media_type"),
        (body(), &[NAMED, ("content-type", "")], 415, "unsupported_media_type"),
        (b"<html>".to_vec(), &[NAMED, PDF], 422, "not_a_pdf"),
        ([b" ".to_vec(), body()].concat(), &[NAMED, PDF], 422, "not_a_pdf"),
        (b"%PDF".to_vec(), &[NAMED, PDF], 422, "not_a_pdf"),
        (Vec::new(), &[NAMED, PDF], 422, "empty"),
        (body(), &[PDF], 400, "missing_file_name"),
        (body(), &[PDF, NAMED, ("content-encoding", "br")], 415, "unsupported_encoding"),
        (body(), &[PDF, NAMED, ("content-encoding", "gzip, zstd")], 415, "unsupported_encoding"),
        (body(), &[PDF, NAMED, ("content-encoding", "gzip")], 400, "malformed_encoding"),
        (body(), &[PDF, NAMED, ("content-encoding", "zstd")], 400, "malformed_encoding"),
        (gzip(b"<html>").unwrap(), &[PDF, NAMED, ("content-encoding", "gzip")], 422, "not_a_pdf"),
        (zstd(b"").unwrap(), &[PDF, NAMED, ("content-encoding", "zstd")], 422, "empty"),
    ] {
        let answer = service.upload(body, headers).await;
        let named = answer.headers().get("accept-encoding").cloned();
        assert_eq!(named.is_some_and(|it| it == "gzip, zstd"), code == "unsupported_encoding");
        is_refused(answer, status, code).await;
    }
    assert!(service.directory.files().is_empty());
    assert_eq!(service.directory.rows().await, 0);
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_in_json() {
    let service = Running::start(NOWHERE, |_| {}).await;
    let get = |path: &str| client().get(format!("{}{path}", service.url)).send();
    is_refused(get("/documents").await.unwrap(), 404, "not_found").await;
    is_refused(get("/documents/upload/").await.unwrap(), 404, "not_found").await;
    let answer = get("/documents/upload").await.unwrap();
    assert_eq!(answer.headers()["allow"], "POST");
    is_refused(answer, 405, "method_not_allowed").await;
    let health = get("/health").await.unwrap();
    assert_eq!(
        (health.status().as_u16(), health.text().await.unwrap()),
        (200, r#"{"status":"ok"}"#.to_owned())
    );
}

#[tokio::test]
async fn it_does_not_start_on_what_it_cannot_use() {
    let service = Running::start("https://example.org", |_| {}).await;
    let (directory, ended) = service.end().await;
    assert!(matches!(start_error(ended), StartError::ClassificationUrl));

    let file = directory.0.join("a-file");
    std::fs::write(&file, "").unwrap();
    let service = Running::start(NOWHERE, |config| config.directory = file).await;
    let (_, ended) = service.end().await;
    assert!(matches!(start_error(ended), StartError::Directory(_)));

    std::fs::write(directory.0.join("documents.sqlite"), "no database, but text ".repeat(99))
        .unwrap();
    let service = Running::start(NOWHERE, |config| config.directory = directory.0.clone()).await;
    let (_, ended) = service.end().await;
    assert!(matches!(start_error(ended), StartError::Database(_)));
}

#[tokio::test]
async fn a_directory_that_is_gone_is_a_failure_without_details() {
    let service = Running::start(NOWHERE, |_| {}).await;
    uploaded(service.upload_named("first.pdf").await).await;
    std::fs::remove_dir_all(&service.directory.0).unwrap();
    let message = is_refused(service.upload_named("second.pdf").await, 500, "storage_failed").await;
    assert_eq!(message, "the document was not stored");
}
