//! What is known of each document, in SQLite.

use super::Config;
use super::document::{Document, DocumentId};
use super::error::UploadError;
use lightship::db::sqlx::ObservedPool;
use sqlx::Sqlite;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::time::Duration;

/// The database's file, beside the documents.
const FILE: &str = "documents.sqlite";
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);
/// A connection is replaced after this long, whatever it has come to hold.
const MAX_LIFETIME: Duration = Duration::from_secs(1800);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY NOT NULL,
    file_name TEXT NOT NULL,
    size INTEGER NOT NULL,
    label TEXT NOT NULL,
    model_version TEXT NOT NULL,
    uploaded_at INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT";
const INSERT: &str =
    "INSERT INTO documents (id, file_name, size, label, model_version) VALUES (?, ?, ?, ?, ?)";

/// A pool of connections to the table of documents.
#[derive(Debug)]
pub(crate) struct Documents {
    pool: ObservedPool<Sqlite>,
}

impl Documents {
    /// # Errors
    ///
    /// What SQLite says to a file that it cannot open, or that is no database.
    pub(crate) async fn open(config: &Config) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(config.directory.join(FILE))
            .create_if_missing(true)
            // Who reads and who writes do not wait for each other.
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(config.database_timeout);
        let pool = SqlitePoolOptions::new()
            .max_connections(config.connections)
            .acquire_timeout(config.database_timeout)
            .idle_timeout(IDLE_TIMEOUT)
            .max_lifetime(MAX_LIFETIME)
            .test_before_acquire(true)
            .connect_with(options)
            .await?;
        // Before anybody observes it: it is no part of any request.
        sqlx::query(SCHEMA).execute(&pool).await?;
        Ok(Documents { pool: ObservedPool::new(pool, "documents").namespace(FILE) })
    }

    pub(crate) async fn insert(
        &self,
        id: &DocumentId,
        document: &Document,
        (label, model_version): (&str, &str),
    ) -> Result<(), UploadError> {
        let query = sqlx::query(INSERT)
            .bind(id.as_str())
            .bind(document.name.as_str())
            .bind(document.bytes.len() as i64)
            .bind(label)
            .bind(model_version);
        query.execute(&self.pool).await?;
        Ok(())
    }

    /// Closes the pool, which waits for the queries that are under way, but not for long.
    pub(crate) async fn close(&self) {
        // What was written is safe either way.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.pool.pool().close()).await;
    }
}

impl From<sqlx::Error> for UploadError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolTimedOut) || is_locked(&error) {
            UploadError::DatabaseBusy(error)
        } else {
            UploadError::DatabaseFailed(error)
        }
    }
}

/// `SQLITE_BUSY` and `SQLITE_LOCKED`; what is above the lowest byte says more about it.
fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let code: Option<u32> = code.and_then(|code| code.parse().ok());
    matches!(code.map(|code| code & 0xff), Some(5 | 6))
}
