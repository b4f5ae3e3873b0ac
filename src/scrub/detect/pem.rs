//! Private keys in PEM.

use super::super::kind::Sensitive;
use super::Finding;
use super::bytes::{UPPER, is};
use super::scan::Scan;

const DASHES: &[u8] = b"-----";
/// The longest `BEGIN OPENSSH PRIVATE KEY`, encoded.
const MAX_TITLE: usize = 80;
/// So much of a key has to follow for it to be one: a sentence may name the line.
const MIN_BODY: usize = 12;

impl Scan<'_> {
    /// `at` is a `B` behind a dash.
    pub(super) fn pem(&mut self, at: usize) -> Option<Finding> {
        let start = at.checked_sub(DASHES.len()).filter(|start| *start >= self.floor)?;
        if !self.has(start, b"-----BEGIN") {
            return None;
        }
        let (body, is_private) = self.title(at + 5)?;
        if !is_private || !self.has_body(body) {
            return None;
        }
        self.hit(Sensitive::PrivateKey, start, self.pem_end(body))
    }

    /// The end of a line `BEGIN RSA PRIVATE KEY-----`, whose spaces may be encoded.
    fn title(&self, at: usize) -> Option<(usize, bool)> {
        let mut last = [0; 2];
        let mut word = 0_u64;
        let mut here = at;
        while here < at + MAX_TITLE {
            let byte = self.get(here);
            if is(byte, UPPER) {
                word = (word << 8) | u64::from(byte);
                here += 1;
                continue;
            }
            last = [last[1], core::mem::take(&mut word)];
            here += match (byte, self.encoded(here)) {
                (b' ' | b'+', _) => 1,
                (_, Some((b' ', width))) => width,
                _ => break,
            };
            // `PRIVATE KEY BLOCK`: the last word says nothing.
            if last[1] == packed(b"KEY") && last[0] == packed(b"PRIVATE") {
                let end = self.skip(here, UPPER, MAX_TITLE);
                return self.has(end, DASHES).then_some((end + DASHES.len(), true));
            }
        }
        let is_private = last[1] == packed(b"KEY") && last[0] == packed(b"PRIVATE");
        self.has(here, DASHES).then_some((here + DASHES.len(), is_private))
    }

    /// Whether more follows than the end of a sentence.
    fn has_body(&self, at: usize) -> bool {
        let mut at = at;
        for _ in 0..16 {
            match self.get(at) {
                b'\\' if matches!(self.get(at + 1), b'n' | b'r' | b't' | b'\\') => {
                    at += 1 + usize::from(self.get(at + 1) != b'\\')
                }
                b' ' | b'\n' | b'\r' | b'\t' => at += 1,
                b'%' if self.encoded(at).is_some_and(|(byte, _)| byte <= b' ') => at += 3,
                _ => break,
            }
        }
        let is_base64 =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b':');
        let body = self.text.get(at..).unwrap_or_default();
        let body = &body[..body.len().min(MIN_BODY)];
        body.len() == MIN_BODY
            && body.iter().all(|byte| is_base64(*byte) || matches!(byte, b' ' | b'=' | b'%'))
            && body.iter().filter(|byte| **byte == b' ').count() < 2
    }

    fn pem_end(&self, body: usize) -> usize {
        let rest = &self.text[body..];
        let Some(end) = rest.windows(8).position(|bytes| bytes == b"-----END") else {
            return self.text.len();
        };
        let line = body + end + 8;
        let title = self.text.len().min(line + MAX_TITLE);
        match self.text[line..title].windows(5).position(|bytes| bytes == DASHES) {
            Some(dashes) => line + dashes + DASHES.len(),
            None => title,
        }
    }
}

const fn packed(word: &[u8]) -> u64 {
    let mut packed = 0;
    let mut at = 0;
    while at < word.len() {
        packed = (packed << 8) | word[at] as u64;
        at += 1;
    }
    packed
}
