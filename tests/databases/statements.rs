//! Statements that go well.

use super::{measured, seen_with, span};
use lightship::db::System;
use lightship::db::sqlx::{ObservedPool, Observer};
use lightship::span_tree;
use sqlx::{Connection, Executor, Row, Sqlite, SqliteConnection};
use tracing::{Instrument, info_span};

const SELECT: &str = "SELECT label FROM documents WHERE id > ? AND label <> 'secret'";

#[tokio::test]
async fn every_way_to_run_a_statement_is_a_span() {
    let (_, seen) = seen_with(async |pool| {
        let insert = "INSERT INTO documents (label) VALUES (?)";
        let done = sqlx::query(insert).bind("secret").execute(pool).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
    })
    .await;
    assert_eq!(measured(&seen, "INSERT documents", None), 1, "{seen}");
    if cfg!(feature = "otlp") {
        let insert = span(&seen, "INSERT documents");
        assert_eq!((insert.kind, insert.failed()), ("client", false));
        for (key, value) in [
            ("db.system.name", Some("sqlite")),
            ("db.namespace", Some("documents.db")),
            ("db.query.summary", Some("INSERT documents")),
            ("db.query.text", Some("INSERT INTO documents (label) VALUES (?)")),
            ("db.response.returned_rows", None),
            ("db.operation.name", None),
            ("error.type", None),
        ] {
            assert_eq!(insert.attribute(key), value, "{key}");
        }
        assert!(!format!("{:?}", seen.spans()).contains("secret"));
    }
}

#[tokio::test]
async fn rows_are_counted_however_they_are_fetched() {
    let (_, seen) = seen_with(async |pool| {
        let all = sqlx::query(SELECT).bind(0).fetch_all(pool).await.unwrap();
        assert_eq!(all.len(), 3);
        let one = sqlx::query(SELECT).bind(1).fetch_one(pool).await.unwrap();
        assert_eq!(one.get::<String, _>(0), "letter");
        assert!(sqlx::query(SELECT).bind(9).fetch_optional(pool).await.unwrap().is_none());
        assert!(sqlx::query(SELECT).bind(2).fetch_optional(pool).await.unwrap().is_some());
        let labels: Vec<(String,)> = sqlx::query_as(SELECT).bind(1).fetch_all(pool).await.unwrap();
        assert_eq!(labels.len(), 2);
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM documents");
        assert_eq!(count.fetch_one(pool).await.unwrap(), 3);
    })
    .await;
    assert_eq!(measured(&seen, "SELECT documents", None), 6, "{seen}");
    if cfg!(feature = "otlp") {
        let rows = seen.spans().iter().map(|span| span.attribute("db.response.returned_rows"));
        let rows: Vec<&str> = rows.map(Option::unwrap).collect();
        assert_eq!(rows, ["3", "1", "0", "1", "2", "1"]);
    }
}

#[tokio::test]
async fn what_is_prepared_or_described_says_so() {
    let (_, seen) = seen_with(async |pool| {
        pool.prepare(SELECT).await.unwrap();
        pool.describe(SELECT).await.unwrap();
        let mut connection = pool.acquire().await.unwrap();
        pool.observe(&mut *connection).prepare(SELECT).await.unwrap();
        pool.observe(&mut *connection).describe(SELECT).await.unwrap();
    })
    .await;
    if cfg!(feature = "otlp") {
        let spans = seen.spans().iter();
        let names: Vec<_> =
            spans.map(|span| span.attribute("db.operation.name").unwrap()).collect();
        assert_eq!(names, ["PREPARE", "DESCRIBE", "PREPARE", "DESCRIBE"]);
    }
}

#[tokio::test]
async fn connections_and_transactions_are_observed_as_pools_are() {
    let (_, seen) = seen_with(async |pool| {
        async {
            let mut transaction = pool.begin().await.unwrap();
            let delete = sqlx::query("DELETE FROM documents WHERE id = ?").bind(1);
            delete.execute(pool.observe(&mut *transaction)).await.unwrap();
            transaction.commit().await.unwrap();
            let observer = Observer::new().namespace("documents.db");
            let mut connection = pool.acquire().await.unwrap();
            let observed = observer.observe(&mut *connection);
            assert_eq!(observed.fetch_all("SELECT * FROM documents").await.unwrap().len(), 2);
            assert_eq!(observer.observe(pool.pool()).fetch_all("SELECT 1").await.unwrap().len(), 1);
        }
        .instrument(info_span!("request"))
        .await;
    })
    .await;
    assert_eq!(measured(&seen, "DELETE documents", None), 1, "{seen}");
    if cfg!(feature = "otlp") {
        let tree = span_tree! { "request" { "DELETE documents" "SELECT documents" "SELECT" } };
        assert_eq!(seen.span_trees(), [tree]);
    }
}

#[tokio::test]
async fn an_observer_may_know_better() {
    let (_, seen) = lightship::testing::capture_async(async {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let observer = Observer::new().system(System::Other("libsql")).server("edge", 8_080);
        observer.observe(&mut connection).execute("SELECT 1").await.unwrap();
    })
    .await;
    let tags = [
        ("db.system.name", "libsql"),
        ("db.query.summary", "SELECT"),
        ("server.address", "edge"),
        ("server.port", "8080"),
    ];
    assert_eq!(seen.histogram("db.client.operation.duration", &tags).count, 1, "{seen}");
}

/// Generic over the database, as a library would be.
async fn count<'e, DB, E>(executor: E) -> usize
where
    DB: sqlx::Database,
    E: Executor<'e, Database = DB>,
{
    executor.fetch_all("SELECT * FROM documents").await.unwrap().len()
}

#[tokio::test]
async fn code_that_takes_any_executor_takes_these_in_any_task() {
    let (_, seen) = seen_with(async |pool| {
        assert_eq!(count(pool).await, 3);
        let pool = pool.clone();
        let task = lightship::carry(async move {
            let mut connection = pool.acquire().await.unwrap();
            let counted = count(pool.observe(&mut *connection)).await;
            counted + sqlx::query("SELECT * FROM documents").fetch_all(&pool).await.unwrap().len()
        });
        assert_eq!(tokio::spawn(task).await.unwrap(), 6);
    })
    .await;
    assert_eq!(measured(&seen, "SELECT documents", None), 3, "{seen}");
}

async fn handle(pool: &ObservedPool<Sqlite>) -> Result<usize, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::query("DELETE FROM documents").execute(pool.observe(&mut *transaction)).await?;
    transaction.rollback().await?;
    Ok(sqlx::query("SELECT * FROM documents").fetch_all(pool).await?.len())
}

/// It is lifetimes that keep such a future from being `Send`.
#[tokio::test]
async fn a_handler_that_borrows_the_pool_runs_in_a_task() {
    let (_, seen) = seen_with(async |pool| {
        let pool = pool.clone();
        let task = lightship::carry(async move { handle(&pool).await });
        assert_eq!(tokio::spawn(task).await.unwrap().unwrap(), 3);
    })
    .await;
    assert_eq!(measured(&seen, "DELETE documents", None), 1, "{seen}");
}
