//! Mail addresses, by what stands around the `@`.

use super::super::kind::Sensitive;
use super::Finding;
use super::bytes::{DIGIT, LOCAL, is, is_letter};
use super::scan::Scan;

const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 255;
/// `logo@2x.png` is a file.
const FILES: &[&[u8]] = &[b"png", b"jpg", b"jpeg", b"gif", b"svg", b"webp", b"css", b"js"];

impl Scan<'_> {
    /// `width` is that of the `@`, which may be encoded.
    pub(super) fn email(&mut self, at: usize, width: usize) -> Option<Finding> {
        if !self.is_on(Sensitive::Email) {
            return None;
        }
        let start = self.local_part(at)?;
        let end = self.domain(at + width)?;
        self.hit(Sensitive::Email, start, end)
    }

    fn local_part(&self, at: usize) -> Option<usize> {
        let mut start = self.skip_back(at, LOCAL, MAX_LOCAL);
        if is(self.before(start), LOCAL) {
            return None;
        }
        // An encoded `+` or `.` is a part of it; what else is encoded ends it.
        while start > self.floor && self.text[start - 1] == b'%' {
            match self.encoded(start - 1) {
                Some((b'+' | b'.', _)) if at - start < MAX_LOCAL => {
                    start = self.skip_back(start - 1, LOCAL, MAX_LOCAL);
                }
                Some((_, width)) => {
                    start += width - 1;
                    break;
                }
                None => break,
            }
        }
        if start > self.floor && self.text[start - 1] == b'\\' {
            start += match self.get(start) {
                b'u' => 5,
                b'n' | b'r' | b't' => 1,
                _ => 0,
            };
        }
        while start < at && matches!(self.text[start], b'.' | b'+' | b'-' | b'_') {
            start += 1;
        }
        let local = self.text.get(start..at).filter(|local| !local.is_empty())?;
        // The user of a URL.
        if start >= self.floor + 3 && self.has(start - 3, b"://") {
            return None;
        }
        let ends_well = local.last() != Some(&b'.');
        (ends_well && !local.eq_ignore_ascii_case(b"git")).then_some(start)
    }

    /// The end of a domain: the longest whose last part is made of letters.
    fn domain(&self, start: usize) -> Option<usize> {
        let limit = self.text.len().min(start + MAX_DOMAIN);
        let mut end = None;
        let mut at = start;
        loop {
            let label = at;
            while at < limit && is_in_label(self.text[at]) {
                at += 1;
            }
            if at == label {
                break;
            }
            if label > start {
                end = self.top_level(label, at).or(end);
            }
            if self.get(at) != b'.' || at + 1 >= limit {
                break;
            }
            at += 1;
        }
        end
    }

    fn top_level(&self, label: usize, end: usize) -> Option<usize> {
        let mut at = label;
        while at < end && is_letter(self.text[at]) {
            at += 1;
        }
        let name = &self.text[label..at];
        let is_whole = at == end || self.text[at] >= 0x80;
        let is_file = FILES.iter().any(|file| name.eq_ignore_ascii_case(file));
        (is_whole && name.len() >= 2 && !is_file && !is(self.get(at), DIGIT)).then_some(at)
    }
}

fn is_in_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte >= 0x80
}
