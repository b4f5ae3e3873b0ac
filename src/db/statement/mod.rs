//! What may be said of a statement: its summary, and its text without literals.

mod cache;
mod dialect;
mod keyword;
mod lexer;
mod summary;
#[cfg(test)]
mod tests;
mod text;

pub(super) use cache::look_up;
pub(super) use dialect::Dialect;
pub(super) use summary::MAX_SUMMARY_CHARS;

use super::System;
use lexer::Lexer;
use std::sync::Arc;
use summary::Summary;
use text::Writer;

/// What stands further back in a statement is not looked at.
const MAX_BYTES: usize = 65_536;

/// What was read of a statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parsed {
    /// None if it does nothing that is known.
    pub(super) summary: Option<String>,
    pub(super) text: String,
}

/// What a statement does, and how it may be shown; for logs and the like. [`Query`](super::Query) sees
/// to it by itself.
///
/// # Examples
///
/// ```
/// use lightship::db::{Statement, System};
///
/// let insert = "INSERT INTO documents (label) SELECT label FROM drafts WHERE owner = 'Ada'";
/// let insert = Statement::read(System::Sqlite, insert);
/// assert_eq!(insert.summary(), Some("INSERT documents SELECT drafts"));
/// assert!(insert.text().ends_with("WHERE owner = ?"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement(Arc<Parsed>);

impl Statement {
    /// Reads a statement, in time by its length: no more than the first 64 KiB of it. Never panics,
    /// whatever it is given. What a thread reads again and again it remembers.
    pub fn read(system: System, statement: &str) -> Self {
        Statement(look_up(statement, system.dialect()))
    }

    /// Its operations and what they are about, in up to 255 characters; none if it does nothing that
    /// is known.
    pub fn summary(&self) -> Option<&str> {
        self.0.summary.as_deref()
    }

    /// The statement without literals and comments, up to 4,096 characters.
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

/// Reads a statement once; takes time by its length, up to 64 KiB.
fn parse(statement: &str, dialect: Dialect) -> Parsed {
    let (mut summary, mut text) = (Summary::new(), Writer::default());
    let mut pieces = Lexer::new(beginning(statement), dialect).peekable();
    while let Some(piece) = pieces.next() {
        if summary.is_full() && text.is_full() {
            break;
        }
        let next = pieces.peek().map(|next| next.token);
        let is_name = summary.take(piece.token, next);
        text.write(piece, next, is_name);
    }
    Parsed { summary: summary.finish(), text: text.finish() }
}

/// As much of a statement as is read.
fn beginning(statement: &str) -> &str {
    let mut end = statement.len().min(MAX_BYTES);
    while !statement.is_char_boundary(end) {
        end -= 1;
    }
    &statement[..end]
}
