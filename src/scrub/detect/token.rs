//! Tokens that can be told by their form.

use super::super::kind::Sensitive;
use super::Finding;
use super::bytes::{DIGIT, TOKEN, WORD, is};
use super::scan::Scan;

/// A beginning, and what must follow it.
struct Form {
    prefix: &'static [u8],
    letters: Letters,
    /// Of what follows, in bytes.
    min: usize,
    max: usize,
}

#[derive(Clone, Copy)]
enum Letters {
    /// Letters and digits.
    Alphanumeric,
    /// The same, `_` and `-`.
    Token,
    /// The same, one of them a digit.
    WithDigit,
    Hex,
}

const MOST: usize = 4_096;

const fn form(prefix: &'static [u8], letters: Letters, min: usize, max: usize) -> Form {
    Form { prefix, letters, min, max }
}

/// Those that have a `_` or `-` behind their first letters.
static FORMS: &[Form] = &[
    form(b"ghp_", Letters::Alphanumeric, 36, MOST),
    form(b"gho_", Letters::Alphanumeric, 36, MOST),
    form(b"ghs_", Letters::Alphanumeric, 36, MOST),
    form(b"ghu_", Letters::Alphanumeric, 36, MOST),
    form(b"ghr_", Letters::Alphanumeric, 36, MOST),
    form(b"github_pat_", Letters::Token, 82, MOST),
    form(b"glpat-", Letters::Token, 20, MOST),
    form(b"sk_live_", Letters::Alphanumeric, 16, MOST),
    form(b"rk_live_", Letters::Alphanumeric, 16, MOST),
    form(b"whsec_", Letters::Token, 24, MOST),
    form(b"sk-", Letters::WithDigit, 32, MOST),
    form(b"hf_", Letters::Alphanumeric, 30, MOST),
    form(b"npm_", Letters::Alphanumeric, 36, MOST),
    form(b"pylf_v", Letters::Token, 20, MOST),
    form(b"dop_v1_", Letters::Hex, 64, 64),
    form(b"shpat_", Letters::Hex, 32, 32),
    form(b"shpss_", Letters::Hex, 32, 32),
    form(b"pypi-", Letters::Token, 64, MOST),
    form(b"glsa_", Letters::Token, 40, MOST),
    form(b"gsk_", Letters::Alphanumeric, 48, MOST),
    form(b"lin_api_", Letters::Alphanumeric, 32, MOST),
    form(b"nvapi-", Letters::Token, 60, MOST),
    form(b"sntrys_", Letters::Token, 60, MOST),
    form(b"dckr_pat_", Letters::Token, 27, MOST),
];
/// The longest letters before the first `_` or `-`.
const MAX_STEM: usize = 6;
/// The fewest bytes that follow them.
const MIN_REST: usize = 10;

/// The last letters of `xoxb` and its like.
const SLACK: &[u8] = b"abeoprs";

/// For each letter before a `_` or `-`, those that may stand before it in a token.
static STEMS: [u32; 26] = {
    let mut stems = [0; 26];
    let mut form = 0;
    while form < FORMS.len() {
        let prefix = FORMS[form].prefix;
        let mut dash = 0;
        while prefix[dash] != b'_' && prefix[dash] != b'-' {
            dash += 1;
        }
        stems[(prefix[dash - 1] - b'a') as usize] |= 1 << (prefix[dash - 2] - b'a');
        form += 1;
    }
    let mut slack = 0;
    while slack < SLACK.len() {
        stems[(SLACK[slack] - b'a') as usize] |= 1 << (b'x' - b'a');
        slack += 1;
    }
    // `xapp-`
    stems[(b'p' - b'a') as usize] |= 1 << (b'p' - b'a');
    stems
};

/// Whether a token may have a `_` or `-` behind these two letters.
#[inline(always)]
pub(super) fn may_have_dash(one: u8, other: u8) -> bool {
    let letter = |byte: u8| usize::from(byte.wrapping_sub(b'a'));
    let before = STEMS.get(letter(other)).copied().unwrap_or(0);
    letter(one) < 26 && before & (1 << letter(one)) != 0
}

impl Scan<'_> {
    /// A `-` or `_` behind a letter.
    pub(super) fn dash(&mut self, at: usize) -> Option<Finding> {
        // Most words behind a dash are short.
        if [5, 7, MIN_REST].iter().any(|ahead| !is(self.get(at + ahead), TOKEN)) {
            return None;
        }
        let mut start = at;
        let limit = self.floor.max(at.saturating_sub(MAX_STEM));
        while start > limit && self.text[start - 1].is_ascii_lowercase() {
            start -= 1;
        }
        // An escape's letter is not the token's: `\nghp_`.
        if start > self.floor && self.text[start - 1] == b'\\' {
            start += 1;
        }
        if !self.begins_token(start) || !self.is_on(Sensitive::Token) {
            return None;
        }
        let end = self.form(start).or_else(|| self.slack(start))?;
        self.hit(Sensitive::Token, start, end)
    }

    fn begins_token(&self, start: usize) -> bool {
        self.before(start) != b'-' && self.begins_word(start)
    }

    fn form(&self, start: usize) -> Option<usize> {
        let first = self.get(start);
        let form =
            FORMS.iter().find(|form| form.prefix[0] == first && self.has(start, form.prefix))?;
        let from = start + form.prefix.len();
        let is_one = |byte: u8| match form.letters {
            Letters::Alphanumeric => byte.is_ascii_alphanumeric(),
            Letters::Token | Letters::WithDigit => is(byte, TOKEN),
            Letters::Hex => byte.is_ascii_hexdigit(),
        };
        let mut end = from;
        while end < from + form.max && is_one(self.get(end)) {
            end += 1;
        }
        let is_shaped = match form.letters {
            Letters::WithDigit => is_key(&self.text[from..end]),
            _ => true,
        };
        (end - from >= form.min && is_shaped && !is(self.get(end), WORD)).then_some(end)
    }

    /// `xoxb-`, `xapp-`
    fn slack(&self, start: usize) -> Option<usize> {
        let is_one = (self.has(start, b"xox")
            && SLACK.contains(&self.get(start + 3))
            && self.get(start + 4) == b'-')
            || self.has(start, b"xapp-");
        let from = start + 5;
        let end = self.skip(from, TOKEN, MOST);
        let has_digit = || self.text[from..end].iter().any(|byte| is(*byte, DIGIT));
        (is_one && end - from >= MIN_REST && has_digit()).then_some(end)
    }

    /// What a capital or a dot gives away: `AKIA`, `AIza`, `SG.`, `eyJ`.
    pub(super) fn capital(&mut self, at: usize) -> Option<Finding> {
        let start = match self.text[at] {
            b'J' => at.checked_sub(2)?,
            b'.' => at.checked_sub(2)?,
            _ => at.checked_sub(1)?,
        };
        if start < self.floor {
            return None;
        }
        match self.text[at] {
            b'J' if self.has(start, b"eyJ") => self.jwt(start),
            b'.' if self.has(start, b"SG.") => self.dotted(start),
            b'K' | b'S' if self.has(start + 2, b"IA") => {
                let end = self.skip(start + 4, WORD, 17);
                let is_base32 = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'2'..=b'7');
                let key = &self.text[start + 4..end];
                let is_key = key.len() == 16 && key.iter().all(is_base32);
                (is_key && self.begins_token(start))
                    .then(|| self.hit(Sensitive::Token, start, end))?
            }
            b'I' if self.has(start, b"AIza") => {
                let end = self.skip(start + 4, TOKEN, 36);
                (end == start + 39 && self.begins_token(start))
                    .then(|| self.hit(Sensitive::Token, start, end))?
            }
            _ => None,
        }
    }

    fn dotted(&self, start: usize) -> Option<Finding> {
        let dot = self.skip(start + 3, TOKEN, 23);
        let end = self.skip(dot + 1, TOKEN, 44);
        let is_one = dot == start + 25 && self.get(dot) == b'.' && end == dot + 44;
        (is_one && self.begins_token(start)).then(|| self.hit(Sensitive::Token, start, end))?
    }

    /// Two parts that begin with `eyJ`, and a signature.
    fn jwt(&mut self, start: usize) -> Option<Finding> {
        if !self.begins_token(start) {
            return None;
        }
        let head = self.skip(start, TOKEN, MOST);
        if self.get(head) != b'.' || !self.has(head + 1, b"eyJ") || head - start < MIN_REST {
            self.resume = head;
            return None;
        }
        let body = self.skip(head + 1, TOKEN, usize::MAX);
        if body - head < MIN_REST {
            return None;
        }
        let end = match self.get(body) {
            b'.' => self.skip(body + 1, TOKEN, usize::MAX),
            _ => body,
        };
        // A full stop.
        let end = if end == body + 1 && !is(self.get(end), TOKEN) && self.get(body) == b'.' {
            body
        } else {
            end
        };
        self.hit(Sensitive::Jwt, start, end)
    }

    /// `12345678:AA..`, which stands behind `bot` in URLs.
    pub(super) fn bot_token(&self, colon: usize) -> Option<Finding> {
        if !self.has(colon + 1, b"AA") {
            return None;
        }
        let mut start = self.skip_back(colon, DIGIT, 13);
        if start > self.floor
            && let Some((_, width)) = self.encoded(start - 1)
        {
            start += width - 1;
        }
        let end = self.skip(colon + 1, TOKEN, 36);
        let begins = self.begins_word(start)
            || start
                .checked_sub(3)
                .is_some_and(|bot| bot >= self.floor && self.has_letters(bot, b"bot"));
        let is_one = matches!(colon.saturating_sub(start), 8..=10) && end == colon + 36;
        (is_one && begins).then(|| self.hit(Sensitive::Token, start, end))?
    }
}

/// A part without dashes that is long enough, and a digit: words with dashes between them are names.
fn is_key(text: &[u8]) -> bool {
    let has_digit = text.iter().any(|byte| is(*byte, DIGIT));
    let is_long = |part: &[u8]| part.len() >= 16 && part.iter().any(|byte| is(*byte, DIGIT));
    let has_capital = text.iter().any(u8::is_ascii_uppercase);
    has_digit && (has_capital || text.split(|byte| matches!(byte, b'-' | b'_')).any(is_long))
}
