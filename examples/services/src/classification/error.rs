//! Everything that can be wrong with a request for classification.

use crate::answer::refusal;
use crate::body::BodyProblem;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::fmt::{self, Display, Formatter};

/// Why a request is not answered with a classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClassifyError {
    /// The `Content-Type` is not `application/json`.
    UnsupportedMediaType,
    Body(BodyProblem),
    /// No JSON, or not of the form that is asked for.
    InvalidJson,
    InvalidField(&'static str),
}

impl ClassifyError {
    fn code(self) -> &'static str {
        match self {
            ClassifyError::UnsupportedMediaType => "unsupported_media_type",
            ClassifyError::Body(BodyProblem::TooLarge) => "too_large",
            ClassifyError::Body(BodyProblem::TimedOut) => "body_timed_out",
            ClassifyError::Body(BodyProblem::Broken) => "body_broken",
            ClassifyError::InvalidJson => "invalid_json",
            ClassifyError::InvalidField(_) => "invalid_field",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            ClassifyError::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ClassifyError::Body(BodyProblem::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            ClassifyError::Body(BodyProblem::TimedOut) => StatusCode::REQUEST_TIMEOUT,
            ClassifyError::Body(BodyProblem::Broken) | ClassifyError::InvalidJson => {
                StatusCode::BAD_REQUEST
            }
            ClassifyError::InvalidField(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl Display for ClassifyError {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            ClassifyError::UnsupportedMediaType => "the Content-Type has to be application/json",
            ClassifyError::Body(BodyProblem::TooLarge) => "the body is too large",
            ClassifyError::Body(BodyProblem::TimedOut) => "the body did not arrive in time",
            ClassifyError::Body(BodyProblem::Broken) => "the body broke off",
            ClassifyError::InvalidJson => "the body is not the JSON that is asked for",
            ClassifyError::InvalidField(field) => {
                return write!(formatter, "the field {field} is not as it should be");
            }
        })
    }
}

impl std::error::Error for ClassifyError {}

impl IntoResponse for ClassifyError {
    fn into_response(self) -> Response {
        refusal(self.status(), self.code(), self.to_string())
    }
}
