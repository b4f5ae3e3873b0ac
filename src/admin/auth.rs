//! Bearer tokens, compared in constant time.

use std::fmt;
use std::hint::black_box;

/// The longest token that fits a request's head with room to spare.
const MAX_TOKEN: usize = 4 * 1024;

/// The token that a request must bring.
#[derive(Clone)]
pub(super) struct Token {
    padded: Box<[u8; MAX_TOKEN]>,
    length: usize,
}

impl Token {
    /// A token that is empty, or longer than any request's head, is brought by nobody.
    pub(super) fn new(token: &str) -> Self {
        Token { padded: padded(token.as_bytes()), length: token.len() }
    }

    /// Whether this is the value of an `Authorization` header with the right token.
    pub(super) fn is_in(&self, authorization: Option<&str>) -> bool {
        let (scheme, token) =
            authorization.and_then(|value| value.trim().split_once(' ')).unwrap_or_default();
        // The scheme is no secret.
        let bearer = scheme.eq_ignore_ascii_case("bearer");
        self.is(token.trim()) && bearer
    }

    /// Every comparison folds the same number of bytes without a branch, whatever both tokens
    /// are: its time tells neither where they differ nor how long ours is. Preparing the other
    /// token takes time by its own length alone, which its sender knows. Unlike a comparison of
    /// digests, this one is exact.
    fn is(&self, token: &str) -> bool {
        let other = padded(token.as_bytes());
        let mut difference = self.length ^ token.len();
        for (ours, theirs) in self.padded.iter().zip(other.iter()) {
            // Hidden from the optimiser, so that it can't stop at the first difference.
            difference |= black_box(usize::from(ours ^ theirs));
        }
        let fits = (1..=MAX_TOKEN).contains(&self.length);
        (difference == 0) & fits
    }
}

fn padded(token: &[u8]) -> Box<[u8; MAX_TOKEN]> {
    let mut padded = Box::new([0; MAX_TOKEN]);
    let length = token.len().min(MAX_TOKEN);
    padded[..length].copy_from_slice(&token[..length]);
    padded
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_opens() {
        let token = Token::new("s3cret");
        for right in ["Bearer s3cret", "bearer s3cret", "BEARER   s3cret  "] {
            assert!(token.is_in(Some(right)), "{right}");
        }
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "s3cret",
            "Basic s3cret",
            "Bearer s3cre",
            "Bearer s3cret2",
            "Bearer s3creT",
            "Bearer s3cret\0",
            "Bearer s3cret s3cret",
            "Bearers3cret",
        ] {
            assert!(!token.is_in(Some(wrong)), "{wrong}");
        }
        assert!(!token.is_in(None));
    }

    #[test]
    fn an_empty_or_endless_token_opens_to_nobody() {
        assert!(!Token::new("").is_in(Some("Bearer ")));
        assert!(!Token::new("").is_in(None));
        let (fits, long) = ("x".repeat(MAX_TOKEN), "x".repeat(MAX_TOKEN + 1));
        assert!(Token::new(&fits).is(&fits));
        assert!(!Token::new(&fits).is(&long));
        assert!(!Token::new(&long).is(&long));
    }

    #[test]
    fn a_token_is_not_printed() {
        assert_eq!(format!("{:?}", Token::new("s3cret")), "********");
    }
}
