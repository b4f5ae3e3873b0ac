//! Statements and pools of `sqlx` 0.8, with any of its databases.
//!
//! [`ObservedPool`] stands in for a pool: every statement that runs through `&pool` gets a span and a
//! measurement, and the pool itself its `db.client.connection.*` metrics. [`Observer`] does the
//! former for whatever is an [`Executor`](::sqlx::Executor): a connection, a transaction, a pool that somebody else
//! made.
//!
//! What works: `execute`, `fetch`, `fetch_one`, `fetch_all`, `fetch_optional`, `fetch_many`,
//! `execute_many`, `prepare` and `describe`, with `query`, `query_as`, `query_scalar`, `raw_sql`, a
//! bare string, and the `query!` macros, which take an `Executor` like the others. A stream is measured
//! from its first poll to its end, with the time that its reader takes; one that is dropped after a
//! row has ended, before that it was `cancelled`.
//!
//! SQLite's driver runs statements on threads of its own, which keep the span of a statement until
//! they are done with it: that of a cancelled one may end later than the call.
//!
//! What does not work: `BEGIN`, `COMMIT` and `ROLLBACK` of a `Transaction` and migrations, which sqlx runs
//! by ways of its own. With `Any` the system is `other_sql`, and texts are read with the care that a
//! database that is not known needs.
//!
//! # Examples
//!
//! ```
//! use lightship::db::sqlx::ObservedPool;
//! use sqlx::sqlite::SqlitePoolOptions;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), sqlx::Error> {
//! # lightship::testing::capture_async(async {
//! let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
//! let pool = ObservedPool::new(pool, "documents").namespace("documents.db");
//!
//! sqlx::query("CREATE TABLE documents (id INTEGER, label TEXT)").execute(&pool).await?;
//! let mut transaction = pool.begin().await?;
//! sqlx::query("INSERT INTO documents VALUES (?, ?)")
//!     .bind(1)
//!     .bind("invoice")
//!     .execute(pool.observe(&mut *transaction)) // a span `INSERT documents`
//!     .await?;
//! transaction.commit().await?;
//! # Ok(())
//! # }).await.0
//! # }
//! ```

mod executor;
mod failure;
mod observer;
mod pool;
mod pool_executor;
mod pool_metrics;
mod stream;

pub use failure::failure;
pub use observer::{Observed, Observer};
pub use pool::ObservedPool;
