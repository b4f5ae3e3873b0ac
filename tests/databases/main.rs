//! sqlx against a real SQLite: every way to run a statement, and every way to fail.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod failures;
mod pools;
mod statements;
mod streams;

use lightship::db::sqlx::ObservedPool;
use lightship::testing::{Captured, CapturedSpan, capture_async};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection, Sqlite};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const MAX_CONNECTIONS: u32 = 2;

/// A database in a file of its own, gone with the test.
struct Database(PathBuf);

impl Database {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lightship-databases-{}-{n}.db", std::process::id());
        Database(std::env::temp_dir().join(name))
    }

    fn options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(&self.0)
            .create_if_missing(true)
            .busy_timeout(Duration::from_millis(50))
    }

    /// A pool with a table of three documents in it, which no capture saw being made.
    async fn pool(&self) -> ObservedPool<Sqlite> {
        let options = SqlitePoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(Duration::from_millis(500));
        let pool = options.connect_with(self.options()).await.unwrap();
        let documents = "CREATE TABLE documents (id INTEGER PRIMARY KEY, label TEXT NOT NULL);
            INSERT INTO documents VALUES (1, 'invoice'), (2, 'letter'), (3, 'größe')";
        sqlx::raw_sql(documents).execute(&pool).await.unwrap();
        ObservedPool::new(pool, "documents").namespace("documents.db")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        for end in ["", "-journal", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}

/// What a piece of work with a pool recorded, which is closed at its end: a thread of SQLite's has a
/// statement's span until it turns to the next, so that each gets one more to do.
async fn seen_with<T>(work: impl AsyncFnOnce(&ObservedPool<Sqlite>) -> T) -> (T, Captured) {
    let database = Database::new();
    let pool = database.pool().await;
    capture_async(async {
        let result = work(&pool).await;
        let mut connections = Vec::new();
        for _ in 0..MAX_CONNECTIONS {
            if let Ok(mut connection) = pool.pool().acquire().await {
                let _ = connection.ping().await;
                connections.push(connection);
            }
        }
        drop(connections);
        pool.pool().close().await;
        result
    })
    .await
}

/// How often statements of this summary were measured; `error` is their class, and their code where
/// `has_code`.
fn measured(seen: &Captured, summary: &str, error: Option<(&str, bool)>) -> u64 {
    let mut tags = vec![
        ("db.system.name", "sqlite"),
        ("db.namespace", "documents.db"),
        ("db.query.summary", summary),
    ];
    if let Some((class, has_code)) = error {
        tags.push(("error.type", class));
        tags.extend(has_code.then_some(("db.response.status_code", class)));
    }
    seen.histogram("db.client.operation.duration", &tags).count
}

/// The one span of a statement.
fn span<'s>(seen: &'s Captured, name: &str) -> &'s CapturedSpan {
    let of_name: Vec<_> = seen.spans().iter().filter(|span| span.name == name).collect();
    assert_eq!(of_name.len(), 1, "{seen}");
    of_name[0]
}
