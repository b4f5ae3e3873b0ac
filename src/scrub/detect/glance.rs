//! Short texts in which nothing can be, told by what bytes they have and how many: most tags are such.

/// No longer text is told so: more would not fit into a count.
const MAX_BYTES: usize = (1 << WIDTH) - 1;

// How many bytes of a kind there are: six bits each.
const WIDTH: u32 = 6;
const SPECIAL: u32 = 0;
const DIGITS: u32 = WIDTH;
const DOTS: u32 = 2 * WIDTH;
const UPPER: u32 = 3 * WIDTH;
const DASHES: u32 = 4 * WIDTH;
const UNDERSCORES: u32 = 5 * WIDTH;
const SLASHES: u32 = 6 * WIDTH;
// Of `patient/`, `xoxb-` and `xapp-`.
const LETTER_T: u32 = 7 * WIDTH;
const LETTER_P: u32 = 8 * WIDTH;
const LETTER_X: u32 = 9 * WIDTH;

static KINDS: [u64; 256] = {
    let mut kinds = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        kinds[at] = match byte {
            b'0'..=b'9' => 1 << DIGITS,
            b'.' => 1 << DOTS,
            b'T' => 1 << UPPER | 1 << LETTER_T,
            b'A'..=b'Z' => 1 << UPPER,
            b'-' => 1 << DASHES,
            b'_' => 1 << UNDERSCORES,
            b'/' => 1 << SLASHES,
            b't' => 1 << LETTER_T,
            b'p' => 1 << LETTER_P,
            b'x' => 1 << LETTER_X,
            // Separators, what encodes others, and what stands before numbers.
            b'=' | b':' | b'@' | b'%' | b'>' | b' ' | b'\\' | b'+' | b'#' | b'(' | 0x80.. => {
                1 << SPECIAL
            }
            _ => 0,
        };
        at += 1;
    }
    kinds
};

/// The fewest digits of any number but those of IPv4.
const NUMBER: usize = 9;
/// The fewest digits of an address of IPv4, and its dots.
const ADDRESS: (usize, usize) = (4, 3);
/// The shortest account number; no token or key of a cloud is shorter.
const ACCOUNT: usize = 15;
/// The shortest token with an underscore.
const UNDERSCORED: usize = 24;
/// The shortest token with a dash, but those that begin with an `x`.
const DASHED: usize = 26;
/// The shortest hook.
const HOOK: usize = 40;

/// Whether detectors would find nothing, for sure.
#[inline(always)]
pub(super) fn is_harmless(text: &[u8]) -> bool {
    let length = text.len();
    if length > MAX_BYTES {
        return false;
    }
    let sum = text.iter().fold(0, |sum, byte| sum + KINDS[usize::from(*byte)]);
    let count = |kind: u32| (sum >> kind) as usize & MAX_BYTES;
    let has = |kind: u32| count(kind) > 0;
    let (digits, dots) = (count(DIGITS), count(DOTS));
    let may_be_chat = count(LETTER_X) > 1 || (has(LETTER_X) && count(LETTER_P) > 1);
    !has(SPECIAL)
        && (!is_number(digits, dots) || !has_number(text))
        && (!has(UPPER) || length < ACCOUNT)
        && (!has(DASHES) || length < ACCOUNT || (!may_be_chat && length < DASHED))
        && (!has(UNDERSCORES) || length < UNDERSCORED)
        && (!has(SLASHES) || ((digits == 0 || count(LETTER_T) < 2) && length < HOOK))
}

fn is_number(digits: usize, dots: usize) -> bool {
    digits >= NUMBER || (digits >= ADDRESS.0 && dots >= ADDRESS.1)
}

/// Whether so many digits stand together, with dots and dashes between them: `1.4.2-rc.1` has none of them.
#[inline(never)]
fn has_number(text: &[u8]) -> bool {
    let (mut digits, mut dots) = (0, 0);
    text.iter().any(|byte| {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' => dots += 1,
            b'-' => {}
            _ => (digits, dots) = (0, 0),
        }
        is_number(digits, dots)
    })
}
