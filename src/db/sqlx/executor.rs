//! The executor that observes: every way to run a statement.

use super::failure::failure;
use super::observer::Observed;
use super::stream::Observing;
use crate::db::Query;
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx::{Database, Describe, Either, Error, Execute, Executor};
use tracing::Instrument;

/// Runs a future as a call; `rows` says how many came of it, where that can be said.
pub(super) fn observing<'e, T: 'e>(
    query: Query<'e>,
    future: impl Future<Output = Result<T, Error>> + Send + 'e,
    rows: fn(&T) -> Option<u64>,
) -> BoxFuture<'e, Result<T, Error>> {
    Box::pin(async move {
        let mut call = query.start();
        let result = future.instrument(call.span().clone()).await;
        if let Some(rows) = result.as_ref().ok().and_then(rows) {
            call.returned_rows(rows);
        }
        call.end(result.as_ref().err().map(failure));
        result
    })
}

type ManyOf<DB> = Either<<DB as Database>::QueryResult, <DB as Database>::Row>;

impl<'c, X: Executor<'c>> Executor<'c> for Observed<X> {
    type Database = X::Database;

    fn execute<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<<Self::Database as Database>::QueryResult, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        let call = self.observer.query::<X::Database>(query.sql());
        observing(call, self.executor.execute(query), |_| None)
    }

    fn execute_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<<Self::Database as Database>::QueryResult, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        let call = self.observer.query::<X::Database>(query.sql());
        Box::pin(Observing::new(call, self.executor.execute_many(query), |_| false))
    }

    fn fetch<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<<Self::Database as Database>::Row, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        let call = self.observer.query::<X::Database>(query.sql());
        Box::pin(Observing::new(call, self.executor.fetch(query), |_| true))
    }

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<ManyOf<Self::Database>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        let call = self.observer.query::<X::Database>(query.sql());
        Box::pin(Observing::new(call, self.executor.fetch_many(query), Either::is_right))
    }

    fn fetch_all<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Vec<<Self::Database as Database>::Row>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        let call = self.observer.query::<X::Database>(query.sql());
        observing(call, self.executor.fetch_all(query), |rows| Some(rows.len() as u64))
    }

    fn fetch_one<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<<Self::Database as Database>::Row, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        let call = self.observer.query::<X::Database>(query.sql());
        observing(call, self.executor.fetch_one(query), |_| Some(1))
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<<Self::Database as Database>::Row>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        let call = self.observer.query::<X::Database>(query.sql());
        let rows = |row: &Option<_>| Some(u64::from(row.is_some()));
        observing(call, self.executor.fetch_optional(query), rows)
    }

    fn prepare_with<'e, 'q: 'e>(
        self,
        sql: &'q str,
        parameters: &'e [<Self::Database as Database>::TypeInfo],
    ) -> BoxFuture<'e, Result<<Self::Database as Database>::Statement<'q>, Error>>
    where
        'c: 'e,
    {
        let call = self.observer.query::<X::Database>(sql).operation("PREPARE");
        observing(call, self.executor.prepare_with(sql, parameters), |_| None)
    }

    fn describe<'e, 'q: 'e>(
        self,
        sql: &'q str,
    ) -> BoxFuture<'e, Result<Describe<Self::Database>, Error>>
    where
        'c: 'e,
    {
        let call = self.observer.query::<X::Database>(sql).operation("DESCRIBE");
        observing(call, self.executor.describe(sql), |_| None)
    }
}
