//! What is known of a database, and an executor that is observed with it.

use crate::db::query::Text;
use crate::db::{Query, System};
use sqlx::{Database, Executor};
use std::sync::Arc;

/// What the spans of a database's statements say of it; [`observe`](Self::observe) puts it around an
/// [`Executor`].
///
/// # Examples
///
/// ```
/// use lightship::db::sqlx::Observer;
/// use sqlx::{Connection, SqliteConnection};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), sqlx::Error> {
/// let (_, seen) = lightship::testing::capture_async(async {
///     let observer = Observer::new().namespace("documents.db");
///     let mut connection = SqliteConnection::connect("sqlite::memory:").await?;
///     sqlx::query("SELECT 1").fetch_one(observer.observe(&mut connection)).await?;
///     connection.close().await
/// })
/// .await;
/// # #[cfg(feature = "otlp")] {
/// let span = seen.span("SELECT").unwrap();
/// assert_eq!(span.attribute("db.system.name"), Some("sqlite"));
/// assert_eq!(span.attribute("db.response.returned_rows"), Some("1"));
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Observer {
    system: Option<System>,
    namespace: Option<Arc<str>>,
    server: Option<Arc<str>>,
    port: Option<u16>,
}

impl Observer {
    /// One that knows nothing but the system, by the type of the database.
    pub fn new() -> Self {
        Observer::default()
    }

    /// The system, where the type of the database does not say it, such as CockroachDB behind
    /// PostgreSQL's driver, or what is behind `Any`.
    pub fn system(mut self, system: System) -> Self {
        self.system = Some(system);
        self
    }

    /// The database within the server, `db.namespace`.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into().into());
        self
    }

    /// Where the server is, and its port unless that is the usual one.
    pub fn server(mut self, address: impl Into<String>, port: impl Into<Option<u16>>) -> Self {
        (self.server, self.port) = (Some(address.into().into()), port.into());
        self
    }

    /// Observes what runs on this executor: `&pool`, `&mut connection` or `&mut *transaction`.
    pub fn observe<'c, E: Executor<'c>>(&self, executor: E) -> Observed<E> {
        Observed { observer: self.clone(), executor }
    }

    /// A statement of a database of this type.
    pub(super) fn query<'q, DB: Database>(&self, statement: &'q str) -> Query<'q> {
        let mut query = Query::new(self.system.unwrap_or_else(system::<DB>), statement);
        query.namespace = self.namespace.clone().map(Text::Shared);
        (query.server, query.port) = (self.server.clone().map(Text::Shared), self.port);
        query
    }
}

fn system<DB: Database>() -> System {
    match DB::NAME {
        "PostgreSQL" => System::Postgresql,
        "MySQL" => System::Mysql,
        "SQLite" => System::Sqlite,
        _ => System::OtherSql,
    }
}

/// An executor whose statements are observed, made by [`Observer::observe`]; itself an [`Executor`].
///
/// # Examples
///
/// ```
/// # use lightship::db::sqlx::Observer;
/// use sqlx::Executor;
///
/// # async fn f(observer: Observer, pool: sqlx::SqlitePool) -> Result<(), sqlx::Error> {
/// let deleted = observer.observe(&pool).execute("DELETE FROM documents").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "it does nothing until a statement runs on it"]
pub struct Observed<E> {
    // Its own, for where a lifetime more is involved, futures of generic code are not `Send`.
    pub(super) observer: Observer,
    pub(super) executor: E,
}
