//! What is asked and answered over the wire, and what of it is believed.

use serde::{Deserialize, Serialize};

/// Of the texts in a request, in bytes.
pub const MAX_EXCERPT: usize = 4096;
const MAX_NAME: usize = 255;
const MAX_ID: usize = 64;
/// Of the text in an answer, in bytes.
const MAX_VERSION: usize = 64;

/// The body of `POST /classify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassifyRequest {
    /// Letters, digits and dashes.
    pub document_id: String,
    /// As the uploader named it.
    pub file_name: String,
    /// In bytes, at least one.
    pub size: u64,
    /// What can be read of its beginning, at most [`MAX_EXCERPT`] bytes.
    pub excerpt: String,
}

/// What kind of document something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Asks for money.
    Invoice,
    /// Binds parties.
    Contract,
    /// Tells how something went.
    Report,
    /// Is written to somebody.
    Letter,
    /// None of these.
    Other,
}

/// The answer to [`ClassifyRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    /// The likeliest kind.
    pub label: Label,
    /// Which model says so.
    pub model_version: String,
    /// From 0 to 1.
    pub confidence: f64,
}

impl Label {
    /// As it stands on the wire, and in tags and attributes.
    pub fn name(self) -> &'static str {
        match self {
            Label::Invoice => "invoice",
            Label::Contract => "contract",
            Label::Report => "report",
            Label::Letter => "letter",
            Label::Other => "other",
        }
    }
}

impl ClassifyRequest {
    /// The first field that is not as it should be.
    pub(crate) fn invalid_field(&self) -> Option<&'static str> {
        let is_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if self.document_id.is_empty()
            || self.document_id.len() > MAX_ID
            || !self.document_id.bytes().all(is_id)
        {
            Some("document_id")
        } else if self.file_name.is_empty() || self.file_name.len() > MAX_NAME {
            Some("file_name")
        } else if self.size == 0 {
            Some("size")
        } else if self.excerpt.len() > MAX_EXCERPT {
            Some("excerpt")
        } else {
            None
        }
    }
}

impl Classification {
    /// Whether it may be kept, and shown: a service of another version could say anything.
    pub(crate) fn is_plausible(&self) -> bool {
        let is_version = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte);
        (0.0..=1.0).contains(&self.confidence)
            && !self.model_version.is_empty()
            && self.model_version.len() <= MAX_VERSION
            && self.model_version.bytes().all(is_version)
    }
}
