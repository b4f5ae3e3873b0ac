//! A database that is locked, exhausted, or not what it was.

use crate::support::{BRIEF, NOWHERE, Running, in_background, is_refused, until, uploaded};

#[tokio::test]
async fn a_locked_database_is_busy_and_leaves_no_file() {
    let service = Running::start(NOWHERE, |config| config.database_timeout = BRIEF).await;
    uploaded(service.upload_named("first.pdf").await).await;
    let mut other = service.directory.connection().await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let answer = service.upload_named("second.pdf").await;
    assert_eq!(answer.headers()["retry-after"], "1");
    is_refused(answer, 503, "database_busy").await;
    until("one file", || service.directory.files().len() == 1).await;

    sqlx::query("COMMIT").execute(&mut other).await.unwrap();
    uploaded(service.upload_named("third.pdf").await).await;
    assert_eq!(service.directory.rows().await, 2);
}

#[tokio::test]
async fn a_pool_without_a_free_connection_is_busy() {
    let service = Running::start(NOWHERE, |config| {
        config.database_timeout = BRIEF;
        config.connections = 1;
    })
    .await;
    uploaded(service.upload_named("first.pdf").await).await;
    let mut other = service.directory.connection().await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let waiting: Vec<_> = (0..4).map(|_| in_background(&service.url)).collect();
    for answer in waiting {
        is_refused(answer.await.unwrap().unwrap(), 503, "database_busy").await;
    }
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    uploaded(service.upload_named("last.pdf").await).await;
    assert_eq!((service.directory.rows().await, service.directory.files().len()), (2, 2));
}

#[tokio::test]
async fn another_failure_says_nothing_of_the_inside() {
    let service = Running::start(NOWHERE, |_| {}).await;
    uploaded(service.upload_named("first.pdf").await).await;
    let mut other = service.directory.connection().await;
    sqlx::query("DROP TABLE documents").execute(&mut other).await.unwrap();
    let message = is_refused(service.upload_named("a.pdf").await, 500, "database_failed").await;
    assert_eq!(message, "the document was not stored");
    assert_eq!(service.directory.files().len(), 1);
}
