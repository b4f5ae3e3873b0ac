//! Headers as propagators read them: what is broken is counted, and ignored.

use super::carrier::Extract;
use opentelemetry::trace::TraceState;
use std::cell::Cell;

/// What came with a request, and how much of it is of no use.
pub(super) struct Headers<'a> {
    headers: &'a dyn Extract,
    ignored: Cell<u64>,
}

/// What a propagator can find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    At(Position),
    /// No trace, but whether one that starts here is to be kept.
    Decision(bool),
}

/// Where a remote span stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    /// Never 0.
    pub(super) trace_id: u128,
    /// Never 0.
    pub(super) span_id: u64,
    /// `None` if nobody has decided yet.
    pub(super) sampled: Option<bool>,
    /// Whether its sender says that the trace's id is random.
    pub(super) random: bool,
    pub(super) state: TraceState,
}

impl<'a> Headers<'a> {
    pub(super) fn new(headers: &'a dyn Extract) -> Self {
        Headers { headers, ignored: Cell::new(0) }
    }

    /// Counts a header, or a part of one, that is ignored.
    pub(super) fn ignore(&self) {
        self.ignored.set(self.ignored.get() + 1);
    }

    pub(super) fn ignored(&self) -> u64 {
        self.ignored.get()
    }

    /// A header that may stand there once, as `read` has it; of what it can't read, or is longer than
    /// `max_bytes`, nothing.
    pub(super) fn one<T>(
        &self,
        name: &str,
        max_bytes: usize,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let (mut read, mut found, mut seen) = (Some(read), None, 0);
        self.headers.values(name, &mut |value| {
            seen += 1;
            if let Some(read) = read.take()
                && value.len() <= max_bytes
            {
                found = read(trim(value));
            }
        });
        if seen > 1 || (seen == 1 && found.is_none()) {
            self.ignore();
            return None;
        }
        found
    }

    /// All values of a header that may stand there several times.
    pub(super) fn all(&self, name: &str, mut visit: impl FnMut(&str)) {
        self.headers.values(name, &mut visit);
    }
}

/// Without the white space that HTTP allows around a value.
pub(super) fn trim(value: &str) -> &str {
    value.trim_matches([' ', '\t'])
}

/// Whether a text has nothing but visible ASCII and spaces.
pub(super) fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}
