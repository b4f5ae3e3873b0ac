//! Statements that do not go well.

use super::{Captured, Database, measured, seen_with, span};
use lightship::testing::capture_async;
use sqlx::Executor;
use std::task::Poll;
use std::time::Duration;

/// What a failed statement is known by, and that nothing else is known of it.
fn failed(seen: &Captured, summary: &str, class: &str, has_code: bool) {
    assert_eq!(measured(seen, summary, Some((class, has_code))), 1, "{seen}");
    if cfg!(feature = "otlp") {
        let span = span(seen, summary);
        assert!(span.failed());
        assert_eq!(span.attribute("error.type"), Some(class));
        assert_eq!(span.attribute("db.response.status_code"), has_code.then_some(class));
        let all = format!("{:?} {:?}", seen.spans(), seen.series());
        assert!(!all.contains("secret"), "{all}");
    }
}

#[tokio::test]
async fn what_the_database_refuses_has_its_code() {
    for (statement, summary, code) in [
        ("INSERT INTO documents VALUES (1, 'secret')", "INSERT documents", "1555"),
        ("INSERT INTO documents VALUES (9, NULL)", "INSERT documents", "1299"),
        ("SELECT 'secret' FROM nowhere", "SELECT nowhere", "1"),
        ("SELECT FROM WHERE 'secret", "SELECT", "1"),
    ] {
        let (result, seen) = seen_with(async |pool| pool.execute(statement).await).await;
        assert!(result.is_err());
        failed(&seen, summary, code, true);
    }
}

#[tokio::test]
async fn garbage_is_nobodys_name() {
    let (result, seen) = seen_with(async |pool| pool.fetch_all("'secret' 🦀 \0 42").await).await;
    assert!(result.is_err());
    if cfg!(feature = "otlp") {
        // What is known is the database.
        assert_eq!(span(&seen, "documents.db").attribute("db.query.summary"), None);
        assert!(!format!("{:?}", seen.spans()).contains("secret"));
    }
}

#[tokio::test]
async fn a_megabyte_of_statement_runs_and_is_cut() {
    let values = (0..20_000).map(|n| format!("('secret{n:036}')")).collect::<Vec<_>>().join(", ");
    let statement = format!("INSERT INTO documents (label) VALUES {values}");
    assert!(statement.len() > 900_000);
    let (result, seen) = seen_with(async |pool| pool.execute(&*statement).await).await;
    assert_eq!(result.unwrap().rows_affected(), 20_000);
    assert_eq!(measured(&seen, "INSERT documents", None), 1, "{seen}");
    if cfg!(feature = "otlp") {
        let text = span(&seen, "INSERT documents").attribute("db.query.text").unwrap();
        assert!(text.ends_with('…') && text.chars().count() <= 4_096 && !text.contains("secret"));
    }
}

#[tokio::test]
async fn a_row_that_is_not_there_is_the_callers_error() {
    let (result, seen) = seen_with(async |pool| {
        sqlx::query("SELECT * FROM documents WHERE id = ?").bind(99).fetch_one(pool).await
    })
    .await;
    assert!(matches!(result, Err(sqlx::Error::RowNotFound)));
    failed(&seen, "SELECT documents", "RowNotFound", false);
}

#[tokio::test]
async fn a_locked_database_says_so() {
    let (result, seen) = seen_with(async |pool| {
        let mut other = pool.pool().acquire().await.unwrap();
        sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut *other).await.unwrap();
        let result = pool.execute("DELETE FROM documents WHERE label = 'secret'").await;
        sqlx::raw_sql("ROLLBACK").execute(&mut *other).await.unwrap();
        result
    })
    .await;
    assert!(result.is_err());
    failed(&seen, "DELETE documents", "5", true);
}

#[tokio::test]
async fn a_pool_that_has_none_left_times_out() {
    let (result, seen) = seen_with(async |pool| {
        let (_one, _two) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
        pool.execute("SELECT 'secret' FROM documents").await
    })
    .await;
    assert!(matches!(result, Err(sqlx::Error::PoolTimedOut)));
    failed(&seen, "SELECT documents", "PoolTimedOut", false);
    let pool = [("db.client.connection.pool.name", "documents")];
    assert_eq!(seen.counter("db.client.connection.timeouts", &pool), 1, "{seen}");
    // In vain is not how long it takes.
    assert_eq!(seen.histogram("db.client.connection.wait_time", &pool).count, 2, "{seen}");
    assert_eq!(seen.gauge("db.client.connection.pending_requests", &pool), Some(0.0));
}

#[tokio::test]
async fn a_closed_pool_is_an_error_of_its_own() {
    let database = Database::new();
    let pool = database.pool().await;
    pool.pool().close().await;
    let (result, seen) = capture_async(async { pool.fetch_one("SELECT 1").await }).await;
    assert!(matches!(result, Err(sqlx::Error::PoolClosed)));
    failed(&seen, "SELECT", "PoolClosed", false);
}

#[tokio::test]
async fn a_query_that_is_dropped_was_cancelled() {
    let (_, seen) = seen_with(async |pool| {
        let endless = "WITH RECURSIVE n (a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n LIMIT 20000)
            SELECT count(*), 'secret' FROM n";
        let mut query = pool.execute(endless);
        std::future::poll_fn(|context| {
            assert!(query.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        drop(query);
        // SQLite's thread has the span until it is done with the statement.
        let _both = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
    })
    .await;
    failed(&seen, "SELECT SELECT SELECT", "cancelled", false);
    let (result, seen) = seen_with(async |pool| {
        let _both = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
        tokio::time::timeout(Duration::from_millis(20), pool.execute("DELETE FROM documents")).await
    })
    .await;
    assert!(result.is_err());
    failed(&seen, "DELETE documents", "cancelled", false);
    let pool = [("db.client.connection.pool.name", "documents")];
    assert_eq!(seen.gauge("db.client.connection.pending_requests", &pool), Some(0.0));
    assert_eq!(seen.histogram("db.client.connection.wait_time", &pool).count, 2, "{seen}");
}
