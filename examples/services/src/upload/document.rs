//! From a request to a document: nothing goes further that is not what it should be.

use super::{Config, FileName, UploadError};
use crate::body::{self, BodyProblem};
use crate::encoding::{DecodeProblem, Encoding};
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use std::fmt::{self, Display, Formatter};

/// The header with the document's name.
pub const FILE_NAME_HEADER: &str = "x-filename";
/// What every PDF begins with.
const MAGIC: &[u8] = b"%PDF-";
/// How much of a document the classification service is shown.
const EXCERPT: usize = 2048;

/// A PDF with a safe name.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) name: FileName,
    pub(crate) encoding: Encoding,
    pub(crate) bytes: Bytes,
}

/// 128 random bits, so that no two are the same and none can be guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocumentId(String);

/// What the head of a request says, checked before its body is read.
struct Head {
    name: FileName,
    encoding: Encoding,
}

impl Document {
    pub(crate) async fn read(request: Request, config: &Config) -> Result<Self, UploadError> {
        let (parts, body) = request.into_parts();
        let Head { name, encoding } = Head::check(&parts.headers, config.max_bytes)?;
        let packed = body::read(body, config.max_bytes, config.body_timeout).await?;
        let bytes = decode(encoding, packed, config.max_bytes).await?;
        if bytes.is_empty() {
            return Err(UploadError::Empty);
        }
        if !bytes.starts_with(MAGIC) {
            return Err(UploadError::NotAPdf);
        }
        Ok(Document { name, encoding, bytes })
    }

    /// What can be read of its beginning, as words.
    pub(crate) fn excerpt(&self) -> String {
        let start = &self.bytes[..self.bytes.len().min(EXCERPT)];
        let readable = |byte: &u8| if byte.is_ascii_graphic() { char::from(*byte) } else { ' ' };
        start.iter().map(readable).collect()
    }
}

impl Head {
    fn check(headers: &HeaderMap, max_bytes: usize) -> Result<Self, UploadError> {
        if body::media_type(headers).as_deref() != Some("application/pdf") {
            return Err(UploadError::UnsupportedMediaType);
        }
        let encoding = Encoding::of(headers).ok_or(UploadError::UnsupportedEncoding)?;
        let name = headers.get(FILE_NAME_HEADER).ok_or(UploadError::MissingFileName)?;
        let name = name.to_str().map_err(|_| super::FileNameProblem::Encoding)?;
        let name = FileName::decode(name)?;
        if body::is_announced_too_large(headers, max_bytes) {
            return Err(UploadError::TooLarge);
        }
        Ok(Head { name, encoding })
    }
}

/// Away from the threads that serve others: it takes milliseconds.
async fn decode(encoding: Encoding, packed: Bytes, limit: usize) -> Result<Bytes, UploadError> {
    if encoding == Encoding::Identity {
        return Ok(packed);
    }
    let decoding = lightship::spawn_blocking(move || encoding.decode(&packed, limit));
    match decoding.await {
        Ok(decoded) => Ok(decoded?.into()),
        Err(stopped) => Err(UploadError::TaskFailed(stopped)),
    }
}

impl DocumentId {
    pub(crate) fn random() -> Result<Self, UploadError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(UploadError::NoRandomness)?;
        Ok(DocumentId(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for DocumentId {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<BodyProblem> for UploadError {
    fn from(problem: BodyProblem) -> Self {
        match problem {
            BodyProblem::TooLarge => UploadError::TooLarge,
            BodyProblem::TimedOut => UploadError::BodyTimedOut,
            BodyProblem::Broken => UploadError::BodyBroken,
        }
    }
}

impl From<DecodeProblem> for UploadError {
    fn from(problem: DecodeProblem) -> Self {
        match problem {
            DecodeProblem::TooLarge => UploadError::TooLarge,
            DecodeProblem::Malformed => UploadError::Malformed,
        }
    }
}
