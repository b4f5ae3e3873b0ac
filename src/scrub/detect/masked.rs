//! Values that are none: masked already, placeholders, words about a value.

use super::super::key::WordSet;

/// What is as long or longer is a value, whatever it looks like: more of it may not have been read.
const MAX_BYTES: usize = 64;

static EMPTY: WordSet<64> = WordSet::new(
    "null none nil true false undefined yes no on off na unset empty redacted masked hidden \
     removed omitted filtered default unknown anonymous",
);

/// Words that begin a sentence about a value, or name its type.
static ABOUT: WordSet<512> = WordSet::new(
    "is are was were be must should shall may can cannot could not invalid valid required \
     missing expired expires wrong incorrect failed failure mismatch mismatched rejected \
     revoked denied accepted verified unverified ok okay error changed reset set updated \
     rotated created deleted disabled enabled optional provided supplied absent present \
     found loaded ignored skipped the a an for of in to with from by and or please enter use \
     using your you too weak at it this that has have had does do did never always only all \
     any some if when string str bool boolean int integer number object array char bytes \
     text varchar option vec active inactive closed open opened started ended timeout \
     refreshed issued generated sent success succeeded successful successfully checking \
     validating validated authenticated unauthorized forbidden pending skip blocked locked \
     confirmed bearer basic digest oauth oidc saml jwt apikey token self let new get read",
);

const REFERENCES: &[&[u8]] = &[
    b"process.env.",
    b"import.meta.env.",
    b"os.environ",
    b"env[",
    b"env.",
    b"config.",
    b"settings.",
    b"self.",
    b"this.",
    b"your-",
    b"your_",
];

/// Whether a value says that there is none to see.
pub(super) fn is_masked(value: &[u8]) -> bool {
    let value = without_end(value.trim_ascii());
    // A placeholder may have been cut.
    if value.starts_with(b"[REDACTED") || (value.len() > 3 && b"[REDACTED".starts_with(value)) {
        return true;
    }
    if value.len() >= MAX_BYTES {
        return false;
    }
    let (Some(first), Some(last)) = (value.first(), value.last()) else { return true };
    match (first, last) {
        (b'<', b'>') | (b'{', b'}') => return true,
        (b'[', b']') | (b'(', b')') => {
            return value.iter().all(|byte| !byte.is_ascii_digit() && *byte != b'"');
        }
        (b'$', _) => return is_variable(&value[1..]),
        (b'#' | b'%' | b'@', b'}' | b')') => return true,
        (b'%', _) if value.len() == 2 || matches!(value.get(1), Some(b'(' | b'{')) => return true,
        _ => {}
    }
    EMPTY.has(value)
        || is_reference(value)
        || value == b"n/a"
        || is_filler(value)
        || is_ending(value)
        || is_pseudonym(value)
}

/// Without what ends a sentence, or goes on in another script.
pub(super) fn without_end(value: &[u8]) -> &[u8] {
    let is_end = |byte: &u8| matches!(byte, b'!' | b'?' | 0x80..);
    match value.iter().rposition(|byte| !is_end(byte)) {
        Some(last) => &value[..=last],
        None => value,
    }
}

/// `$TOKEN`, `${TOKEN}`, `$(pass token)`, `$1`.
fn is_variable(name: &[u8]) -> bool {
    matches!(name.first(), Some(b'{' | b'('))
        || name
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

/// Where a program has its value from, or where a reader has to put one.
fn is_reference(value: &[u8]) -> bool {
    let is_code = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.[]'\"-".contains(byte);
    let begins = |with: &&[u8]| {
        value.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    REFERENCES.iter().any(begins) && value.iter().all(is_code)
}

/// `xxx-xx-1234`
fn is_ending(value: &[u8]) -> bool {
    value.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(b"xxx"))
        && value.iter().all(|byte| matches!(byte, b'x' | b'X' | b'-' | b' ' | b'0'..=b'9'))
}

/// `***`, `xxxx-xxxx`, `sk-***`, dots and dashes.
fn is_filler(value: &[u8]) -> bool {
    let is_filler =
        |byte: &u8| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'-' | b'_' | b'#' | b'?' | b' ');
    let is_dots = |dots: &[u8]| matches!(dots, [0xE2, 0x80, 0xA2 | 0xA6]);
    let is_one = value.iter().all(is_filler);
    (is_one && (value.len() > 2 || !matches!(value[0], b'x' | b'X')))
        || value.chunks(3).all(is_dots)
        || (value.contains(&b'*') && value.windows(3).any(|bytes| bytes == b"***"))
}

fn is_pseudonym(value: &[u8]) -> bool {
    value
        .strip_prefix(b"h1:")
        .is_some_and(|hex| hex.len() == 16 && hex.iter().all(u8::is_ascii_hexdigit))
}

/// Whether a value is a word about one: `password: missing`.
pub(super) fn is_about(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"&").unwrap_or(value);
    let word = value.split(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or_default();
    let rest = &value[word.len()..];
    let ends = matches!(rest.first(), Some(b'<' | b'(' | b':' | b'!' | b'.' | b'/'))
        || rest.iter().all(|byte| *byte >= 0x80);
    (ends || word == b"u") && ABOUT.has(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_and_placeholders_are_no_values() {
        for value in [
            "",
            "***",
            "******",
            "xxxx",
            "XXXX-XXXX",
            "<token>",
            "<your-token-2>",
            "${TOKEN}",
            "$TOKEN",
            "$1",
            "$(pass show x)",
            "{{token}}",
            "{token}",
            "{}",
            "%s",
            "%(password)s",
            "#{token}",
            "[REDACTED]",
            "[REDACTE",
            "[REDACTED:secret]",
            "[REDACTED:x] and more",
            "[Filtered]",
            "(none)",
            "null",
            "None",
            "true",
            "redacted",
            "....",
            "\u{2022}\u{2022}\u{2022}",
            "****1234",
            "sk-***",
            "h1:0123456789abcdef",
            "xxx-xx-1234",
            "null!",
            "None\u{8a9e}",
            "process.env.API_KEY",
            "os.environ['API_KEY']",
            "your-api-key-here",
            "?",
        ] {
            assert!(is_masked(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn values_are_not_masked() {
        for value in
            ["hunter2", "x1", "$ecret", "p$ss", "a*b", "[1,2]", "<a", "nullable", "%41bc", "{a"]
        {
            assert!(!is_masked(value.as_bytes()), "{value}");
        }
        assert!(!is_masked("*".repeat(65).as_bytes()));
    }

    #[test]
    fn words_about_values_are_told() {
        for value in ["missing", "Required", "must", "&str", "String", "Option<String>", "is"] {
            assert!(is_about(value.as_bytes()), "{value}");
        }
        for value in ["hunter", "missing1", "isabel", "", "s3cret", "a-b"] {
            assert!(!is_about(value.as_bytes()), "{value}");
        }
    }
}
