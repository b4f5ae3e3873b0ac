//! An answer that comes in pieces.

use super::reading::{Answer, parse};
use super::{Api, Reading, UsageError};

/// A longer line is left out: no event with a usage but a whole answer with images comes near it.
const MAX_LINE: usize = 8 * 1024 * 1024;

/// Reads the usage out of a stream, whose provider sends it last, all along, or never.
///
/// Keeps a few names and numbers, and the line that is not complete yet: 8 MiB at most.
///
/// # Examples
///
/// ```
/// use lightship::llm::{Api, UsageStream};
///
/// let mut stream = UsageStream::new(Api::OpenAiChat);
/// stream.feed(b"data: {\"id\": \"c1\", \"choices\": [{\"delta\": {\"content\": \"Hel");
/// stream.feed(b"lo\"}}], \"usage\": null}\n\ndata: {\"choices\": [], \"usage\": ");
/// stream.feed(b"{\"prompt_tokens\": 9, \"completion_tokens\": 2}}\n\ndata: [DONE]\n\n");
/// let reading = stream.finish()?;
/// assert_eq!(reading.usage.unwrap().output_tokens(), 2);
/// # Ok::<(), lightship::llm::UsageError>(())
/// ```
#[derive(Debug)]
pub struct UsageStream {
    api: Api,
    answer: Answer,
    line: Vec<u8>,
    is_too_long: bool,
    problem: Option<UsageError>,
}

impl UsageStream {
    /// A stream of which nothing has come.
    #[must_use]
    pub fn new(api: Api) -> Self {
        UsageStream {
            api,
            answer: Answer::default(),
            line: Vec::new(),
            is_too_long: false,
            problem: None,
        }
    }

    /// Takes bytes of the body as they come, cut anywhere: server-sent events, or JSON objects one a line.
    ///
    /// Costs the parsing of each line that has come to its end.
    pub fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.keep(&rest[..end]);
            self.end_line();
            rest = &rest[end + 1..];
        }
        self.keep(rest);
    }

    /// Takes one event: its JSON, or a line `data: ..` of a stream. Others' lines are left out.
    ///
    /// For clients that take streams apart themselves, as Bedrock's do.
    pub fn event(&mut self, event: &str) {
        self.line_event(event.as_bytes());
    }

    /// What was said up to now, also where the stream broke off.
    ///
    /// # Errors
    ///
    /// A usage that can't be read or can't be right, naming the field; where there is no usage, what could
    /// not be read and may have been it. A stream that has none is no error.
    pub fn finish(mut self) -> Result<Reading, UsageError> {
        self.end_line();
        match self.problem {
            Some(problem) if !self.answer.has_usage() => Err(problem),
            _ => self.answer.reading(self.api),
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.is_too_long |= self.line.len() + bytes.len() > MAX_LINE;
        if self.is_too_long {
            self.line = Vec::new();
        } else {
            self.line.extend_from_slice(bytes);
        }
    }

    fn end_line(&mut self) {
        if std::mem::take(&mut self.is_too_long) {
            let problem = format!("a line is longer than {MAX_LINE} bytes");
            self.note(UsageError::new("stream", problem));
        }
        let mut line = std::mem::take(&mut self.line);
        self.line_event(&line);
        // Kept for the next one.
        line.clear();
        self.line = line;
    }

    fn line_event(&mut self, line: &[u8]) {
        let line = line.trim_ascii();
        let json = line.strip_prefix(b"data:").unwrap_or(line).trim_ascii();
        // Not the end marks, comments and names of events.
        if json == b"[DONE]" || !matches!(json.first(), Some(b'{' | b'[')) {
            return;
        }
        let read = parse(json, "event").and_then(|event| self.answer.absorb(self.api, &event));
        if let Err(problem) = read {
            self.note(problem);
        }
    }

    fn note(&mut self, problem: UsageError) {
        self.problem.get_or_insert(problem);
    }
}
