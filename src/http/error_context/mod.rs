//! What may be told of a request that went wrong.
//!
//! ```text
//! head of a request -> method, route, query, user agent, id \
//! body -> JSON? -> scrubbed by its keys -> cut               > policy -> fields -> log | span | text
//! error -> type, message with its causes                    /
//! ```

mod body;
mod fields;
mod head;
mod json;
pub(super) mod message;
mod note;

pub use body::MAX_BODY_PREVIEW_BYTES;
pub(super) use body::{KEPT_BYTES, Media};
pub(super) use head::Seen;
pub use note::ErrorNote;

use crate::http::failure;
use crate::metrics::current;
use fields::{Field, Fields};
use http::request::Parts;
use http::{Request, StatusCode};
use std::error::Error;
use std::fmt;

/// What may be told of a request that went wrong: enough to find out why, and nothing that must stay here.
///
/// Made of a request's head, by hand or by a [`ServerLayer`](super::ServerLayer) that has
/// [`on_error`](super::ServerLayer::on_error); what is known besides is added to it. Headers can't get in,
/// but for the user agent, the request's id and the media type. Every value passes the rules of the
/// telemetry that the running code belongs to, or the default rules where there is none, before it is cut:
///
/// | key | value | at most |
/// |---|---|---|
/// | `http.request.method` | of the known ones, else `_OTHER` | |
/// | `http.route` | the route, never the path | 200 characters |
/// | `url.query` | with the values of forbidden keys replaced | 1,024 characters |
/// | `user_agent.original` | | 256 characters |
/// | `http.request.header.x-request-id` | the [`RequestId`](super::RequestId) | 128 characters |
/// | `user.short_id` | see [`user`](Self::user) | 8 characters |
/// | `http.response.status_code` | | |
/// | `error.type` | | 200 characters |
/// | `exception.message` | with the messages of its causes | 200 characters |
/// | `http.request.header.content-type` | the media type, without parameters | 100 characters |
/// | `http.request.body.size` | bytes | |
/// | `http.request.body.preview` | of JSON alone, see [`body`](Self::body) | 4,096 bytes |
///
/// Its text form is one line of JSON, of at most 20 KiB whatever was in the request, and below 1 KiB for
/// most. Making one costs some ten microseconds, and up to some hundred more for a preview, however long
/// the body is: make it where something went wrong. It is a value like any other: keep it, send it, show
/// it.
///
/// Names, street addresses and free text can't be told from other words: a body's preview may have them
/// under keys that no rule denies. [`Redaction::deny`](crate::Redaction::deny) names such keys.
///
/// # Examples
///
/// ```
/// use http::Request;
/// use lightship::http::ErrorContext;
///
/// let request = Request::post("/documents?page=2&token=s3cr3t")
///     .header("content-type", "application/json")
///     .header("authorization", "Bearer s3cr3t")
///     .body(r#"{"kind":"pdf","password":"s3cr3t"}"#)?;
///
/// let error = std::io::Error::other("the disk is full");
/// let context = ErrorContext::of(&request)
///     .route("/documents")
///     .user("3f2b8c1e-9d4a-4f6b")
///     .body(request.body())
///     .error(&error);
/// tracing::error!(context = %context, "upload failed");
///
/// assert_eq!(context.get("exception.message"), Some("the disk is full"));
/// assert_eq!(context.get("user.short_id"), Some("3f2b8c1e"));
/// assert!(!context.to_string().contains("s3cr3t"));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone)]
pub struct ErrorContext {
    fields: Fields,
    media: Media,
}

impl ErrorContext {
    /// What the head of a request tells.
    ///
    /// The route is that of axum (feature `axum`), or the [`Route`](super::Route) in the request's
    /// extensions; the id is that of a [`ServerLayer`](super::ServerLayer) around, or the header
    /// `x-request-id`. Where that layer has a [`BodyPreview`](super::BodyPreview), what was read so far
    /// of the body comes along.
    pub fn of<B>(request: &Request<B>) -> Self {
        let seen =
            Seen::of(request.method(), request.uri(), request.headers(), request.extensions());
        Self::seen(&seen)
    }

    /// The same, of a request whose body went its own way.
    ///
    /// # Examples
    ///
    /// ```
    /// use http::{Request, request::Parts};
    /// use lightship::http::ErrorContext;
    ///
    /// // In axum, `Parts` is an extractor.
    /// async fn upload(parts: Parts, body: String) {
    ///     if body.is_empty() {
    ///         ErrorContext::of_parts(&parts).error_type("empty_body").log();
    ///     }
    /// }
    /// # let _ = upload(Request::new(()).into_parts().0, String::new());
    /// ```
    pub fn of_parts(parts: &Parts) -> Self {
        Self::seen(&Seen::of(&parts.method, &parts.uri, &parts.headers, &parts.extensions))
    }

    pub(super) fn seen(seen: &Seen<'_>) -> Self {
        let mut context =
            ErrorContext { fields: Fields::new(current::policy()), media: seen.media.clone() };
        seen.tell(&mut context.fields);
        match &seen.preview {
            Some(preview) if preview.has_bytes() => {
                preview.read(|kept, size| context.body_of(kept, size))
            }
            _ => context,
        }
    }

    /// The route, where the request does not say it: a path with its parameters' names in the place of
    /// values, such as `/documents/{id}`.
    pub fn route(mut self, route: impl AsRef<str>) -> Self {
        self.fields.set(Field::Route, route.as_ref());
        self
    }

    /// Who asked: the first 8 characters of the id, or `[REDACTED]` if the id is something that the rules
    /// keep back, such as an e-mail address.
    ///
    /// See [`short`](crate::short) for what 8 characters tell of ids that begin with the time.
    pub fn user(mut self, id: impl AsRef<str>) -> Self {
        self.fields.set_user(id.as_ref());
        self
    }

    /// The status of the response.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.fields.set_number(Field::Status, u64::from(status.as_u16()));
        self
    }

    /// What was in the body of the request: its size, and a preview where the request's head says that it
    /// is JSON (`application/json`, `application/*+json`) without an encoding such as gzip.
    ///
    /// Values are replaced by the keys that they stand under, at any depth, and by what is found in them;
    /// then the text is cut to 4,096 bytes, between two characters. What is behind that is hardly looked
    /// at, so a long body costs no more. What is no UTF-8 has no preview. A preview that was cut is JSON no
    /// more.
    pub fn body(self, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.body_of(bytes, bytes.len() as u64)
    }

    /// `bytes` is where the body begins, of so many bytes in all.
    fn body_of(mut self, bytes: &[u8], size: u64) -> Self {
        self.fields.set_number(Field::BodySize, size);
        let preview = || body::preview(self.fields.policy(), bytes);
        match self.media.is_plain_json().then(preview).flatten() {
            Some(preview) => self.fields.set_body(&preview),
            None => self.fields.clear(Field::Body),
        }
        self
    }

    /// What went wrong: the type of the error and its message, with those of its causes that the message
    /// does not have already.
    ///
    /// The type is `timeout`, `connect` or `connection_reset` where that can be told, else the name of the
    /// Rust type; [`error_type`](Self::error_type) overrides it.
    pub fn error<E: Error + 'static>(self, error: &E) -> Self {
        self.described(failure::error_type(error), &message::of(error))
    }

    /// The same for an error in a box, or in a type of `anyhow`, which does not tell its type: a cause of
    /// it may, else it is `_OTHER`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use lightship::http::ErrorContext;
    /// # let context = ErrorContext::of(&http::Request::new(()));
    /// let error: Box<dyn std::error::Error + Send + Sync> = "no such kind".into();
    /// let context = context.boxed_error(&*error);
    /// # assert_eq!(context.get("exception.message"), Some("no such kind"));
    /// # assert_eq!(context.get("error.type"), Some("_OTHER"));
    /// ```
    pub fn boxed_error(self, error: &(dyn Error + 'static)) -> Self {
        self.described(failure::of_chain(error), &message::of(error))
    }

    fn described(self, error_type: &str, message: &str) -> Self {
        self.error_type(error_type).message(message)
    }

    /// What the error is called, one of a few words; see [`ErrorType`](crate::ErrorType).
    pub fn error_type(mut self, error_type: impl AsRef<str>) -> Self {
        self.fields.set(Field::ErrorType, error_type.as_ref());
        self
    }

    /// What the error says, where there is no error to ask.
    pub fn message(mut self, message: impl AsRef<str>) -> Self {
        self.fields.set(Field::Message, message.as_ref());
        self
    }

    /// The value of a key, as it may be shown; none where the request did not tell, or the rules keep it
    /// back.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find_map(|(known, value)| (known == key).then_some(value))
    }

    /// All keys that have a value, in the order of the table above.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.fields.iter().map(|(field, value)| (field.key(), value))
    }

    /// Sets all of it on the current span, as [`detail`](crate::detail()) does.
    pub fn record(&self) {
        self.fields.record();
    }

    /// Logs all of it as one line of level `ERROR`, with a field for each key and the trace of the current
    /// span. On that span the event counts as well.
    pub fn log(&self) {
        self.fields.log();
    }
}

/// One line of JSON.
impl fmt::Display for ErrorContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fields.write_json(f)
    }
}

impl fmt::Debug for ErrorContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
