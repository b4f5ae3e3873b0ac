//! Statements whose rows are read one by one.

use super::{Captured, measured, seen_with, span};
use futures_core::stream::BoxStream;
use lightship::db::sqlx::ObservedPool;
use sqlx::{Either, Executor, Sqlite};
use std::future::poll_fn;

const SELECT: &str = "SELECT * FROM documents";

async fn next<T>(stream: &mut BoxStream<'_, T>) -> Option<T> {
    poll_fn(|context| stream.as_mut().poll_next(context)).await
}

async fn count<T>(mut stream: BoxStream<'_, Result<T, sqlx::Error>>) -> usize {
    let mut count = 0;
    while next(&mut stream).await.is_some_and(|item| item.is_ok()) {
        count += 1;
    }
    count
}

fn rows(seen: &Captured) -> Option<&str> {
    span(seen, "SELECT documents").attribute("db.response.returned_rows")
}

async fn seen_of<T>(work: impl AsyncFnOnce(&ObservedPool<Sqlite>) -> T) -> Captured {
    seen_with(work).await.1
}

#[tokio::test]
async fn a_stream_is_measured_to_its_end() {
    let seen = seen_of(async |pool| assert_eq!(count(pool.fetch(SELECT)).await, 3)).await;
    assert_eq!(measured(&seen, "SELECT documents", None), 1, "{seen}");
    if cfg!(feature = "otlp") {
        assert_eq!(rows(&seen), Some("3"));
    }
    let seen = seen_of(async |pool| {
        let mut stream = pool.fetch_many("SELECT * FROM documents; DELETE FROM documents");
        let mut steps = Vec::new();
        while let Some(step) = next(&mut stream).await {
            steps.push(matches!(step.unwrap(), Either::Right(_)));
        }
        assert_eq!(steps, [true, true, true, false, false]);
        assert_eq!(count(pool.execute_many("DELETE FROM documents; SELECT 1")).await, 2);
    })
    .await;
    assert_eq!(measured(&seen, "SELECT documents DELETE documents", None), 1, "{seen}");
    assert_eq!(measured(&seen, "DELETE documents SELECT", None), 1, "{seen}");
    if cfg!(feature = "otlp") {
        let many = span(&seen, "SELECT documents DELETE documents");
        assert_eq!(many.attribute("db.response.returned_rows"), Some("3"));
    }
}

#[tokio::test]
async fn a_stream_that_gave_rows_ends_when_nobody_wants_more() {
    let seen = seen_of(async |pool| {
        let mut stream = pool.fetch(SELECT);
        next(&mut stream).await.unwrap().unwrap();
    })
    .await;
    assert_eq!(measured(&seen, "SELECT documents", None), 1, "{seen}");
    if cfg!(feature = "otlp") {
        assert_eq!(rows(&seen), Some("1"));
        assert!(!span(&seen, "SELECT documents").failed());
    }
}

#[tokio::test]
async fn a_stream_that_gave_none_was_cancelled_if_it_ever_began() {
    let seen = seen_of(async |pool| drop(pool.fetch(SELECT))).await;
    assert!(seen.spans().is_empty() && measured(&seen, "SELECT documents", None) == 0, "{seen}");
    let slow = "WITH RECURSIVE n (a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n LIMIT 20000)
        SELECT count(*) FROM n";
    let seen = seen_of(async |pool| {
        let mut stream = pool.fetch(slow);
        poll_fn(|context| {
            assert!(stream.as_mut().poll_next(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
    })
    .await;
    let cancelled = Some(("cancelled", false));
    assert_eq!(measured(&seen, "SELECT SELECT SELECT", cancelled), 1, "{seen}");
}

#[tokio::test]
async fn a_stream_fails_once_however_often_it_is_asked() {
    let seen = seen_of(async |pool| {
        let mut stream = pool.fetch("SELECT * FROM nowhere");
        assert!(next(&mut stream).await.unwrap().is_err());
    })
    .await;
    assert_eq!(measured(&seen, "SELECT nowhere", Some(("1", true))), 1, "{seen}");
}
