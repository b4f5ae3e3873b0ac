//! Everything that can go wrong with an upload, each with a status and a code of its own.

use super::FileNameProblem;
use crate::answer::refusal;
use crate::encoding::ACCEPTED;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lightship::counter;
use std::fmt::{self, Display, Formatter};
use std::io;
use tokio::task::JoinError;
use tracing::{error, info};

/// Why an upload was not taken. What it displays as is for the client; what is behind it is for the
/// logs alone.
#[derive(Debug)]
pub(crate) enum UploadError {
    /// The `Content-Type` is not `application/pdf`.
    UnsupportedMediaType,
    /// The `Content-Encoding` is none that we know.
    UnsupportedEncoding,
    MissingFileName,
    InvalidFileName(FileNameProblem),
    /// Longer than it may be, as it came or unpacked.
    TooLarge,
    BodyTimedOut,
    BodyBroken,
    /// Not in the encoding that it names.
    Malformed,
    Empty,
    NotAPdf,
    /// Too many at once.
    Busy,
    StorageFull(io::Error),
    StorageFailed(io::Error),
    /// All connections in use for too long, or the database locked.
    DatabaseBusy(sqlx::Error),
    DatabaseFailed(sqlx::Error),
    NoRandomness(getrandom::Error),
    /// A task panicked, or the runtime ends.
    TaskFailed(JoinError),
}

impl UploadError {
    /// Stays the same over releases; also a tag's value.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            UploadError::UnsupportedMediaType => "unsupported_media_type",
            UploadError::UnsupportedEncoding => "unsupported_encoding",
            UploadError::MissingFileName => "missing_file_name",
            UploadError::InvalidFileName(_) => "invalid_file_name",
            UploadError::TooLarge => "too_large",
            UploadError::BodyTimedOut => "body_timed_out",
            UploadError::BodyBroken => "body_broken",
            UploadError::Malformed => "malformed_encoding",
            UploadError::Empty => "empty",
            UploadError::NotAPdf => "not_a_pdf",
            UploadError::Busy => "busy",
            UploadError::StorageFull(_) => "storage_full",
            UploadError::StorageFailed(_) => "storage_failed",
            UploadError::DatabaseBusy(_) => "database_busy",
            UploadError::DatabaseFailed(_) => "database_failed",
            UploadError::NoRandomness(_) => "no_randomness",
            UploadError::TaskFailed(_) => "task_failed",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            UploadError::UnsupportedMediaType | UploadError::UnsupportedEncoding => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            UploadError::MissingFileName | UploadError::BodyBroken | UploadError::Malformed => {
                StatusCode::BAD_REQUEST
            }
            UploadError::InvalidFileName(_) | UploadError::Empty | UploadError::NotAPdf => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            UploadError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            UploadError::BodyTimedOut => StatusCode::REQUEST_TIMEOUT,
            UploadError::Busy | UploadError::DatabaseBusy(_) => StatusCode::SERVICE_UNAVAILABLE,
            UploadError::StorageFull(_) => StatusCode::INSUFFICIENT_STORAGE,
            UploadError::StorageFailed(_)
            | UploadError::DatabaseFailed(_)
            | UploadError::NoRandomness(_)
            | UploadError::TaskFailed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Logs and counts it: our own failures with their cause, refusals as a matter of course.
    pub(crate) fn report(&self) {
        let code = self.code();
        counter!("documents.refused", "code" => code).increment(1);
        match std::error::Error::source(self) {
            Some(cause) => error!(code, cause, "an upload failed"),
            None => info!(code, "an upload was refused"),
        }
    }
}

impl Display for UploadError {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            UploadError::UnsupportedMediaType => "the Content-Type has to be application/pdf",
            UploadError::UnsupportedEncoding => "the Content-Encoding may be gzip or zstd",
            UploadError::MissingFileName => "the header X-Filename is missing",
            UploadError::InvalidFileName(problem) => {
                return write!(formatter, "the file name is refused: {problem}");
            }
            UploadError::TooLarge => "the document is too large",
            UploadError::BodyTimedOut => "the body did not arrive in time",
            UploadError::BodyBroken => "the body broke off",
            UploadError::Malformed => "the body is not in the encoding that it names",
            UploadError::Empty => "the body is empty",
            UploadError::NotAPdf => "the body does not begin with %PDF-",
            UploadError::Busy | UploadError::DatabaseBusy(_) => {
                "too many uploads at once: try again later"
            }
            UploadError::StorageFull(_) => "there is no room for the document",
            UploadError::StorageFailed(_)
            | UploadError::DatabaseFailed(_)
            | UploadError::NoRandomness(_)
            | UploadError::TaskFailed(_) => "the document was not stored",
        })
    }
}

impl std::error::Error for UploadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            UploadError::StorageFull(error) | UploadError::StorageFailed(error) => Some(error),
            UploadError::DatabaseBusy(error) | UploadError::DatabaseFailed(error) => Some(error),
            UploadError::NoRandomness(error) => Some(error),
            UploadError::TaskFailed(error) => Some(error),
            _ => None,
        }
    }
}

impl IntoResponse for UploadError {
    fn into_response(self) -> Response {
        let mut response = refusal(self.status(), self.code(), self.to_string());
        let headers = response.headers_mut();
        match self {
            UploadError::UnsupportedEncoding => {
                headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED));
            }
            UploadError::Busy | UploadError::DatabaseBusy(_) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

impl From<FileNameProblem> for UploadError {
    fn from(problem: FileNameProblem) -> Self {
        UploadError::InvalidFileName(problem)
    }
}
