//! Content encodings: `gzip` and `zstd`, with a bound on what comes out.

use axum::http::{HeaderMap, header};
use flate2::read::MultiGzDecoder;
use std::io::{self, Read};

/// How many bytes a zstd frame may make its reader remember: eight megabytes, which RFC 9659 lets a
/// content encoding use at most.
const WINDOW_LOG_MAX: u32 = 23;
/// What the answer to an unknown one names.
pub(crate) const ACCEPTED: &str = "gzip, zstd";

/// A content encoding that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// None.
    Identity,
    /// Members of gzip, one after the other.
    Gzip,
    /// Frames of zstd, one after the other.
    Zstd,
}

/// Why a body was not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeProblem {
    /// More comes out than may.
    TooLarge,
    /// It is not what it says it is, or its end is missing.
    Malformed,
}

impl Encoding {
    /// The one that a request names; none for one we do not understand, or for several at once.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut named = headers.get_all(header::CONTENT_ENCODING).iter();
        let Some(first) = named.next() else { return Some(Encoding::Identity) };
        if named.next().is_some() {
            return None;
        }
        match first.to_str().ok()?.trim().to_ascii_lowercase().as_str() {
            "identity" => Some(Encoding::Identity),
            "gzip" | "x-gzip" => Some(Encoding::Gzip),
            "zstd" => Some(Encoding::Zstd),
            _ => None,
        }
    }

    /// As it stands in a header and in a tag.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Identity => "identity",
            Encoding::Gzip => "gzip",
            Encoding::Zstd => "zstd",
        }
    }

    /// What `encoded` stands for, if that is at most `limit` bytes. Never more than that is
    /// unpacked, nor more memory taken than the window besides. Takes milliseconds for megabytes:
    /// not for a thread that serves others.
    ///
    /// # Errors
    ///
    /// [`DecodeProblem::TooLarge`], or [`DecodeProblem::Malformed`].
    pub fn decode(self, encoded: &[u8], limit: usize) -> Result<Vec<u8>, DecodeProblem> {
        match self {
            Encoding::Identity if encoded.len() > limit => Err(DecodeProblem::TooLarge),
            Encoding::Identity => Ok(encoded.to_vec()),
            Encoding::Gzip => unpack(MultiGzDecoder::new(encoded), limit),
            Encoding::Zstd => {
                let decoder = zstd_decoder(encoded).map_err(|_| DecodeProblem::Malformed)?;
                unpack(decoder, limit)
            }
        }
    }
}

fn zstd_decoder(encoded: &[u8]) -> io::Result<impl Read> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(encoded)?;
    decoder.window_log_max(WINDOW_LOG_MAX)?;
    Ok(decoder)
}

fn unpack(decoder: impl Read, limit: usize) -> Result<Vec<u8>, DecodeProblem> {
    let mut decoded = Vec::new();
    // One more, to tell what fits from what does not.
    let mut bounded = decoder.take(limit as u64 + 1);
    bounded.read_to_end(&mut decoded).map_err(|_| DecodeProblem::Malformed)?;
    if decoded.len() > limit { Err(DecodeProblem::TooLarge) } else { Ok(decoded) }
}

#[cfg(test)]
mod tests {
    use super::{DecodeProblem, Encoding, unpack};
    use axum::http::{HeaderMap, HeaderValue, header};
    use flate2::{Compression, write::GzEncoder};
    use std::io::{self, Read, Write};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_was_packed_comes_back_and_no_more_than_may() {
        let text = b"%PDF-".repeat(1000);
        for (encoding, packed) in [
            (Encoding::Identity, text.clone()),
            (Encoding::Gzip, gzip(&text)),
            (Encoding::Zstd, zstd::encode_all(text.as_slice(), 3).unwrap()),
        ] {
            let decode = |limit| encoding.decode(&packed, limit);
            assert_eq!(decode(5000).unwrap(), text);
            assert_eq!(decode(4999), Err(DecodeProblem::TooLarge));
        }
    }

    #[test]
    fn what_is_too_much_stays_packed() {
        let mut endless = io::repeat(b' ').take(1 << 20);
        assert_eq!(unpack(&mut endless, 100), Err(DecodeProblem::TooLarge));
        assert_eq!(endless.limit(), (1 << 20) - 101);
    }

    #[test]
    fn parts_follow_each_other() {
        let twice = [gzip(b"%PDF-"), gzip(b"1.4")].concat();
        assert_eq!(Encoding::Gzip.decode(&twice, 100).unwrap(), b"%PDF-1.4");
        let frames = [&b"%PDF-"[..], b"1.4"].map(|part| zstd::encode_all(part, 3).unwrap());
        assert_eq!(Encoding::Zstd.decode(&frames.concat(), 100).unwrap(), b"%PDF-1.4");
    }

    #[test]
    fn what_is_cut_or_no_encoding_is_malformed() {
        let zstd = zstd::encode_all(&b"%PDF-1.4 a text"[..], 3).unwrap();
        for (encoding, packed) in
            [(Encoding::Gzip, gzip(b"%PDF-1.4 a text")), (Encoding::Zstd, zstd)]
        {
            for length in [1, packed.len() / 2, packed.len() - 1] {
                let cut = &packed[..length];
                assert_eq!(encoding.decode(cut, 100), Err(DecodeProblem::Malformed), "{length}");
            }
            assert_eq!(encoding.decode(b"%PDF-1.4", 100), Err(DecodeProblem::Malformed));
        }
    }

    #[test]
    fn a_frame_that_wants_much_memory_is_refused() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(&b"%PDF-".repeat(1000)).unwrap();
        let packed = encoder.finish().unwrap();
        assert_eq!(Encoding::Zstd.decode(&packed, 5000), Err(DecodeProblem::Malformed));
    }

    #[test]
    fn one_encoding_is_named_at_most() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_ENCODING, HeaderValue::from_str(value).unwrap());
            }
            Encoding::of(&headers)
        };
        assert_eq!(of(&[]), Some(Encoding::Identity));
        assert_eq!(of(&["GZIP"]), Some(Encoding::Gzip));
        assert_eq!(of(&[" zstd "]), Some(Encoding::Zstd));
        for unknown in [&["br"][..], &["gzip, gzip"], &["gzip", "zstd"], &[""]] {
            assert_eq!(of(unknown), None, "{unknown:?}");
        }
    }
}
