//! Calls as the backends get them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::{Failure, Query, System};
use crate::testing::{self, Captured};
use std::fmt::Error;

const DURATION: &str = "db.client.operation.duration";
const INSERT: &str = "INSERT INTO documents (id, label) VALUES (?, 'invoice')";

fn ran(query: Query<'_>) -> Captured {
    testing::capture(|| query.run_blocking(|| Ok::<_, Error>(())).unwrap()).1
}

/// How often a call with these tags was measured, and nothing else.
fn measured(seen: &Captured, tags: &[(&str, &str)]) -> u64 {
    assert_eq!(seen.series().len(), 1, "{seen}");
    seen.histogram(DURATION, tags).count
}

#[test]
fn a_call_is_described_in_full() {
    let query = Query::new(System::Postgresql, INSERT)
        .namespace("documents|public")
        .server("db.internal", 6_432)
        .operation("INSERT")
        .collection("documents");
    let seen = ran(query);
    let tags = [
        ("db.system.name", "postgresql"),
        ("db.namespace", "documents|public"),
        ("db.operation.name", "INSERT"),
        ("db.collection.name", "documents"),
        ("db.query.summary", "INSERT documents"),
        ("server.address", "db.internal"),
        ("server.port", "6432"),
    ];
    assert_eq!(measured(&seen, &tags), 1, "{seen}");
    if cfg!(feature = "otlp") {
        let span = seen.span("INSERT documents").unwrap();
        assert_eq!((span.kind, span.failed()), ("client", false));
        tags.iter().for_each(|(key, value)| assert_eq!(span.attribute(key), Some(*value)));
        let text = "INSERT INTO documents (id, label) VALUES (?, ?)";
        assert_eq!(span.attribute("db.query.text"), Some(text));
        assert_eq!(span.attribute("db.operation.batch.size"), None);
        assert_eq!(span.attribute("error.type"), None);
    }
}

#[test]
fn a_name_says_what_is_known() {
    use System::{OtherSql, Redis};
    let long = "long ".repeat(100);
    for (query, name) in [
        (Query::new(OtherSql, "SELECT a FROM t").summary("find by label"), "find by label"),
        (Query::new(OtherSql, "SELECT a FROM t").batch(3), "BATCH SELECT t"),
        (Query::new(OtherSql, "SELECT a FROM t").batch(1), "SELECT t"),
        (Query::new(OtherSql, "what is this"), "other_sql"),
        (Query::new(OtherSql, "").namespace("documents"), "documents"),
        (Query::command(Redis, "GET"), "GET"),
        (Query::command(Redis, "GET").server("cache", None), "GET cache"),
        (Query::command(Redis, "GET").collection("sessions").namespace("0"), "GET sessions"),
        (Query::command(System::Other("duckdb"), ""), "duckdb"),
        (Query::command(Redis, "GET").summary(&long), long[..200].trim_end()),
    ] {
        let seen = ran(query);
        if cfg!(feature = "otlp") {
            assert_eq!(seen.spans()[0].name, name);
        }
        assert_eq!(seen.series().len(), 1);
    }
}

#[test]
fn a_batch_is_one_call() {
    let seen = ran(Query::new(System::Mysql, INSERT).batch(50));
    let tags = [("db.query.summary", "BATCH INSERT documents"), ("db.system.name", "mysql")];
    assert_eq!(measured(&seen, &tags), 1, "{seen}");
    if cfg!(feature = "otlp") {
        let span = &seen.spans()[0];
        assert_eq!(span.attribute("db.operation.batch.size"), Some("50"));
        assert_eq!(span.attribute("db.query.summary"), Some("BATCH INSERT documents"));
    }
}

fn failed(seen: &Captured, class: &str, code: Option<&str>) {
    let mut tags = vec![
        ("db.system.name", "sqlite"),
        ("db.query.summary", "INSERT documents"),
        ("error.type", class),
    ];
    tags.extend(code.map(|code| ("db.response.status_code", code)));
    assert_eq!(measured(seen, &tags), 1, "{seen}");
    if cfg!(feature = "otlp") {
        let span = seen.span("INSERT documents").unwrap();
        assert!(span.failed());
        assert_eq!(span.attribute("error.type"), Some(class));
        assert_eq!(span.attribute("db.response.status_code"), code);
        assert!(!format!("{span:?}").contains("secret"), "{span:?}");
    }
}

#[test]
fn an_error_is_handed_on_and_counted_by_its_class() {
    let insert = || Query::new(System::Sqlite, INSERT);
    let error = || std::io::Error::other("secret");
    let (result, seen) = testing::capture(|| insert().run_blocking(|| Err::<(), _>(error())));
    assert_eq!(result.unwrap_err().to_string(), "secret");
    failed(&seen, "std::io::error::Error", None);
    let (_, seen) = testing::capture(|| {
        insert().run_blocking_or(|| Err::<(), _>(error()), |_| Failure::code("2067"))
    });
    failed(&seen, "2067", Some("2067"));
}

#[tokio::test]
async fn a_future_is_a_call_until_it_is_done() {
    let query = Query::new(System::Sqlite, INSERT);
    let work = async {
        tokio::task::yield_now().await;
        tracing::info!("inside");
        Ok::<_, Error>(7)
    };
    let (result, seen) = testing::capture_async(query.clone().run(work)).await;
    assert_eq!(result, Ok(7));
    assert!(seen.log("inside").is_some());
    if cfg!(feature = "otlp") {
        assert_eq!(seen.span("INSERT documents").unwrap().events[0].name, "inside");
    }
    let work = async { Err::<(), _>(Error) };
    let (_, seen) = testing::capture_async(query.run_or(work, |_| Failure::new("timeout"))).await;
    failed(&seen, "timeout", None);
}

#[tokio::test]
async fn a_future_that_is_dropped_was_cancelled() {
    let (_, seen) = testing::capture_async(async {
        let never = std::future::pending::<Result<(), Error>>();
        let mut call = Box::pin(Query::new(System::Sqlite, INSERT).run(never));
        std::future::poll_fn(|context| {
            assert!(call.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        drop(call);
        // One that never began is no call.
        drop(Query::new(System::Sqlite, INSERT).run(async { Ok::<_, Error>(()) }));
    })
    .await;
    failed(&seen, "cancelled", None);
}

#[test]
fn a_panic_is_told_apart() {
    let (_, seen) = testing::capture(|| {
        let call = std::panic::AssertUnwindSafe(|| {
            let _ = Query::new(System::Sqlite, INSERT)
                .run_blocking(|| -> Result<(), Error> { std::panic::resume_unwind(Box::new(1)) });
        });
        assert!(std::panic::catch_unwind(call).is_err());
    });
    failed(&seen, "panic", None);
}

#[test]
fn rows_are_told_by_whoever_knows_them() {
    let (_, seen) = testing::capture(|| {
        let mut call = Query::new(System::Sqlite, "SELECT id FROM documents").start();
        call.returned_rows(1);
        call.returned_rows(12);
        call.end(None);
    });
    if cfg!(feature = "otlp") {
        let span = seen.span("SELECT documents").unwrap();
        assert_eq!(span.attribute("db.response.returned_rows"), Some("12"));
    }
    assert_eq!(seen.series().len(), 1);
}

#[test]
fn calls_may_move_between_threads() {
    fn moves<T: Send>(_: T) {}
    let query = Query::new(System::Sqlite, INSERT);
    moves(query.clone().run(async { Ok::<_, Error>(()) }));
    testing::capture(|| moves(query.start()));
}

#[cfg(feature = "prometheus")]
#[test]
fn durations_have_the_bounds_that_suit_databases() {
    let telemetry = crate::builder("databases")
        .without_environment()
        .prometheus(crate::Prometheus::default().no_listener())
        .notices(|_| {})
        .build()
        .unwrap();
    telemetry.scope(|| {
        Query::new(System::Sqlite, "SELECT 1")
            .run_blocking(|| Ok::<_, std::fmt::Error>(()))
            .unwrap();
        crate::timer!("other").stop();
    });
    let page = telemetry.prometheus_text();
    let bounds = |family: &str| {
        let lines = page.lines().filter(|line| line.starts_with(family));
        lines.filter(|line| line.contains("le=\"0.001\"")).count()
    };
    assert_eq!(bounds("db_client_operation_duration_seconds_bucket"), 1, "{page}");
    assert_eq!(bounds("other_seconds_bucket"), 0, "{page}");
}
