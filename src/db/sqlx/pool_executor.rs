//! The pool as an executor, which gets its connections itself, so that the wait is measured.

use super::executor::observing;
use super::pool::ObservedPool;
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx::{Database, Describe, Either, Error, Execute, Executor};

// Not `&'c`: what runs does not borrow the pool, as with sqlx's own.
impl<'c, DB: Database> Executor<'c> for &'_ ObservedPool<DB>
where
    for<'p> &'p mut DB::Connection: Executor<'p, Database = DB>,
{
    type Database = DB;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<DB::QueryResult, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let call = self.observer().query::<DB>(query.sql());
        let connection = self.connection();
        let run = async move { connection.await?.execute(query).await };
        observing(call, run, |_| None)
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Vec<DB::Row>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let call = self.observer().query::<DB>(query.sql());
        let connection = self.connection();
        let run = async move { connection.await?.fetch_all(query).await };
        observing(call, run, |rows| Some(rows.len() as u64))
    }

    fn fetch_one<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<DB::Row, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let call = self.observer().query::<DB>(query.sql());
        let connection = self.connection();
        let run = async move { connection.await?.fetch_one(query).await };
        observing(call, run, |_| Some(1))
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<DB::Row>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let call = self.observer().query::<DB>(query.sql());
        let connection = self.connection();
        let run = async move { connection.await?.fetch_optional(query).await };
        observing(call, run, |row| Some(u64::from(row.is_some())))
    }

    fn execute_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<DB::QueryResult, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        self.observe(self.pool()).execute_many(query)
    }

    fn fetch<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<DB::Row, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        self.observe(self.pool()).fetch(query)
    }

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<DB::QueryResult, DB::Row>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        self.observe(self.pool()).fetch_many(query)
    }

    fn prepare_with<'e, 'q: 'e>(
        self,
        sql: &'q str,
        parameters: &'e [DB::TypeInfo],
    ) -> BoxFuture<'e, Result<DB::Statement<'q>, Error>>
    where
        'c: 'e,
    {
        let call = self.observer().query::<DB>(sql).operation("PREPARE");
        let connection = self.connection();
        let run = async move { connection.await?.prepare_with(sql, parameters).await };
        observing(call, run, |_| None)
    }

    fn describe<'e, 'q: 'e>(self, sql: &'q str) -> BoxFuture<'e, Result<Describe<DB>, Error>>
    where
        'c: 'e,
    {
        let call = self.observer().query::<DB>(sql).operation("DESCRIBE");
        let connection = self.connection();
        let run = async move { connection.await?.describe(sql).await };
        observing(call, run, |_| None)
    }
}
