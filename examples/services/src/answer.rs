//! What the services answer: JSON, also where they refuse.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// The body of every refusal.
///
/// # Examples
///
/// ```
/// use lightship_services::answer::Refusal;
///
/// let text = r#"{"error":{"code":"not_a_pdf","message":"the body does not begin with %PDF-"}}"#;
/// let refusal: Refusal = serde_json::from_str(text)?;
/// assert_eq!(refusal.error.code, "not_a_pdf");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Why.
    pub error: Reason,
}

/// Why a request was refused, in a form that programs may rely on and one for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stays the same over releases.
    pub code: String,
    /// One sentence, without anything about the inside of the service.
    pub message: String,
}

/// An answer with `value` as its JSON body.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => (status, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
        // Keys that are no text, which none of our types has.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// An answer that says why not.
pub(crate) fn refusal(status: StatusCode, code: &str, message: impl Into<String>) -> Response {
    let error = Reason { code: code.to_owned(), message: message.into() };
    json(status, &Refusal { error })
}

pub(crate) async fn health() -> Response {
    json(StatusCode::OK, &serde_json::json!({ "status": "ok" }))
}

pub(crate) async fn not_found() -> Response {
    refusal(StatusCode::NOT_FOUND, "not_found", "nothing is at this path")
}

pub(crate) async fn method_not_allowed() -> Response {
    let message = "this path does not take this method";
    refusal(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}
