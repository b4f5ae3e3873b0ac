//! Values that are none: masked already, placeholders, words about a value.

/// What is longer is a value, whatever it looks like.
const MAX_BYTES: usize = 64;

const EMPTY: &[&[u8]] = &[
    b"null",
    b"none",
    b"nil",
    b"true",
    b"false",
    b"undefined",
    b"yes",
    b"no",
    b"on",
    b"off",
    b"n/a",
    b"na",
    b"unset",
    b"empty",
    b"redacted",
    b"masked",
    b"hidden",
    b"removed",
    b"omitted",
    b"filtered",
    b"default",
    b"unknown",
    b"anonymous",
];

/// Words that begin a sentence about a value, or name its type.
const ABOUT: &[&[u8]] = &[
    b"is",
    b"are",
    b"was",
    b"were",
    b"be",
    b"must",
    b"should",
    b"shall",
    b"may",
    b"can",
    b"cannot",
    b"could",
    b"not",
    b"invalid",
    b"valid",
    b"required",
    b"missing",
    b"expired",
    b"expires",
    b"wrong",
    b"incorrect",
    b"failed",
    b"failure",
    b"mismatch",
    b"mismatched",
    b"rejected",
    b"revoked",
    b"denied",
    b"accepted",
    b"verified",
    b"unverified",
    b"ok",
    b"okay",
    b"error",
    b"changed",
    b"reset",
    b"set",
    b"updated",
    b"rotated",
    b"created",
    b"deleted",
    b"disabled",
    b"enabled",
    b"optional",
    b"provided",
    b"supplied",
    b"absent",
    b"present",
    b"found",
    b"loaded",
    b"ignored",
    b"skipped",
    b"the",
    b"a",
    b"an",
    b"for",
    b"of",
    b"in",
    b"to",
    b"with",
    b"from",
    b"by",
    b"and",
    b"or",
    b"please",
    b"enter",
    b"use",
    b"using",
    b"your",
    b"you",
    b"too",
    b"weak",
    b"at",
    b"it",
    b"this",
    b"that",
    b"has",
    b"have",
    b"had",
    b"does",
    b"do",
    b"did",
    b"never",
    b"always",
    b"only",
    b"all",
    b"any",
    b"some",
    b"if",
    b"when",
    b"string",
    b"str",
    b"bool",
    b"boolean",
    b"int",
    b"integer",
    b"number",
    b"object",
    b"array",
    b"char",
    b"bytes",
    b"text",
    b"varchar",
    b"option",
    b"vec",
    b"active",
    b"inactive",
    b"closed",
    b"open",
    b"opened",
    b"started",
    b"ended",
    b"timeout",
    b"refreshed",
    b"issued",
    b"generated",
    b"sent",
    b"success",
    b"succeeded",
    b"successful",
    b"successfully",
    b"checking",
    b"validating",
    b"validated",
    b"authenticated",
    b"unauthorized",
    b"forbidden",
    b"pending",
    b"skip",
    b"blocked",
    b"locked",
    b"confirmed",
    b"bearer",
    b"basic",
    b"digest",
    b"oauth",
    b"oidc",
    b"saml",
    b"jwt",
    b"apikey",
    b"token",
    b"self",
    b"let",
    b"new",
    b"get",
    b"read",
];

/// Whether a value says that there is none to see.
pub(super) fn is_masked(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    if value.starts_with(b"[REDACTED") {
        return true;
    }
    if value.len() > MAX_BYTES {
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
        (b'%', _) if value.len() == 2 || matches!(value[1], b'(' | b'{') => return true,
        _ => {}
    }
    is_filler(value)
        || is_pseudonym(value)
        || EMPTY.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// `$TOKEN`, `${TOKEN}`, `$(pass token)`, `$1`.
fn is_variable(name: &[u8]) -> bool {
    matches!(name.first(), Some(b'{' | b'('))
        || name
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

/// `***`, `xxxx-xxxx`, `sk-***`, dots and dashes.
fn is_filler(value: &[u8]) -> bool {
    let is_filler =
        |byte: &u8| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'-' | b'_' | b'#' | b'?' | b' ');
    let bullets = "\u{2022}".as_bytes();
    let is_one = value.iter().all(is_filler);
    (is_one && (value.len() > 2 || !matches!(value[0], b'x' | b'X')))
        || value.windows(3).any(|bytes| bytes == b"***")
        || value
            .chunks(bullets.len())
            .all(|bytes| bytes == bullets || bytes == "\u{2026}".as_bytes())
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
    let ends = rest.is_empty()
        || matches!(rest[0], b'<' | b'(' | b':' | b'!' | b'.' | b'/')
        || word == b"u";
    ends && !word.is_empty()
        && word.len() <= 16
        && ABOUT.iter().any(|about| word.eq_ignore_ascii_case(about))
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
