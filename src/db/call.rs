//! A call to a database while it lasts: its span, and what is measured at its end.

use super::failure::{CANCELLED, Failure, PANIC};
use super::query::Query;
use super::statement::{self, Parsed};
use crate::metrics::{DATABASE_TIMER, DynamicSite, HistogramCell, Kind, TimerHandle, current};
use crate::tag::{TagList, TagRef};
use std::fmt;
use std::sync::Arc;
use std::time::Instant;
use tracing::{Span, info_span};

static DURATION: DynamicSite = DynamicSite::new(Kind::Timer);

/// A call that runs, made by [`Query::start`]. One that is dropped without having ended counts as
/// `cancelled`, or as `panic` where that is why.
///
/// # Examples
///
/// ```
/// use lightship::db::{Failure, Query, System};
///
/// # lightship::testing::capture(|| {
/// let mut call = Query::new(System::Mysql, "SELECT id FROM documents").start();
/// let rows: Result<Vec<u64>, std::fmt::Error> = call.in_scope(|| Ok(vec![1, 2]));
/// match rows {
///     Ok(rows) => {
///         call.returned_rows(rows.len() as u64);
///         call.end(None);
///     }
///     Err(error) => call.end(Some(Failure::of(&error))),
/// }
/// # });
/// ```
#[derive(Debug)]
#[must_use = "a call that is not kept counts as cancelled at once"]
pub struct Call<'a> {
    query: Query<'a>,
    parsed: Option<Arc<Parsed>>,
    span: Span,
    start: Instant,
    rows: Option<u64>,
    ended: bool,
}

impl<'a> Call<'a> {
    pub(super) fn start(query: Query<'a>) -> Self {
        let read = |statement| statement::look_up(statement, query.system.dialect());
        let parsed = query.statement.map(read);
        let span = span(&query, parsed.as_deref());
        Call { query, parsed, span, start: Instant::now(), rows: None, ended: false }
    }

    /// Its span.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// Runs a part of the call; logs and spans made there belong to it.
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        self.span.in_scope(body)
    }

    /// How many rows came back, `db.response.returned_rows`; what was said last counts.
    pub fn returned_rows(&mut self, rows: u64) {
        self.rows = Some(rows);
    }

    /// Ends it, well if there is no failure.
    pub fn end(mut self, failure: Option<Failure>) {
        self.finish(failure.as_ref());
    }

    fn finish(&mut self, failure: Option<&Failure>) {
        self.ended = true;
        if !self.span.is_disabled() {
            if let Some(rows) = self.rows {
                self.span.record("db.response.returned_rows", rows as i64);
            }
            if let Some(failure) = failure {
                self.span.record("otel.status_code", "ERROR");
                self.span.record("error.type", &*failure.error_type);
                if let Some(code) = &failure.status_code {
                    self.span.record("db.response.status_code", &**code);
                }
            }
        }
        if !current::nothing_installed() {
            self.measure(failure);
        }
    }

    fn measure(&self, failure: Option<&Failure>) {
        let elapsed = self.start.elapsed();
        let Query { system, operation, collection, port, batch, .. } = self.query;
        let (namespace, server) = (self.query.namespace.as_deref(), self.query.server.as_deref());
        let summary = summary_of(&self.query, self.parsed.as_deref());
        let batched = batch.and(summary).map(|summary| format!("BATCH {summary}"));
        let summary = batched.as_deref().or(summary);
        let mut tags = TagList::default();
        tags.add("db.system.name", Some(TagRef::one_of(system.name())));
        tags.add("db.namespace", namespace.map(TagRef::text));
        tags.add("db.operation.name", operation.map(TagRef::text));
        tags.add("db.collection.name", collection.map(TagRef::text));
        tags.add("db.query.summary", summary.map(TagRef::text));
        tags.add("server.address", server.map(TagRef::text));
        tags.add("server.port", port.map(|port| TagRef::unsigned(u64::from(port))));
        let code = failure.and_then(|failure| failure.status_code.as_deref());
        tags.add("db.response.status_code", code.map(TagRef::text));
        tags.add("error.type", failure.map(|failure| TagRef::text(&failure.error_type)));
        let timer = DURATION.by_all::<HistogramCell>(DATABASE_TIMER, tags.as_slice());
        TimerHandle(timer).record(elapsed);
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if !self.ended {
            let why = if std::thread::panicking() { PANIC } else { CANCELLED };
            self.finish(Some(&Failure::new(why)));
        }
    }
}

fn span(query: &Query<'_>, parsed: Option<&Parsed>) -> Span {
    use tracing::field::Empty;
    let summary = summary_of(query, parsed);
    info_span!(
        target: "lightship::db",
        "db.query",
        otel.name = display(Name { query, summary }),
        otel.kind = "client",
        otel.status_code = Empty,
        db.system.name = query.system.name(),
        db.namespace = query.namespace.as_deref(),
        db.operation.name = query.operation,
        db.operation.batch.size = query.batch.map(|size| size as i64),
        db.collection.name = query.collection,
        db.query.summary = summary.map(|summary| display(Summary { query, summary })),
        db.query.text = parsed.map(|parsed| &*parsed.text),
        db.response.status_code = Empty,
        db.response.returned_rows = Empty,
        server.address = query.server.as_deref(),
        server.port = query.port.map(i64::from),
        error.type = Empty,
    )
}

fn summary_of<'q>(query: &Query<'q>, parsed: Option<&'q Parsed>) -> Option<&'q str> {
    query.summary.or_else(|| parsed?.summary.as_deref())
}

/// `db.query.summary`.
struct Summary<'q> {
    query: &'q Query<'q>,
    summary: &'q str,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let batch = if self.query.batch.is_some() { "BATCH " } else { "" };
        write!(f, "{batch}{}", self.summary)
    }
}

/// A span's name: the summary, else the operation and what it is about, else the system.
struct Name<'q> {
    query: &'q Query<'q>,
    summary: Option<&'q str>,
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query = self.query;
        if let Some(summary) = self.summary {
            return Summary { query, summary }.fmt(f);
        }
        let operation = query.operation.unwrap_or_default();
        let place = query.namespace.as_deref().or(query.server.as_deref());
        let target = query.collection.or(place).unwrap_or_default();
        let room = if operation.is_empty() || target.is_empty() { "" } else { " " };
        match (operation, target) {
            ("", "") => f.write_str(query.system.name()),
            _ => write!(f, "{operation}{room}{target}"),
        }
    }
}
