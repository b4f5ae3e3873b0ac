//! What a handler tells the layer around it.

use super::{ErrorContext, message};
use crate::http::failure;
use std::error::Error;
use std::fmt;

/// What a handler knows of its failure, put into the extensions of its response for the
/// [`ServerLayer`](super::super::ServerLayer) around it, which sees a status otherwise.
///
/// It is read by [`on_error`](super::super::ServerLayer::on_error) alone, and scrubbed there.
///
/// # Examples
///
/// ```
/// use http::{Response, StatusCode};
/// use lightship::http::ErrorNote;
///
/// fn refused(error: &std::io::Error, user_id: &str) -> Response<String> {
///     let mut response = Response::new("try again later".to_owned());
///     *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
///     response.extensions_mut().insert(ErrorNote::of(error).user(user_id));
///     response
/// }
/// # refused(&std::io::Error::other("the disk is full"), "3f2b8c1e-9d4a");
/// ```
#[derive(Clone)]
pub struct ErrorNote {
    error_type: String,
    message: String,
    user: Option<String>,
}

impl ErrorNote {
    /// As [`ErrorContext::error`].
    pub fn of<E: Error + 'static>(error: &E) -> Self {
        let error_type = failure::error_type(error).to_owned();
        ErrorNote { error_type, message: message::of(error), user: None }
    }

    /// As [`ErrorContext::boxed_error`].
    pub fn of_boxed(error: &(dyn Error + 'static)) -> Self {
        let error_type = failure::of_chain(error).to_owned();
        ErrorNote { error_type, message: message::of(error), user: None }
    }

    /// As [`ErrorContext::error_type`].
    pub fn error_type(mut self, error_type: impl Into<String>) -> Self {
        self.error_type = error_type.into();
        self
    }

    /// As [`ErrorContext::user`].
    pub fn user(mut self, id: impl Into<String>) -> Self {
        self.user = Some(id.into());
        self
    }

    pub(in crate::http) fn add_to(&self, context: ErrorContext) -> ErrorContext {
        let context = context.error_type(&self.error_type).message(&self.message);
        match &self.user {
            Some(id) => context.user(id),
            None => context,
        }
    }
}

/// Without what was not scrubbed yet.
impl fmt::Debug for ErrorNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorNote").field("error_type", &self.error_type).finish_non_exhaustive()
    }
}
