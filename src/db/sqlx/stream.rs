//! Rows as they come, with a call that lasts until the last of them.

use super::failure::failure;
use crate::db::{Call, Query};
use futures_core::Stream;
use futures_core::stream::BoxStream;
use sqlx::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A stream as a call to the database: begun by its first poll, ended by its end, by its first error,
/// or when it is dropped.
pub(super) struct Observing<'e, T> {
    stream: BoxStream<'e, Result<T, Error>>,
    state: State<'e>,
    is_row: fn(&T) -> bool,
    rows: u64,
}

enum State<'e> {
    /// Boxed, for it is large and soon gone.
    Waiting(Box<Query<'e>>),
    Running(Box<Call<'e>>),
    Ended,
}

impl<'e, T> Observing<'e, T> {
    pub(super) fn new(
        query: Query<'e>,
        stream: BoxStream<'e, Result<T, Error>>,
        is_row: fn(&T) -> bool,
    ) -> Self {
        Observing { stream, state: State::Waiting(Box::new(query)), is_row, rows: 0 }
    }

    fn end(&mut self, error: Option<&Error>) {
        if let State::Running(mut call) = std::mem::replace(&mut self.state, State::Ended) {
            call.returned_rows(self.rows);
            call.end(error.map(failure));
        }
    }
}

impl<T> Stream for Observing<'_, T> {
    type Item = Result<T, Error>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<T, Error>>> {
        let this = &mut *self;
        this.state = match std::mem::replace(&mut this.state, State::Ended) {
            State::Waiting(query) => State::Running(Box::new(query.start())),
            state => state,
        };
        let stream = this.stream.as_mut();
        let polled = match &this.state {
            State::Running(call) => call.in_scope(|| stream.poll_next(context)),
            _ => stream.poll_next(context),
        };
        match &polled {
            Poll::Pending => {}
            Poll::Ready(None) => this.end(None),
            Poll::Ready(Some(Ok(item))) => this.rows += u64::from((this.is_row)(item)),
            Poll::Ready(Some(Err(error))) => this.end(Some(error)),
        }
        polled
    }
}

/// Who has had a row may have had enough; before that nothing came of it.
impl<T> Drop for Observing<'_, T> {
    fn drop(&mut self) {
        if self.rows > 0 && !std::thread::panicking() {
            self.end(None);
        }
    }
}
