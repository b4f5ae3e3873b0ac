//! The beginning of an id.

use super::{Made, REDACTED, is_shown_marked};
use crate::tag::mark::is_mark;
use std::fmt::{self, Display, Write};

const CHARS: usize = 8;
/// So much of an id is looked at for what says that its beginning is somebody's name.
const LOOKED_AT: usize = 64;

/// The first eight characters of an id; made by [`short`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Short {
    /// Eight characters at their longest.
    bytes: [u8; 4 * CHARS],
    len: u8,
    /// The beginning of an address is most of a name.
    is_mail: bool,
}

/// The first eight characters of an id, for people who compare ids by eye.
///
/// **What eight characters are worth depends on the id.** Of 10,000 ids that were made within a minute
/// they leave apart:
///
/// | id | distinct beginnings |
/// |---|---|
/// | UUID, version 4 (random) | 10,000 |
/// | `auth0\|...` | 256 |
/// | ULID | 60 |
/// | UUID, version 7 (begins with the time) | 2 |
/// | `sess-20261121-n` | 1 |
///
/// And they are a part of the id: where the beginning of an id says who somebody is, so do they. Use
/// [`hashed`](crate::hashed) unless ids are random and you need to read them; it tells all ids apart
/// and gives nothing of them away.
///
/// It may stand below keys for which a raw id is dropped or replaced: those that end in `user.id`,
/// `session.id` and the like, or in `session` or `sid`. Detectors still look at it, and on metrics it
/// counts against the limit on a key's values, as every value does. What looks like an e-mail address,
/// by an `@` in its first 64 characters, is treated as a [`secret`](crate::secret): its beginning is
/// somebody's name.
///
/// # Costs
///
/// Formatting stops after the 64th character; nothing is allocated.
///
/// # Examples
///
/// ```
/// use lightship::{counter, observe, short};
///
/// #[observe(fields(session = short(session)))]
/// fn render(session: &str) {
///     counter!("pages", "session" => short(session)).increment(1);
///     tracing::info!("rendering for {}", short(session));
/// }
///
/// render("0d5f3f0e-8f2c-4a57-9f0d-3c0b7a5f5c11");
/// assert_eq!(short("0d5f3f0e-8f2c-4a57").to_string(), "0d5f3f0e");
/// ```
pub fn short<T: Display + ?Sized>(id: &T) -> Short {
    let short = Short { bytes: [0; 4 * CHARS], len: 0, is_mail: false };
    let mut first = First { short, chars: 0, encoded: 0 };
    // An error says that there is more than is wanted.
    let _ = write!(first, "{id}");
    first.short
}

/// Takes the first characters of what is written, and refuses the rest.
struct First {
    short: Short,
    chars: usize,
    /// How much of `%40` stands before what comes next.
    encoded: u8,
}

impl Write for First {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars().filter(|&c| !is_mark(c)) {
            if self.chars == LOOKED_AT {
                return Err(fmt::Error);
            }
            self.encoded = match (self.encoded, c) {
                (_, '%') => 1,
                (1, '4') => 2,
                (2, '0') => 3,
                _ => 0,
            };
            self.short.is_mail |= c == '@' || self.encoded == 3;
            if self.short.is_mail {
                return Err(fmt::Error);
            }
            if self.chars < CHARS {
                let Short { bytes, len, .. } = &mut self.short;
                *len += c.encode_utf8(&mut bytes[usize::from(*len)..]).len() as u8;
            }
            self.chars += 1;
        }
        Ok(())
    }
}

impl Short {
    #[inline]
    fn as_str(&self) -> &str {
        // Whole characters alone were put there.
        str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }

    #[inline]
    pub(super) fn made(&self) -> Made<'_> {
        match self.is_mail {
            true => Made::Secret,
            false => Made::Short(self.as_str()),
        }
    }
}

/// The eight characters.
impl Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match is_shown_marked(self.made(), f)? {
            true => Ok(()),
            false if self.is_mail => f.write_str(REDACTED),
            false => f.write_str(self.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts how far it was formatted.
    struct Endless<'a>(&'a std::cell::Cell<u32>);

    impl Display for Endless<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                self.0.set(self.0.get() + 1);
                f.write_str("ab")?;
            }
        }
    }

    #[test]
    fn eight_characters_are_kept_whatever_their_size() {
        for (id, kept) in [
            ("", ""),
            ("abc", "abc"),
            ("12345678", "12345678"),
            ("123456789", "12345678"),
            (
                "\u{1f980}\u{1f980}\u{1f980}\u{1f980}\u{1f980}\u{1f980}\u{1f980}\u{1f980}x",
                "\u{1f980}\u{1f980}\u{1f980}\u{1f980}\u{1f980}\u{1f980}\u{1f980}\u{1f980}",
            ),
            ("h\u{e9}llo w\u{f6}rld", "h\u{e9}llo w\u{f6}"),
            ("\u{fdd0}ab\u{fdd1}c", "abc"),
        ] {
            assert_eq!(short(id).to_string(), kept);
            assert_eq!(format!("{:?}", short(id)), kept);
        }
        assert_eq!(short(&1_234_567_890_u64).to_string(), "12345678");
    }

    #[test]
    fn the_beginning_of_an_address_is_nobodys() {
        for id in ["ada@example.com", "ada.lovelace%40example.com", "@ada"] {
            assert_eq!(short(id).to_string(), REDACTED, "{id}");
            assert_eq!(short(id).made(), Made::Secret);
        }
        for id in ["0d5f3f0e%20", "a%4", &format!("{}@", "x".repeat(LOOKED_AT))] {
            assert_ne!(short(id).to_string(), REDACTED, "{id}");
        }
    }

    #[test]
    fn formatting_stops_when_there_is_enough() {
        let asked = std::cell::Cell::new(0);
        assert_eq!(short(&Endless(&asked)).to_string(), "abababab");
        assert_eq!(asked.get(), 33);
    }
}
