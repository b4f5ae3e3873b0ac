//! Passwords in URLs: `scheme://user:password@host`.

use super::super::kind::Sensitive;
use super::Finding;
use super::bytes::{DIGIT, TOKEN, is};
use super::masked::is_masked;
use super::scan::Scan;

/// The longest user and password, in bytes.
const MAX_USER_INFO: usize = 256;
/// Who knows the address of such a hook may write there.
const HOOKS: &[&[u8]] = &[
    b"hooks.slack.com/services/",
    b"hooks.slack.com/workflows/",
    b"discord.com/api/webhooks/",
    b"discordapp.com/api/webhooks/",
];
const MIN_HOOK: usize = 20;

impl Scan<'_> {
    /// Behind `://`; `None` where there is none.
    pub(super) fn authority(&self, colon: usize, width: usize) -> Option<usize> {
        let mut at = colon + width;
        for _ in 0..2 {
            at += match self.get(at) {
                b'/' => 1,
                b'\\' if self.get(at + 1) == b'/' => 2,
                _ => match self.encoded(at)? {
                    (b'/', width) => width,
                    _ => return None,
                },
            };
        }
        Some(at)
    }

    pub(super) fn url(&mut self, start: usize) -> Option<Finding> {
        if let Some(hook) = HOOKS.iter().find(|hook| self.has(start, hook)) {
            let path = start + hook.len();
            let mut end = path;
            while is(self.get(end), TOKEN) || self.get(end) == b'/' {
                end += 1;
            }
            if end - path >= MIN_HOOK {
                return self.hit(Sensitive::Token, path, end);
            }
        }
        let (from, to) = self.password(start)?;
        match is_masked(&self.text[from..to]) {
            true => None,
            false => self.hit(Sensitive::UrlPassword, from, to),
        }
    }

    /// Between the first colon and the last `@` of an authority.
    fn password(&self, start: usize) -> Option<(usize, usize)> {
        // An address in brackets is a host.
        if self.get(start) == b'[' {
            return None;
        }
        let limit = self.text.len().min(start + MAX_USER_INFO);
        let mut colon = None;
        let mut end = None;
        let mut slash = None;
        let mut at = start;
        while at < limit {
            let (byte, width) = self.encoded(at).unwrap_or((self.text[at], 1));
            match byte {
                b':' if colon.is_none() => colon = Some(at + width),
                b'@' if colon.is_some() => {
                    end = Some((at, at + width));
                    if slash.is_some() {
                        break;
                    }
                }
                // A user without a password.
                b'@' => break,
                b'/' | b'?' | b'#'
                    if end.is_some() || colon.is_none_or(|colon| self.is_port(colon, at)) =>
                {
                    break;
                }
                b'/' if self.get(at + width) == b'/' => break,
                b'/' | b'?' => slash = Some(at),
                0..=b' '
                | b'"'
                | b'\''
                | b'`'
                | b'<'
                | b'>'
                | b'\\'
                | b'{'
                | b'}'
                | b')'
                | b','
                    if width == 1 && !self.is_placeholder(colon, at) =>
                {
                    break;
                }
                0..=b' ' if width > 1 => break,
                _ => {}
            }
            at += width;
        }
        let ((to, host), from) = (end?, colon?);
        let has_host = is(self.get(host), super::bytes::LABEL)
            || matches!(self.get(host), b'[' | b'$' | b'{' | b'<' | 0x80..);
        (has_host && from < to).then_some((from, to))
    }

    /// `${PASSWORD}` may stand there, and some passwords have such characters.
    fn is_placeholder(&self, colon: Option<usize>, at: usize) -> bool {
        colon.is_some() && matches!(self.text[at], b'<' | b'>' | b'{' | b'}' | b')' | b',')
    }

    fn is_port(&self, from: usize, to: usize) -> bool {
        self.text[from..to].iter().all(|byte| is(*byte, DIGIT))
    }
}
