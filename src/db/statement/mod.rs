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

use lexer::Lexer;
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
