//! A finished line, on its way from the formatter into the queue.

use super::current;
use super::escape::{Place, escape, is_control};
use super::limits::MAX_LOG_LINE_BYTES;
use super::writer::Writer;
use crate::config::settings::LogLines;
use crate::status::{DropReason, Drops};
use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

const ESCAPE: char = '\u{1b}';
const PLAIN: &str = "\u{1b}[0m";

#[derive(Debug, Clone)]
pub(super) struct Sink {
    pub(super) writer: Arc<Writer>,
    pub(super) format: LogLines,
    pub(super) drops: &'static Drops,
}

/// Where one line goes.
#[derive(Debug)]
pub(super) struct Line<'a> {
    sink: &'a Sink,
    /// Written without a rest: the process may end with what it tells.
    urgent: bool,
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { sink: self, urgent: false }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line<'a> {
        Line { sink: self, urgent: *metadata.level() == Level::ERROR }
    }
}

impl io::Write for Line<'_> {
    /// Takes a whole line with its end, which is how tracing-subscriber hands it over.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let time = current::get().time;
        match self.sink.format {
            LogLines::Json => self.sink.writer.push(line, self.urgent, time),
            LogLines::Text { colours } => {
                let line = one_line(line, colours, self.sink.drops);
                self.sink.writer.push(&line, self.urgent, time);
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One line of bounded length, also where the name of a span or the target of a record would make it
/// two; all else was seen to before.
fn one_line<'a>(line: &'a [u8], colours: bool, drops: &Drops) -> Cow<'a, [u8]> {
    let is_allowed = |c| !is_control(c) || (colours && c == ESCAPE);
    let text = std::str::from_utf8(line).unwrap_or_default();
    let body = text.strip_suffix('\n').unwrap_or(text);
    if line.len() <= MAX_LOG_LINE_BYTES && body.chars().all(is_allowed) {
        return Cow::Borrowed(line);
    }
    let mut clean = String::with_capacity(line.len().min(MAX_LOG_LINE_BYTES));
    for part in body.split_inclusive(|c| !is_allowed(c)) {
        let end = part.char_indices().next_back().filter(|&(_, c)| !is_allowed(c));
        let (good, bad) = part.split_at(end.map_or(part.len(), |(at, _)| at));
        clean.push_str(good);
        escape(&mut clean, bad, Place::Bare);
    }
    let most = MAX_LOG_LINE_BYTES - PLAIN.len() - 1;
    if clean.len() > most {
        drops.add(DropReason::Oversize, 1);
        let cut = (0..=most).rev().find(|&at| clean.is_char_boundary(at));
        clean.truncate(cut.unwrap_or(0));
        clean.push_str(if colours { PLAIN } else { "" });
    }
    clean.push('\n');
    Cow::Owned(clean.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str, colours: bool) -> (String, u64) {
        let drops = Drops::new();
        let line = one_line(line.as_bytes(), colours, &drops);
        (String::from_utf8(line.into_owned()).unwrap(), drops.get(DropReason::Oversize))
    }

    #[test]
    fn whatever_comes_is_one_line() {
        assert_eq!(one("fine\n", false), ("fine\n".into(), 0));
        assert_eq!(one("two\nlines\0\n", false), ("two\\nlines\\u0000\n".into(), 0));
        assert_eq!(one("\u{1b}[1mb\u{9b}\n", true), ("\u{1b}[1mb\\u009b\n".into(), 0));
        assert_eq!(one("\u{1b}[1mb\n", false), ("\\u001b[1mb\n".into(), 0));
        let (cut, oversize) = one(&format!("{}\n", "é".repeat(MAX_LOG_LINE_BYTES)), true);
        assert!(cut.len() <= MAX_LOG_LINE_BYTES && cut.ends_with("é\u{1b}[0m\n"));
        assert_eq!(oversize, 1);
    }
}
