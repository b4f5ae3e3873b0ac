//! Looks for many secrets at once, in whatever clothes, and for parts of them.

use crate::canary::Planted;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How much is shown around a leak, to either side.
const AROUND: usize = 40;
/// By its first bytes a window is known; none is shorter.
const FIRST: usize = 8;
/// One bit for each hash of first bytes: most of what is looked at is none of them.
const BITS: u32 = 25;
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What to look for: every window of every secret, in lower case.
pub(crate) struct Search<'p> {
    planted: &'p [Planted],
    windows: HashMap<u64, Vec<Window>>,
    firsts: Vec<u64>,
}

/// What follows the first bytes, and what it is part of.
struct Window {
    rest: Vec<u8>,
    at: usize,
}

/// One secret in what a backend has.
#[derive(Debug)]
pub(crate) struct Leak {
    pub(crate) place: &'static str,
    pub(crate) shape: &'static str,
    pub(crate) around: String,
}

impl<'p> Search<'p> {
    pub(crate) fn new(planted: &'p [Planted]) -> Self {
        let firsts = vec![0; 1 << (BITS - 6)];
        let mut search = Search { planted, windows: HashMap::new(), firsts };
        for (at, one) in planted.iter().enumerate() {
            for secret in &one.secrets {
                search.add(secret.as_bytes(), one.leak, at);
                for encoded in base64(secret.as_bytes()) {
                    search.add(&encoded, 12, at);
                }
                search.add(&hex(secret.as_bytes()), 2 * one.leak, at);
            }
        }
        search
    }

    fn add(&mut self, text: &[u8], length: usize, at: usize) {
        for window in text.to_ascii_lowercase().windows(length) {
            let first = first(window);
            self.firsts[bit(first) >> 6] |= 1 << (bit(first) & 63);
            let window = Window { rest: window[FIRST..].to_vec(), at };
            self.windows.entry(first).or_default().push(window);
        }
    }

    /// Every secret of which a part is there, once.
    pub(crate) fn leaks(&self, bytes: &[u8]) -> Vec<Leak> {
        let lower = bytes.to_ascii_lowercase();
        let mut found = BTreeMap::new();
        for (start, window) in lower.windows(FIRST).enumerate() {
            let first = first(window);
            if self.firsts[bit(first) >> 6] >> (bit(first) & 63) & 1 == 0 {
                continue;
            }
            let rest = &lower[start + FIRST..];
            let windows = self.windows.get(&first).into_iter().flatten();
            for window in windows.filter(|window| rest.starts_with(&window.rest)) {
                found.entry(window.at).or_insert(start);
            }
        }
        let leak = |(at, start): (usize, usize)| {
            let around = &bytes[start.saturating_sub(AROUND)..bytes.len().min(start + AROUND)];
            let Planted { place, shape, .. } = self.planted[at];
            Leak { place, shape, around: around.escape_ascii().to_string() }
        };
        found.into_iter().map(leak).collect()
    }
}

/// The harmless words that are there.
pub(crate) fn words(bytes: &[u8]) -> BTreeSet<String> {
    let lower = bytes.to_ascii_lowercase();
    let fours = lower.windows(4).enumerate();
    let starts = fours.filter(|(_, four)| *four == b"mark" || *four == b"kept");
    let starts = starts.map(|(at, _)| at);
    let word =
        |at: usize| lower.get(at..at + 16).map(|word| String::from_utf8_lossy(word).into_owned());
    starts.filter_map(word).collect()
}

fn first(window: &[u8]) -> u64 {
    u64::from_le_bytes(window[..FIRST].try_into().unwrap())
}

fn bit(first: u64) -> usize {
    (first.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS)) as usize
}

/// What a text looks like in base64, wherever it begins: without the ends, which its neighbours share.
fn base64(text: &[u8]) -> [Vec<u8>; 3] {
    [0, 1, 2].map(|before| {
        let padded = [&[0; 2][..before], text].concat();
        let whole = padded.chunks_exact(3).flat_map(|three| {
            let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
            [18, 12, 6, 0].map(|shift| BASE64[(bits >> shift & 63) as usize])
        });
        whole.skip(if before == 0 { 0 } else { 4 }).collect()
    })
}

fn hex(text: &[u8]) -> Vec<u8> {
    text.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::metrics::PLACES;

    fn found(search: &Search<'_>, text: &str) -> Vec<&'static str> {
        search.leaks(text.as_bytes()).iter().map(|leak| leak.shape).collect()
    }

    #[test]
    fn a_secret_is_found_in_any_clothes_and_in_parts() {
        let planted = crate::canary::plant(&PLACES[0]);
        let search = Search::new(&planted);
        let one = planted.iter().find(|one| one.shape == "github").unwrap();
        let secret = one.secrets[0].as_str();
        let encoded = |before: &str| {
            let padded = format!("{before}{secret}!!");
            String::from_utf8(base64(padded.as_bytes())[0].clone()).unwrap()
        };
        for text in [
            one.value.clone(),
            format!("%20{}%0a", one.canary),
            secret.to_uppercase(),
            format!("{}\n{}", &secret[..9], "and no more"),
            format!("...{}", &secret[28..]),
            encoded(""),
            encoded("x"),
            encoded("u:"),
            String::from_utf8(hex(secret.as_bytes())).unwrap(),
        ] {
            assert_eq!(found(&search, &text), ["github"], "{text}");
        }
        for text in ["", "abc", &secret[..7], &one.beside, "[REDACTED:github_token]"] {
            assert!(found(&search, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn no_two_places_share_a_secret_and_every_one_is_found() {
        let planted = crate::places::all();
        let search = Search::new(&planted);
        for one in &planted {
            let leaks = search.leaks(one.value.as_bytes());
            let named: Vec<_> = leaks.iter().map(|leak| (leak.place, leak.shape)).collect();
            assert_eq!(named, [(one.place, one.shape)]);
        }
    }

    #[test]
    fn words_are_found_where_they_stand() {
        let planted = crate::places::all();
        let text = planted.iter().map(|one| format!("x{}_", one.beside)).collect::<String>();
        let words = words(text.as_bytes());
        assert!(planted.iter().all(|one| words.contains(&one.beside)));
        assert!(!words.contains("markaaaaaaaaaaaa"));
    }
}
