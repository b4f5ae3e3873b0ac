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
            b'=' | b':' | b'@' | b'%' => ANY,
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

/// Places in at most eight bytes where something may begin.
#[inline(always)]
pub(super) fn exact(bytes: &[u8], before: u8) -> Lanes {
    let mut before = before;
    let mut lanes = 0;
    for (lane, &byte) in bytes.iter().enumerate() {
        lanes |= u32::from(begins(byte, before) != 0) << lane;
        before = byte;
    }
    Lanes(lanes)
}

/// A block that begins there, and the byte before it.
#[inline(always)]
pub(super) fn window(text: &[u8], at: usize) -> Option<&[u8; LANES + 1]> {
    text.get(at.checked_sub(1)?..at + LANES)?.try_into().ok()
}

/// Places in a block where something may begin, and some more; written so that compilers look at many bytes
/// at a time.
#[inline(always)]
pub(super) fn likely(window: &[u8; LANES + 1]) -> Lanes {
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
    Lanes(lanes)
}

#[inline(always)]
fn is_likely(byte: u8, before: u8) -> bool {
    let is_digit = |byte: u8| byte.wrapping_sub(b'0') < 10;
    let is_lower = before.wrapping_sub(b'a') < 26;
    let folded = before | 0x20;
    (byte == b'=')
        | (byte == b':')
        | (byte == b'@')
        | (byte == b'%')
        | (is_digit(byte) & !(is_lower | is_digit(before)))
        | (((byte == b'-') | (byte == b'_')) & is_lower)
        | ((byte == b'B') & ((before == b'-') | (folded == b't') | (before == b'm')))
        | ((byte == b' ') & ((folded == b'r') | (folded == b'c') | (before == b'N')))
        | ((byte == b'/') & ((folded == b't') | (before == b'-') | (before == b'm')))
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
        let mut text = [b'x'; LANES + 1];
        for lane in [0, 7, 8, 31] {
            text[lane + 1] = b'@';
        }
        let mut lanes = likely(&text);
        let found: Vec<_> = std::iter::from_fn(|| lanes.next()).collect();
        assert_eq!(found, [0, 7, 8, 31]);
        let mut lanes = exact(b"a@1:", b' ');
        let found: Vec<_> = std::iter::from_fn(|| lanes.next()).collect();
        assert_eq!(found, [1, 2, 3]);
    }
}
