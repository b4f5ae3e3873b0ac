//! An id that leaves the process as its hash.

use super::Made;
use crate::tag::mark::is_mark;
use std::fmt::{self, Display, Write};

/// Ids up to this length are kept without a box.
const INLINE: usize = 62;
/// Of a longer id no more is looked at: what formats itself without end comes to one here.
const MAX_BYTES: usize = 4_096;

/// An id that leaves the process as its keyed hash; made by [`hashed`].
#[derive(Clone, PartialEq, Eq)]
pub struct Hashed(Id);

#[derive(Clone, PartialEq, Eq)]
enum Id {
    Inline { bytes: [u8; INLINE], len: u8 },
    Long(String),
}

/// An id that leaves the process as its keyed hash: 16 hexadecimal digits, HMAC-SHA256 by
/// `LIGHTSHIP_HASH_KEY` or [`hash_key`](crate::Builder::hash_key).
///
/// It is the same for the same id below the same key, so that a person's requests can be counted and
/// found again; and another one below another key, so that a `user` can't be joined with a `payer`.
/// Metrics, spans and logs agree, and so do processes that have the same hash key: without one there is
/// a random key, of this process alone, which is said once. In a message, which has no key, and printed
/// elsewhere, it is the hash for the empty key. Whoever has the hash key can find ids by trying, so it
/// remains personal data.
///
/// It may stand below keys for which a raw id is dropped or replaced: those that end in `user.id`,
/// `session.id` and the like, or in `session` or `sid`. Below other keys that name a secret or a
/// person, such as `email`, it is dropped: say `user` for whose it is. On metrics it counts against the
/// limit on a key's values, as every value does, so that ids belong onto spans rather.
///
/// # Costs
///
/// The id is formatted into 62 bytes, boxed beyond, and looked at up to 4,096. A metric whose series
/// the thread knows takes no hash and no allocation beyond that; a span takes some hundred nanoseconds,
/// and the hash is made on a thread of ours.
///
/// # Examples
///
/// ```
/// use lightship::{counter, hashed, observe};
///
/// #[observe(fields(user = hashed(user)))]
/// fn order(user: &str) {
///     counter!("orders", "user" => hashed(user)).increment(1);
///     tracing::info!(user.id = %hashed(user), "ordered");
/// }
///
/// order("ada@example.com");
/// ```
pub fn hashed<T: Display + ?Sized>(id: &T) -> Hashed {
    let mut kept = Hashed(Id::Inline { bytes: [0; INLINE], len: 0 });
    // An error says that there is more than is looked at.
    let _ = write!(kept, "{id}");
    kept
}

impl Write for Hashed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // What could end a mark is not part of an id.
        match text.contains(is_mark) {
            false => self.0.push(text),
            true => text.split(is_mark).try_for_each(|part| self.0.push(part)),
        }
    }
}

impl Id {
    fn push(&mut self, text: &str) -> fmt::Result {
        if let Id::Inline { bytes, len } = self {
            let start = usize::from(*len);
            if let Some(room) = bytes.get_mut(start..start + text.len()) {
                room.copy_from_slice(text.as_bytes());
                *len += text.len() as u8;
                return Ok(());
            }
            *self = Id::Long(self.as_str().to_owned());
        }
        let Id::Long(long) = self else { return Err(fmt::Error) };
        let room = MAX_BYTES - long.len();
        let end = (0..=room.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
        long.push_str(&text[..end.unwrap_or_default()]);
        if end == Some(text.len()) { Ok(()) } else { Err(fmt::Error) }
    }

    #[inline]
    fn as_str(&self) -> &str {
        match self {
            // Whole texts alone were put there.
            Id::Inline { bytes, len } => {
                str::from_utf8(&bytes[..usize::from(*len)]).unwrap_or_default()
            }
            Id::Long(text) => text,
        }
    }
}

// How it is shown is the policy's to say.
impl Hashed {
    /// As it came: for the policy alone.
    #[inline]
    pub(crate) fn id(&self) -> &str {
        self.0.as_str()
    }

    #[inline]
    pub(crate) fn made(&self) -> Made<'_> {
        Made::Hashed(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_kept_whole_up_to_the_limit() {
        for len in [0, 1, INLINE - 1, INLINE, INLINE + 1, 1_000, MAX_BYTES] {
            let id = "x".repeat(len);
            assert_eq!(hashed(&id).id(), id);
        }
        // Written in pieces.
        assert_eq!(hashed(&format_args!("{}-{}", "a".repeat(40), "b".repeat(40))).id().len(), 81);
        let long = "\u{e9}".repeat(MAX_BYTES);
        assert_eq!(hashed(&format_args!("x{long}{long}")).id().len(), MAX_BYTES - 1);
        assert_eq!(hashed("a\u{fdd0}b\u{fdd1}").id(), "ab");
    }
}
