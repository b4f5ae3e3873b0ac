//! A call to a database, as it is described before it is made.

use super::call::Call;
use super::failure::Failure;
use super::statement::MAX_SUMMARY_CHARS;
use super::system::System;
use crate::scrub;
use std::future::Future;
use std::ops::Deref;
#[cfg(feature = "sqlx")]
use std::sync::Arc;
use tracing::Instrument;

/// One call to a database, for any driver: wrap it around what the driver does.
///
/// It makes a span of kind client, named by what the statement does to what (`INSERT documents`), and
/// a measurement of `db.client.operation.duration`, in seconds. The statement's parameters are not
/// asked for; of its text nothing but what is no literal is kept, up to 4,096 characters. Whether it
/// failed shows by the `Err` of the driver's own result, which is handed on as it is. A future that is
/// dropped before it is done counts as `cancelled`.
///
/// A statement that a thread knows costs a hash of it and no allocation; other ones are read once, in
/// time by their length.
///
/// # Examples
///
/// ```
/// use lightship::db::{Query, System};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # async fn driver(_: &str) -> Result<u64, std::io::Error> { Ok(1) }
/// # lightship::testing::capture_async(async {
/// let insert = "INSERT INTO documents (id) VALUES (?)";
/// let rows = Query::new(System::Sqlite, insert)
///     .namespace("documents.db")
///     .run(driver(insert))
///     .await;
/// # assert_eq!(rows.unwrap(), 1);
/// # }).await;
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "it does nothing until it is run"]
pub struct Query<'a> {
    pub(super) system: System,
    pub(super) statement: Option<&'a str>,
    pub(super) summary: Option<&'a str>,
    pub(super) operation: Option<&'a str>,
    pub(super) collection: Option<&'a str>,
    pub(super) namespace: Option<Text<'a>>,
    pub(super) server: Option<Text<'a>>,
    pub(super) port: Option<u16>,
    pub(super) batch: Option<u64>,
}

/// A text that outlives a call, or is shared with it.
#[derive(Debug, Clone)]
pub(super) enum Text<'a> {
    Borrowed(&'a str),
    #[cfg(feature = "sqlx")]
    Shared(Arc<str>),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Borrowed(text) => text,
            #[cfg(feature = "sqlx")]
            Text::Shared(text) => text,
        }
    }
}

impl<'a> Query<'a> {
    /// A call that runs a statement in SQL or something like it.
    pub fn new(system: System, statement: &'a str) -> Self {
        Query { statement: Some(statement), ..Query::bare(system) }
    }

    /// A call without a statement, such as `get`.
    ///
    /// # Examples
    ///
    /// ```
    /// use lightship::db::{Query, System};
    ///
    /// let get = Query::command(System::Redis, "GET").collection("sessions");
    /// let (value, seen) = lightship::testing::capture(|| {
    ///     get.run_blocking(|| Ok::<_, std::io::Error>("Ada"))
    /// });
    /// assert_eq!(value.unwrap(), "Ada");
    /// # #[cfg(feature = "otlp")]
    /// assert_eq!(seen.spans()[0].name, "GET sessions");
    /// ```
    pub fn command(system: System, operation: &'a str) -> Self {
        Query { operation: Some(operation), ..Query::bare(system) }
    }

    fn bare(system: System) -> Self {
        Query {
            system,
            statement: None,
            summary: None,
            operation: None,
            collection: None,
            namespace: None,
            server: None,
            port: None,
            batch: None,
        }
    }

    /// The database within the server, `db.namespace`; of several parts `database|schema`.
    pub fn namespace(mut self, namespace: &'a str) -> Self {
        self.namespace = Some(Text::Borrowed(namespace));
        self
    }

    /// Where the server is: a host or socket, and its port unless that is the usual one.
    pub fn server(mut self, address: &'a str, port: impl Into<Option<u16>>) -> Self {
        (self.server, self.port) = (Some(Text::Borrowed(address)), port.into());
        self
    }

    /// What it does, in few words, in place of what the statement says: it names the span, so it must
    /// not hold anything that differs from call to call. Cut at 255 characters.
    pub fn summary(mut self, summary: &'a str) -> Self {
        self.summary = Some(scrub::cut(summary, MAX_SUMMARY_CHARS));
        self
    }

    /// `db.operation.name`, which is not taken from a statement.
    pub fn operation(mut self, operation: &'a str) -> Self {
        self.operation = Some(operation);
        self
    }

    /// `db.collection.name`, the one table that it is about; it is not taken from a statement.
    pub fn collection(mut self, collection: &'a str) -> Self {
        self.collection = Some(collection);
        self
    }

    /// How many statements are sent at once. Two and more make a batch, whose summary begins with
    /// `BATCH`.
    pub fn batch(mut self, statements: u64) -> Self {
        self.batch = (statements >= 2).then_some(statements);
        self
    }

    /// Starts the call; for drivers that [`run`](Self::run) does not fit, such as those with streams.
    pub fn start(self) -> Call<'a> {
        Call::start(self)
    }

    /// Runs a future as this call, from its first poll on.
    ///
    /// An error counts by the name of its type; [`run_or`](Self::run_or) lets you say more.
    pub async fn run<F, T, E>(self, future: F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        self.run_or(future, Failure::of).await
    }

    /// The same, where `failure` says what an error means.
    ///
    /// # Examples
    ///
    /// ```
    /// use lightship::db::{Failure, Query, System};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # lightship::testing::capture_async(async {
    /// struct SqlState(&'static str);
    ///
    /// let duplicate = async { Err::<(), _>(SqlState("23505")) };
    /// let query = Query::new(System::Postgresql, "INSERT INTO documents VALUES ($1)");
    /// let result = query.run_or(duplicate, |error| Failure::code(error.0)).await;
    /// assert!(result.is_err());
    /// # }).await;
    /// # }
    /// ```
    pub async fn run_or<F, T, E>(
        self,
        future: F,
        failure: impl FnOnce(&E) -> Failure,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let call = self.start();
        let result = future.instrument(call.span().clone()).await;
        call.end(result.as_ref().err().map(failure));
        result
    }

    /// Runs what waits for the database, as this call.
    ///
    /// # Examples
    ///
    /// ```
    /// use lightship::db::{Query, System};
    ///
    /// let count = "SELECT count(*) FROM documents";
    /// let (_, seen) = lightship::testing::capture(|| {
    ///     Query::new(System::Sqlite, count).run_blocking(|| Ok::<_, std::fmt::Error>(12))
    /// });
    /// # #[cfg(feature = "otlp")]
    /// assert_eq!(seen.spans()[0].name, "SELECT documents");
    /// ```
    pub fn run_blocking<T, E>(self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.run_blocking_or(body, Failure::of)
    }

    /// The same, where `failure` says what an error means.
    pub fn run_blocking_or<T, E>(
        self,
        body: impl FnOnce() -> Result<T, E>,
        failure: impl FnOnce(&E) -> Failure,
    ) -> Result<T, E> {
        let call = self.start();
        let result = call.in_scope(body);
        call.end(result.as_ref().err().map(failure));
        result
    }
}
