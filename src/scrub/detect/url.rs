//! Passwords in URLs: `scheme://user:password@host`.

use super::super::kind::Sensitive;
use super::Finding;
use super::bytes::{DIGIT, LABEL, STOP, TOKEN, is};
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
        // The user comes first, and may be a token; then comes the colon.
        self.password = self.password(start).unwrap_or_default();
        None
    }

    /// The password of a URL, if it begins there.
    pub(super) fn password_at(&self, at: usize) -> Option<Finding> {
        let (from, to) = self.password;
        match from == at && from < to && !is_masked(&self.text[from..to]) {
            true => self.hit(Sensitive::UrlPassword, from, to),
            false => None,
        }
    }

    /// What follows the slash behind `hooks.slack.com` and its like, with a scheme before it or without.
    pub(super) fn hook(&self, slash: usize) -> Option<Finding> {
        let hook = HOOKS.iter().find(|hook| {
            let host = hook.iter().position(|byte| *byte == b'/').unwrap_or(hook.len());
            slash >= self.floor + host
                && self.has(slash - host, hook)
                && self.begins_word(slash - host)
        })?;
        let host = hook.iter().position(|byte| *byte == b'/')?;
        let path = slash - host + hook.len();
        let mut end = path;
        while is(self.get(end), TOKEN) || self.get(end) == b'/' {
            end += 1;
        }
        match end - path >= MIN_HOOK {
            true => self.hit(Sensitive::Token, path, end),
            false => None,
        }
    }

    /// Between the first colon and the last `@` of an authority. A `/`, `?` or `&` may be a part of the
    /// password where what stands between the colon and it is no port.
    fn password(&self, start: usize) -> Option<(usize, usize)> {
        let is_encoded = self.before(start) != b'/';
        let limit = self.text.len().min(start + MAX_USER_INFO);
        let mut from = None;
        let mut end = None;
        let mut is_odd = false;
        let mut at = start;
        // An address in brackets is a host.
        while at < limit && self.get(start) != b'[' {
            at = self.skip(at, LABEL, limit - at);
            if at == limit {
                break;
            }
            let (byte, width) = match is_encoded {
                true => self.encoded(at).unwrap_or((self.text[at], 1)),
                false => (self.text[at], 1),
            };
            match (byte, from) {
                (b':', None) => from = Some(at + width),
                (b'@', Some(_)) => {
                    end = Some((at, at + width));
                    if is_odd {
                        break;
                    }
                }
                (b'/' | b'?' | b'#' | b'&', Some(from))
                    if !is_encoded
                        && end.is_none()
                        && !self.is_port(from, at)
                        && self.get(at + 1) != b'/' =>
                {
                    is_odd = true;
                }
                // A placeholder may have such.
                (b'<' | b'>' | b'{' | b'}' | b')' | b',', Some(_)) => {}
                (b'&', Some(from)) if !self.is_port(from, at) => {}
                // A user without a password, or the end.
                (b'@' | b'/' | b'?' | b'#', _) => break,
                (byte, _) if is(byte, STOP) => break,
                _ => {}
            }
            at += width;
        }
        let ((to, host), from) = (end?, from?);
        let has_host = is(self.get(host), LABEL)
            || matches!(self.get(host), b'[' | b'$' | b'{' | b'<' | 0x80..);
        (has_host && from < to).then_some((from, to))
    }

    fn is_port(&self, from: usize, to: usize) -> bool {
        self.text[from..to].iter().all(|byte| is(*byte, DIGIT))
    }
}
