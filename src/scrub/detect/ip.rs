//! Public addresses, of which only the network stays: `/24` of IPv4, `/48` of IPv6.

use super::super::kind::Sensitive;
use super::Finding;
use super::bytes::{DIGIT, HEX, WORD, is, is_letter};
use super::scan::Scan;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The longest IPv6 address, with one of IPv4 at its end.
const MAX_V6: usize = 45;
/// Words before four numbers that are a version.
const VERSIONS: &[&[u8]] = &[
    b"version",
    b"ver",
    b"v",
    b"build",
    b"release",
    b"rev",
    b"revision",
    b"oid",
    b"firmware",
    b"chrome",
    b"firefox",
    b"edge",
    b"opera",
    b"safari",
    b"windows",
    b"driver",
    b"sdk",
    b"agent",
    b"upgrade",
    b"upgraded",
    b"section",
];
/// Words before one that is small and yet an address.
const ADDRESSES: &[&[u8]] = &[
    b"ip",
    b"addr",
    b"address",
    b"client",
    b"host",
    b"peer",
    b"remote",
    b"from",
    b"ping",
    b"dns",
    b"resolver",
    b"server",
    b"nameserver",
    b"at",
    b"via",
    b"to",
    b"connect",
    b"connected",
    b"ipv",
];

impl Scan<'_> {
    /// A digit of at most three before a dot.
    pub(super) fn ipv4(&mut self, at: usize) -> Option<Finding> {
        if !self.ip || !self.is_on(Sensitive::Ip) {
            return None;
        }
        let (address, end) = self.octets(at)?;
        let (is_network, end) = self.suffix(end, 24);
        self.resume = end;
        let octets = address.octets();
        let is_address = !is_network
            && is_public_v4(address)
            && octets[3] != 0
            && !self.is_behind_path(at)
            && self.ends_address(end)
            && !self.is_version(at, end, octets);
        is_address.then(|| self.hit(Sensitive::Ip, at, end))?
    }

    fn octets(&self, at: usize) -> Option<(Ipv4Addr, usize)> {
        let mut octets = [0; 4];
        let mut at = at;
        for (index, octet) in octets.iter_mut().enumerate() {
            if index > 0 {
                if self.get(at) != b'.' {
                    return None;
                }
                at += 1;
            }
            let end = self.skip(at, DIGIT, 4);
            let digits = self.text.get(at..end)?;
            let number =
                digits.iter().fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0'));
            let is_one = matches!(digits.len(), 1..=3) && (digits.len() == 1 || digits[0] != b'0');
            *octet = u8::try_from(number).ok().filter(|_| is_one)?;
            at = end;
        }
        Some((Ipv4Addr::from(octets), at))
    }

    /// `/24` behind an address: whether that is a network, and where the address ends with it.
    fn suffix(&self, end: usize, widest: u32) -> (bool, usize) {
        let bits_end = self.skip(end + 1, DIGIT, 4);
        if self.get(end) != b'/' || !matches!(bits_end - end, 2..=4) {
            return (false, end);
        }
        let bits = self.text[end + 1..bits_end]
            .iter()
            .fold(0, |bits, digit| bits * 10 + u32::from(digit - b'0'));
        match bits {
            0..=128 if !is(self.get(bits_end), WORD) => (bits <= widest, bits_end),
            _ => (false, end),
        }
    }

    /// `Chrome/120.0.0.1`, but not the host of a URL.
    fn is_behind_path(&self, at: usize) -> bool {
        self.before(at) == b'/' && self.before(at.saturating_sub(1).max(self.floor)) != b'/'
    }

    fn ends_address(&self, end: usize) -> bool {
        let next = self.get(end);
        let goes_on = matches!(next, b'.' | b'-' | b'+') && self.goes_on(end + 1);
        !is(next, WORD) && !self.is_at_sign(end) && !goes_on
    }

    /// Whether what stands there makes what is before it the user of a mail address.
    pub(super) fn is_at_sign(&self, at: usize) -> bool {
        self.get(at) == b'@'
            || matches!(self.encoded(at), Some((b'@' | b'+' | b'.', _)))
            || self.has(at, b"\\u0040")
    }

    /// Four numbers that are no address: by the word before them, or because they are so small and no word
    /// says that they are one.
    fn is_version(&self, at: usize, end: usize, octets: [u8; 4]) -> bool {
        let word = self.word_before(at);
        let is_in = |list: &[&[u8]]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
        if is_in(VERSIONS) {
            return true;
        }
        let is_oid = matches!(octets, [1, 3, 6, 1] | [2, 5, 4 | 29, _]);
        let is_resolver =
            matches!(octets, [1, 1, 1, 1] | [1, 0, 0, 1] | [8, 8, 8 | 4, 8 | 4] | [9, 9, 9, 9]);
        let is_small = octets.iter().all(|octet| *octet < 10);
        is_oid
            || (is_small
                && !is_resolver
                && self.get(end) != b':'
                && self.before(at) != b'/'
                && !is_in(ADDRESSES))
    }

    /// The word before a place, behind at most three other bytes.
    fn word_before(&self, at: usize) -> &[u8] {
        let mut end = at;
        while end > self.floor && at - end < 3 && !is(self.text[end - 1], WORD) {
            end -= 1;
        }
        let mut start = end;
        while start > self.floor && end - start < 12 && is_letter(self.text[start - 1]) {
            start -= 1;
        }
        &self.text[start..end]
    }

    /// A colon that may be the first of an address.
    pub(super) fn ipv6(&mut self, colon: usize) -> Option<Finding> {
        if !self.ip || !self.is_on(Sensitive::Ip) || self.text[colon] != b':' {
            return None;
        }
        // Public ones begin with `2` or `3`; others are of IPv4.
        let first = colon.checked_sub(4).map_or(0, |first| self.text[first]);
        let may_be_public = matches!(first, b'2' | b'3');
        let may_be_mapped = self.get(colon + 1) == b':';
        if !may_be_public && !may_be_mapped {
            return None;
        }
        let start = self.skip_back(colon, HEX, 5);
        let begins = match colon - start {
            0 => may_be_mapped,
            4 => may_be_public,
            _ => false,
        };
        if !begins {
            return None;
        }
        let before = self.before(start);
        if is(before, WORD) || matches!(before, b':' | b'.' | b'/' | b'-') {
            return None;
        }
        let mut end = colon;
        let mut colons = 0;
        while end - start < MAX_V6 {
            match self.get(end) {
                b':' => colons += 1,
                byte if is(byte, HEX) || byte == b'.' => {}
                _ => break,
            }
            end += 1;
        }
        // A full stop, or the colon of a sentence.
        if end > start && matches!(self.text[end - 1], b'.' | b':') {
            end -= 1;
        }
        let goes_on = matches!(self.get(end), b'.' | b':') && self.goes_on(end + 1);
        if goes_on || self.text[end - 1] == b':' {
            return None;
        }
        let written = &self.text[start..end];
        if colons < 3 || is(self.get(end), WORD) || !written.iter().any(|byte| is(*byte, DIGIT)) {
            return None;
        }
        let address: Ipv6Addr = std::str::from_utf8(written).ok()?.parse().ok()?;
        let (is_network, end) = self.suffix(end, 48);
        self.resume = end;
        let is_hidden = masked_v6(address).is_none();
        (!is_network && !is_hidden && !self.is_at_sign(end))
            .then(|| self.hit(Sensitive::Ip, start, end))?
    }
}

/// An address that was found, with a suffix or without, as its network.
pub(super) fn masked(found: &str) -> Option<String> {
    let address = found.split('/').next().unwrap_or(found);
    masked_address(address.parse().ok()?)
}

/// A value that is an address, perhaps with a port, or a list of such; `None` where there is nothing to
/// mask.
pub(in super::super) fn mask(text: &str) -> Option<String> {
    let mut is_changed = false;
    let parts: Vec<Cow<'_, str>> = text
        .split(',')
        .map(|part| match masked_part(part) {
            Some(masked) => {
                is_changed = true;
                Cow::Owned(masked)
            }
            None => Cow::Borrowed(part),
        })
        .collect();
    let all_known = text.split(',').all(|part| masked_part(part).is_some() || is_plain_part(part));
    (is_changed && all_known).then(|| parts.join(","))
}

fn masked_part(part: &str) -> Option<String> {
    let bare = part.trim();
    let unbracketed = bare.trim_start_matches('[').trim_end_matches(']');
    let (address, port) = match (unbracketed.parse::<IpAddr>(), bare.parse::<SocketAddr>()) {
        (Ok(address), _) => (address, None),
        (_, Ok(socket)) => (socket.ip(), Some(socket.port())),
        _ => return None,
    };
    let masked = masked_address(address)?;
    let space = &part[..part.len() - part.trim_start().len()];
    Some(match port {
        Some(port) => format!("{space}{masked}:{port}"),
        None => format!("{space}{masked}"),
    })
}

/// What may stay in a list: an address of a private network, or a word of few letters.
fn is_plain_part(part: &str) -> bool {
    let bare = part.trim();
    let is_masked =
        bare.split_once('/').is_some_and(|(network, _)| network.parse::<IpAddr>().is_ok());
    let is_address = bare.parse::<IpAddr>().is_ok() || bare.parse::<SocketAddr>().is_ok();
    is_address || is_masked || bare == "unknown" || bare.is_empty()
}

fn masked_address(address: IpAddr) -> Option<String> {
    match address {
        IpAddr::V4(address) => masked_v4(address),
        IpAddr::V6(address) => masked_v6(address),
    }
}

fn masked_v4(address: Ipv4Addr) -> Option<String> {
    let [a, b, c, d] = address.octets();
    (is_public_v4(address) && d != 0).then(|| format!("{a}.{b}.{c}.0/24"))
}

/// `None` where an address is not public, or says no more than its network.
fn masked_v6(address: Ipv6Addr) -> Option<String> {
    if let Some(address) = address.to_ipv4_mapped() {
        return masked_v4(address);
    }
    let [a, b, c, rest @ ..] = address.segments();
    let is_public = a & 0xE000 == 0x2000;
    let network = Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0);
    (is_public && rest != [0; 5]).then(|| format!("{network}/48"))
}

/// Whether an address is routed on the Internet; those of documentation count, being what examples show.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || matches!(a, 0 | 224..)
        || (a == 100 && b & 0xC0 == 64)
        || (a == 198 && b & 0xFE == 18))
}
