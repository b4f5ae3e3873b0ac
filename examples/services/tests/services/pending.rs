//! A classification service that is down, slow, or talks nonsense: uploads go on without it.

use crate::support::{
    BRIEF, NOWHERE, PATIENCE, Running, classification_service, instead, uploaded,
};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::time::Instant;
use tokio::net::TcpListener;

async fn is_pending(service: &Running) {
    let answer = uploaded(service.upload_named("a.pdf").await).await;
    assert_eq!((answer.label.as_str(), answer.model_version.as_str()), ("pending", "pending"));
    let query = "SELECT count(*) FROM documents WHERE label = 'pending'";
    let mut connection = service.directory.connection().await;
    let rows: i64 = sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
    assert_eq!(rows as usize, service.directory.files().len());
}

#[tokio::test]
async fn nobody_there_is_pending() {
    is_pending(&Running::start(NOWHERE, |_| {}).await).await;
}

#[tokio::test]
async fn a_slow_one_is_not_waited_for() {
    let url = instead(std::future::pending::<()>).await;
    let service = Running::start(&url, |config| config.classification_timeout = BRIEF).await;
    let began = Instant::now();
    is_pending(&service).await;
    assert!(began.elapsed() >= BRIEF);
}

#[tokio::test]
async fn a_slow_answer_counts_as_one_that_does_not_come() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{").await.unwrap();
        tokio::time::sleep(PATIENCE).await;
    });
    let service = Running::start(&url, |config| config.classification_timeout = BRIEF).await;
    is_pending(&service).await;
}

#[tokio::test]
async fn one_that_hangs_up_is_pending() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
        }
    });
    is_pending(&Running::start(&url, |_| {}).await).await;
}

#[tokio::test]
async fn nonsense_is_pending() {
    let said = |label: &str, version: &str, confidence: &str| {
        format!(r#"{{"label":{label},"model_version":{version},"confidence":{confidence}}}"#)
    };
    let huge = said(r#""invoice""#, r#""1""#, "0.5") + &" ".repeat(100_000);
    let elsewhere = classification_service().await;
    let answers: Vec<Box<dyn Fn() -> Response + Send + Sync>> = vec![
        Box::new(|| StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        Box::new(|| StatusCode::NO_CONTENT.into_response()),
        Box::new(move || Redirect::temporary(&format!("{elsewhere}/classify")).into_response()),
        Box::new(|| "<html>".into_response()),
        Box::new(move || huge.clone().into_response()),
        Box::new(move || said(r#""poem""#, r#""1""#, "0.5").into_response()),
        Box::new(move || said("7", r#""1""#, "0.5").into_response()),
        Box::new(move || said(r#""invoice""#, r#""""#, "0.5").into_response()),
        Box::new(move || said(r#""invoice""#, r#""a b""#, "0.5").into_response()),
        Box::new(move || {
            said(r#""invoice""#, &format!("{:?}", "v".repeat(65)), "0.5").into_response()
        }),
        Box::new(move || said(r#""invoice""#, r#""1""#, "1.5").into_response()),
        Box::new(move || said(r#""invoice""#, r#""1""#, "null").into_response()),
    ];
    for answer in answers {
        let answer = std::sync::Arc::new(answer);
        let url = instead(move || {
            let answer = std::sync::Arc::clone(&answer);
            async move { answer() }
        });
        is_pending(&Running::start(&url.await, |_| {}).await).await;
    }
}

/// So that the cases above are known to fail for their reasons.
#[tokio::test]
async fn sense_is_believed() {
    let url = instead(|| async { r#"{"label":"letter","model_version":"7.1-b","confidence":1}"# });
    let service = Running::start(&url.await, |_| {}).await;
    let answer = uploaded(service.upload_named("a.pdf").await).await;
    assert_eq!((answer.label.as_str(), answer.model_version.as_str()), ("letter", "7.1-b"));
}
