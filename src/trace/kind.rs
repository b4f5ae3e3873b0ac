//! `otel.kind`: which spans may come from another process.

use std::fmt::{self, Debug, Write};
use tracing::Metadata;
use tracing::field::{Field, Visit};
use tracing::span::Attributes;

const KIND: &str = "otel.kind";

/// Whether a span of this place may say what kind it is, now or later.
pub(super) fn is_declared(metadata: &Metadata<'_>) -> bool {
    metadata.fields().field(KIND).is_some()
}

/// The targets of the spans that this crate makes for its host.
const OURS: [&str; 2] = ["lightship::http", "lightship::db"];

/// Whether somebody may still give a span of this place a parent after it was made. Nobody does that
/// to ours: whoever makes them knows their parents before.
pub(super) fn may_get_a_parent(metadata: &Metadata<'_>) -> bool {
    is_declared(metadata) && !OURS.contains(&metadata.target())
}

/// Whether a span is where work of another process arrives, so that its parent may be there.
pub(super) fn is_entrance(attrs: &Attributes<'_>) -> bool {
    if !is_declared(attrs.metadata()) {
        return false;
    }
    let mut visitor = Entrance(false);
    attrs.record(&mut visitor);
    visitor.0
}

struct Entrance(bool);

impl Visit for Entrance {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == KIND {
            self.0 = ["server", "consumer"].iter().any(|kind| value.eq_ignore_ascii_case(kind));
        }
    }

    /// Kinds are often given as `?SpanKind::Server`.
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == KIND {
            let mut text = Short::default();
            if write!(text, "{value:?}").is_ok() {
                self.record_str(field, std::str::from_utf8(&text.bytes[..text.len]).unwrap_or(""));
            }
        }
    }
}

/// Room for the longest kind.
#[derive(Default)]
struct Short {
    bytes: [u8; 16],
    len: usize,
}

impl Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let room = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
