//! Where something may begin: most bytes are passed by.

// What may begin at a byte, by this byte and the one before it.
const ANY: u8 = 1;
const NUMBER: u8 = 1 << 1;
const GAP: u8 = 1 << 2;
const SLASH: u8 = 1 << 3;
const DASH: u8 = 1 << 4;
const CAPITAL: u8 = 1 << 5;
const WEB_TOKEN: u8 = 1 << 6;
const ESCAPE: u8 = 1 << 7;

/// What may begin at this byte ..
static BEGINS: [u8; 256] = {
    let mut begins = [0; 256];
    let mut at = 0;
    while at < 256 {
        begins[at] = match at as u8 {
            b'=' | b':' | b'@' | b'%' | b'>' => ANY,
            b'0'..=b'9' => NUMBER,
            b' ' => GAP,
            b'/' | b'B' => SLASH,
            b'-' | b'_' => DASH,
            b'.' | b'K' | b'S' | b'I' => CAPITAL,
            b'J' => WEB_TOKEN,
            b'n' | b'r' | b't' | b'u' => ESCAPE,
            _ => 0,
        };
        at += 1;
    }
    begins
};

/// .. behind this one.
static BEHIND: [u8; 256] = {
    let mut behind = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        let number_or_dash = match byte {
            b'a'..=b'z' => DASH,
            b'0'..=b'9' | b'_' | b'.' | b'-' => 0,
            _ => NUMBER,
        };
        let other = match byte {
            b'r' | b'R' | b'c' | b'C' | b'N' => GAP,
            b't' | b'T' | b'm' | b'-' => SLASH,
            b'A' | b'G' => CAPITAL,
            b'y' => WEB_TOKEN,
            b'\\' => ESCAPE,
            _ => 0,
        };
        behind[at] = ANY | number_or_dash | other;
        at += 1;
    }
    behind
};

/// So many bytes are looked at together.
pub(super) const LANES: usize = 32;

/// Places in a block, a bit each.
pub(super) struct Lanes(u32);

impl Lanes {
    /// The next place.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let lane = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(lane)
    }
}

/// What may begin at a byte behind another.
#[inline(always)]
pub(super) fn begins(byte: u8, before: u8) -> u8 {
    BEGINS[usize::from(byte)] & BEHIND[usize::from(before)]
}

/// As many bytes as there are lanes, behind the byte before them.
pub(super) type Window = [u8; LANES + 1];

/// Where lanes begin that are looked at from `at` on: the last ones begin earlier where the text is long
/// enough, so that they are all there.
#[inline(always)]
pub(super) fn first_lane(text: &[u8], at: usize) -> usize {
    at.min(text.len().saturating_sub(LANES))
}

/// The lanes that begin there, where there are so many, and a byte before them.
#[inline(always)]
pub(super) fn window(text: &[u8], first: usize) -> Option<&Window> {
    text.get(first.checked_sub(1)?..)?.first_chunk()
}

/// The same for lanes of which there are fewer, and with `before` as the byte before `at`; zeros stand for
/// what is not there.
#[inline(never)]
pub(super) fn edge(text: &[u8], at: usize, before: u8) -> Window {
    let mut window = [0; LANES + 1];
    let first = first_lane(text, at);
    let rest = &text[first..];
    let count = rest.len().min(LANES);
    window[1..=count].copy_from_slice(&rest[..count]);
    window[at - first] = before;
    window
}

/// Places where something may begin, and some more, but for the first ones; written so that compilers look
/// at many bytes at a time.
#[inline(always)]
pub(super) fn likely(window: &Window, skipped: usize) -> Lanes {
    let mut flags = [0; LANES];
    for lane in 0..LANES {
        flags[lane] = u8::from(is_likely(window[lane + 1], window[lane]));
    }
    let mut lanes = 0;
    for (word, flags) in flags.as_chunks().0.iter().enumerate() {
        // Moves the lowest bits of eight bytes side by side.
        let bits = u64::from_le_bytes(*flags).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        lanes |= (bits as u32) << (8 * word);
    }
    Lanes(lanes & (u32::MAX << skipped))
}

#[inline(always)]
fn is_likely(byte: u8, before: u8) -> bool {
    let is_digit = byte.wrapping_sub(b'0') < 10;
    // Or a dot or a dash.
    let is_digit_before = (before.wrapping_sub(b'-') < 13) & (before != b'/');
    let is_lower = before.wrapping_sub(b'a') < 26;
    let folded = before | 0x20;
    // From `:` to `@`, with few that are rare.
    (byte.wrapping_sub(b':') < 7)
        | (byte == b'%')
        | (is_digit & !(is_lower | is_digit_before))
        | (((byte == b'-') | (byte == b'_')) & is_lower)
        | (((byte == b'B') | (byte == b'/'))
            & ((before == b'-') | (folded == b't') | (before == b'm')))
        | ((byte == b' ') & ((folded == b'r') | (folded == b'c') | (before == b'N')))
        | (byte == b'J')
        | (before == b'A')
        | (before == b'G')
        | (before == b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_may_begin_is_likely() {
        for byte in 0..=u8::MAX {
            for before in 0..=u8::MAX {
                let may_begin = begins(byte, before) != 0;
                assert!(!may_begin || is_likely(byte, before), "{byte} behind {before}");
            }
        }
    }

    #[test]
    fn lanes_come_in_their_order() {
        let places = |text: &[u8], at: usize, before: u8| -> Vec<usize> {
            let first = first_lane(text, at);
            let mut lanes = likely(&edge(text, at, before), at - first);
            if let Some(window) = window(text, first)
                && text[at - 1] == before
            {
                assert_eq!(likely(window, at - first).0, lanes.0);
            }
            std::iter::from_fn(|| lanes.next()).map(|lane| first + lane).collect()
        };
        let mut text = vec![b'x'; 2 * LANES];
        for at in [0, 7, 8, 31, 32, 63] {
            text[at] = b'@';
        }
        assert_eq!(places(&text, 0, b' '), [0, 7, 8, 31]);
        assert_eq!(places(&text, 7, b' '), [7, 8, 31, 32]);
        assert_eq!(places(&text, 10, b'x'), [31, 32]);
        assert_eq!(places(&text, 40, b'x'), [63]);
        assert_eq!(places(b"a@1:", 0, b' '), [1, 2, 3]);
        assert!(places(b"1", 0, b'x').is_empty());
        // Behind the end there is a zero, where nothing begins.
        assert_eq!(places(b"xA", 1, b'\\'), [1, 2]);
        assert_eq!(begins(0, b'A'), 0);
    }
}
