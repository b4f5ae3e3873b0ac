//! One value into a line, whatever the host's code does meanwhile.

use super::{NESTED, PANICKED};
use crate::logs::buffer;
use crate::logs::current;
use crate::logs::escape::{Fit, Place, write_value};
use crate::logs::rules::{Rules, Shown};
use crate::scrub::cut;
use crate::status::{DropReason, Drops};
use std::error::Error;
use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How many sources of an error are told; a chain may go in a circle.
const MAX_SOURCES: usize = 16;

/// The part of a line that the host's fields fill.
#[derive(Debug)]
pub(super) struct Room<'r> {
    rules: &'r Rules,
    pub(super) bytes: usize,
    /// Values that had to be shortened.
    shortened: u64,
    /// Whether something had no room.
    pub(super) exceeded: bool,
}

impl<'r> Room<'r> {
    pub(super) fn new(bytes: usize, rules: &'r Rules) -> Self {
        Room { rules, bytes, shortened: 0, exceeded: false }
    }

    /// Takes room for something short; `false` if there is none.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.unwrap_or(self.bytes);
        self.exceeded |= left.is_none();
        left.is_some()
    }

    /// Writes a text that the host made, as far as it may be shown.
    pub(super) fn text(&mut self, out: &mut impl Write, place: Place, field: Shown, text: &str) {
        let chars = field.max_chars();
        let scrubbed = self.rules.scrub(field, text);
        // It is cut by now.
        let is_whole = cut(text, chars).len() == text.len();
        let fit = if is_whole { Fit::Whole } else { Fit::Shortened };
        match write_value(out, &scrubbed, place, chars, &mut self.bytes, fit) {
            Fit::Whole => {}
            Fit::Shortened => self.shortened += 1,
            Fit::NoRoom => self.exceeded = true,
        }
    }

    /// Writes what formats itself: its panic ends here, and so does its logging of itself.
    pub(super) fn format(
        &mut self,
        out: &mut impl Write,
        place: Place,
        field: Shown,
        format: impl FnOnce(&mut dyn Write) -> fmt::Result,
    ) {
        if current::is_too_deep() {
            return self.text(out, place, field, NESTED);
        }
        buffer::with(field.max_chars(), |buffer| {
            // An error says that there was more than can be shown.
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| format(buffer).is_ok())) {
                // Dropping it could panic again.
                std::mem::forget(panic);
                buffer.append(PANICKED);
            }
            self.text(out, place, field, buffer.text());
        });
    }

    /// Counts what was lost of the line.
    pub(super) fn count(&self, drops: &Drops) {
        if self.shortened > 0 {
            drops.add(DropReason::TextChanged, self.shortened);
        }
        if self.exceeded {
            drops.add(DropReason::Oversize, 1);
        }
    }
}

/// An error and what caused it, from the outside in: `upload failed: connection reset`.
pub(super) fn write_error(out: &mut dyn Write, error: &(dyn Error + 'static)) -> fmt::Result {
    write!(out, "{error}")?;
    let sources = std::iter::successors(error.source(), |&error| error.source());
    sources.take(MAX_SOURCES).try_for_each(|source| write!(out, ": {source}"))
}
