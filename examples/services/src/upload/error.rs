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

/// What spans and metrics of functions call it.
impl lightship::ErrorType for UploadError {
    fn error_type(&self) -> &'static str {
        self.code()
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

#[cfg(test)]
mod tests {
    use super::{FileNameProblem, UploadError};
    use axum::http::header;
    use axum::response::IntoResponse;
    use std::collections::BTreeSet;
    use std::error::Error;
    use std::io;

    #[test]
    fn each_has_a_status_and_a_code_of_its_own() {
        let broken = || io::Error::other("/var/lib/documents: the disk is broken");
        let errors = [
            (415, UploadError::UnsupportedMediaType),
            (415, UploadError::UnsupportedEncoding),
            (400, UploadError::MissingFileName),
            (422, UploadError::InvalidFileName(FileNameProblem::Length)),
            (413, UploadError::TooLarge),
            (408, UploadError::BodyTimedOut),
            (400, UploadError::BodyBroken),
            (400, UploadError::Malformed),
            (422, UploadError::Empty),
            (422, UploadError::NotAPdf),
            (503, UploadError::Busy),
            (507, UploadError::StorageFull(broken())),
            (500, UploadError::StorageFailed(broken())),
            (503, UploadError::DatabaseBusy(sqlx::Error::PoolTimedOut)),
            (500, UploadError::DatabaseFailed(sqlx::Error::Io(broken()))),
            (500, UploadError::NoRandomness(getrandom::Error::UNSUPPORTED)),
        ];
        let codes: BTreeSet<_> = errors.iter().map(|(_, error)| error.code()).collect();
        assert_eq!(codes.len(), errors.len());
        for (status, error) in errors {
            let (code, said, is_ours) = (error.code(), error.to_string(), status >= 500);
            assert!(!said.contains("disk"), "{said}");
            // What is behind it is for the logs.
            assert_eq!(error.source().is_some(), is_ours && code != "busy", "{code}");
            let answer = error.into_response();
            assert_eq!(answer.status(), status, "{code}");
            assert_eq!(answer.headers().contains_key(header::RETRY_AFTER), status == 503, "{code}");
        }
    }

    #[test]
    fn databases_that_are_in_use_are_told_from_broken_ones() {
        let busy = UploadError::from(sqlx::Error::PoolTimedOut);
        assert_eq!(busy.code(), "database_busy");
        for error in [sqlx::Error::PoolClosed, sqlx::Error::WorkerCrashed, sqlx::Error::RowNotFound]
        {
            assert_eq!(UploadError::from(error).code(), "database_failed");
        }
    }
}
