//! Elements of XML: `<password>x</password>`.

use super::super::key::Label;
use super::super::kind::Sensitive;
use super::Finding;
use super::bytes::LABEL;
use super::label::{Labelled, MAX_LABEL};
use super::scan::Scan;
use super::value::JUDGED;

/// The longest value between two tags, in bytes.
const MAX_ELEMENT: usize = 4_096;

impl Scan<'_> {
    /// What stands between a tag, whose `>` is at `at`, and the one that closes it.
    pub(super) fn element(&mut self, at: usize) -> Option<Finding> {
        let start = self.skip_back(at, LABEL, MAX_LABEL);
        if self.before(start) != b'<' || start == at || start == self.floor {
            return None;
        }
        let name = &self.text[start..at];
        let kept = self.text.len().min(at + MAX_ELEMENT);
        let length = self.text[at + 1..kept].iter().position(|byte| *byte == b'<')?;
        let end = at + 1 + length;
        let closes = self.has(end, b"</") && self.has(end + 2, name) && length > 0;
        let demand = if closes { self.keys.label(name) } else { Label::Harmless };
        let value = at + 1;
        let labelled = Labelled {
            start,
            end: at,
            before: b'<',
            is_equals: false,
            is_encoded: false,
            is_quoted: true,
            value,
        };
        let judged = &self.text[value..end.min(value + JUDGED)];
        match demand != Label::Harmless && self.is_value(judged, labelled, demand, true, false) {
            true => self.hit(Sensitive::Secret, value, end),
            false => None,
        }
    }
}
