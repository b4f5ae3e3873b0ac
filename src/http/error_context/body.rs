//! What may be shown of a request's body.

use super::json;
use crate::scrub::Policy;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

/// The longest preview of a body, in bytes.
pub const MAX_BODY_PREVIEW_BYTES: usize = 4_096;
/// What is looked at: what begins in the preview and ends a little behind it goes whole.
pub(in crate::http) const KEPT_BYTES: usize = MAX_BODY_PREVIEW_BYTES + 512;

/// What a request's head says of its body.
#[derive(Debug, Clone, Default)]
pub(in crate::http) struct Media {
    content_type: Option<HeaderValue>,
    is_encoded: bool,
}

impl Media {
    pub(in crate::http) fn of(headers: &HeaderMap) -> Self {
        let is_identity = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
        Media {
            content_type: headers.get(CONTENT_TYPE).cloned(),
            is_encoded: !headers.get_all(CONTENT_ENCODING).iter().all(is_identity),
        }
    }

    /// The media type, without parameters: a boundary is nobody's business.
    pub(super) fn name(&self) -> Option<String> {
        let name = self.content_type.as_ref()?.to_str().ok()?.split(';').next()?.trim();
        (!name.is_empty()).then(|| name.to_ascii_lowercase())
    }

    /// Whether the bytes are JSON as it is read.
    pub(in crate::http) fn is_plain_json(&self) -> bool {
        let is_json = |name: String| {
            let kind = name.strip_prefix("application/");
            kind.is_some_and(|kind| kind == "json" || kind.ends_with("+json"))
        };
        !self.is_encoded && self.name().is_some_and(is_json)
    }
}

/// The scrubbed beginning of a body; none of what is no text.
pub(super) fn preview(policy: &Policy, bytes: &[u8]) -> Option<String> {
    let looked_at = bytes.get(..KEPT_BYTES).unwrap_or(bytes);
    let text = match str::from_utf8(looked_at) {
        Ok(text) => text,
        // Cut in the middle of a character.
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(looked_at.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    // Every second byte of UTF-16 is one: no rule would know its words.
    if text.is_empty() || text.contains('\0') {
        return None;
    }
    let scrubbed = json::scrub(policy, text, MAX_BODY_PREVIEW_BYTES);
    let shown = up_to(&scrubbed, MAX_BODY_PREVIEW_BYTES);
    Some(shown.chars().map(|c| if is_strange(c) { '_' } else { c }).collect())
}

/// Nothing that JSON has outside of its escapes.
fn is_strange(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
}

/// At most so many bytes of a text, to the end of a character.
pub(super) fn up_to(text: &str, max_bytes: usize) -> &str {
    let mut end = max_bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> Option<String> {
        preview(&Policy::shared_default(), bytes)
    }

    fn media(headers: &[(&'static str, &'static str)]) -> Media {
        let pairs = headers.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), HeaderValue::from_static(value))
        });
        Media::of(&pairs.collect())
    }

    #[test]
    fn json_is_known_by_its_media_type() {
        for json in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/problem+json",
            "application/vnd.api+json;v=1",
        ] {
            assert!(media(&[("content-type", json)]).is_plain_json(), "{json}");
        }
        for other in
            ["text/plain", "application/jsonp", "application/x-ndjson", "json", "", "text/x+json"]
        {
            assert!(!media(&[("content-type", other)]).is_plain_json(), "{other}");
        }
        let json = ("content-type", "application/json");
        assert!(media(&[json, ("content-encoding", "Identity")]).is_plain_json());
        for encoding in ["gzip", "br", "identity, gzip", ""] {
            assert!(!media(&[json, ("content-encoding", encoding)]).is_plain_json(), "{encoding}");
        }
        assert!(!media(&[]).is_plain_json());
    }

    #[test]
    fn a_body_is_cut_between_characters() {
        for len in [4_095, 4_096] {
            let whole = format!("[\"{}\"]", "x".repeat(len - 4));
            assert_eq!(shown(whole.as_bytes()), Some(whole));
        }
        let long = format!("[\"{}\"]", "x".repeat(4_093));
        assert_eq!(shown(long.as_bytes()).as_deref(), Some(&long[..4_096]));
        for character in ["é", "€", "🦀"] {
            for before in 0..4 {
                let text = format!("[\"{}{}", "x".repeat(before), character.repeat(5_000));
                let shown = shown(text.as_bytes()).unwrap();
                assert!(shown.len() <= 4_096 && shown.len() > 4_092, "{}", shown.len());
                assert!(text.starts_with(&shown));
            }
        }
    }

    #[test]
    fn what_is_no_text_is_not_shown() {
        assert_eq!(shown(b""), None);
        assert_eq!(shown(b"{\"a\":\"\xff\"}"), None);
        assert_eq!(shown(b"{\0\"\0p\0a\0s\0s"), None);
        assert_eq!(shown(b"{\"a\":\"b \xc3").as_deref(), Some("{\"a\":\"b"));
        assert_eq!(shown(b"[\"\x1b[31m\",\n1]").as_deref(), Some("[\"_[31m\",\n1]"));
    }
}
