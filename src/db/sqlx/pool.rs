//! A pool whose statements are observed, and its connections with them.

use super::observer::{Observed, Observer};
use super::pool_metrics::{wait, watch};
use crate::db::System;
use sqlx::pool::PoolConnection;
use sqlx::{Database, Error, Executor, Pool, Transaction};
use std::sync::Arc;

/// A pool that stands in for sqlx's own: `&pool` is an [`Executor`] whose statements are observed, and
/// the pool's state becomes metrics, each with the tag `db.client.connection.pool.name`.
///
/// - `db.client.connection.count`, by `db.client.connection.state` `used` and `idle`, and
///   `db.client.connection.max`, `db.client.connection.idle.min`: read whenever a backend reads.
/// - `db.client.connection.pending_requests`: who waits for a connection now.
/// - `db.client.connection.wait_time`: how long that took, in seconds, and
///   `db.client.connection.timeouts`: how often in vain. Streams (`fetch`, `fetch_many`,
///   `execute_many`) get their connections within sqlx, so they are in neither of the three.
///
/// What sqlx does not tell has no metric: how long it takes to open a connection, and how long one is
/// used. The state belongs to the [`Telemetry`](crate::Telemetry) that is there when the pool is
/// made, so make it after [`init`](crate::init).
///
/// # Examples
///
/// ```
/// use lightship::db::sqlx::ObservedPool;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (_, seen) = lightship::testing::capture_async(async {
///     let pool = sqlx::SqlitePool::connect("sqlite::memory:").await.unwrap();
///     let pool = ObservedPool::new(pool, "documents");
///     sqlx::query("SELECT 1").fetch_all(&pool).await.unwrap();
/// })
/// .await;
/// let tags = [("db.client.connection.pool.name", "documents")];
/// assert_eq!(seen.histogram("db.client.connection.wait_time", &tags).count, 1);
/// # }
/// ```
#[derive(Debug)]
pub struct ObservedPool<DB: Database> {
    // Shared, so that what reads the state does not keep the pool alive.
    pool: Arc<Pool<DB>>,
    observer: Observer,
    name: Arc<str>,
}

impl<DB: Database> ObservedPool<DB> {
    /// Observes a pool; its name tells it from the others of the program.
    pub fn new(pool: Pool<DB>, name: impl Into<String>) -> Self {
        let (pool, name) = (Arc::new(pool), Arc::from(name.into()));
        watch(&pool, &name);
        ObservedPool { pool, observer: Observer::new(), name }
    }

    /// See [`Observer::system`].
    pub fn system(mut self, system: System) -> Self {
        self.observer = self.observer.system(system);
        self
    }

    /// See [`Observer::namespace`].
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.observer = self.observer.namespace(namespace);
        self
    }

    /// See [`Observer::server`].
    pub fn server(mut self, address: impl Into<String>, port: impl Into<Option<u16>>) -> Self {
        self.observer = self.observer.server(address, port);
        self
    }

    /// The pool itself, unobserved.
    pub fn pool(&self) -> &Pool<DB> {
        &self.pool
    }

    /// Observes what runs on another executor of this database: a connection or a transaction.
    pub fn observe<'c, E: Executor<'c>>(&self, executor: E) -> Observed<E> {
        self.observer.observe(executor)
    }

    /// A connection, as [`Pool::acquire`] gives it; the wait for it is measured.
    ///
    /// # Errors
    ///
    /// Those of sqlx.
    pub async fn acquire(&self) -> Result<PoolConnection<DB>, Error> {
        self.connection().await
    }

    /// The same, by a future that does not borrow the pool.
    pub(super) fn connection(
        &self,
    ) -> impl Future<Output = Result<PoolConnection<DB>, Error>> + Send + 'static {
        let (name, acquired) = (Arc::clone(&self.name), self.pool.acquire());
        async move { wait(&name, acquired).await }
    }

    /// A transaction, as [`Pool::begin`] gives it; the wait for its connection and its begin are
    /// measured together.
    ///
    /// # Errors
    ///
    /// Those of sqlx.
    pub async fn begin(&self) -> Result<Transaction<'static, DB>, Error> {
        wait(&self.name, self.pool.begin()).await
    }

    pub(super) fn observer(&self) -> &Observer {
        &self.observer
    }
}

impl<DB: Database> Clone for ObservedPool<DB> {
    fn clone(&self) -> Self {
        ObservedPool {
            pool: Arc::clone(&self.pool),
            observer: self.observer.clone(),
            name: Arc::clone(&self.name),
        }
    }
}
