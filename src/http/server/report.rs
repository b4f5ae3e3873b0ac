//! Telling of requests that failed.

use super::Options;
use crate::context::Context;
use crate::http::body_preview::BodyPreview;
use crate::http::error_context::{ErrorContext, ErrorNote, Media, Seen, message};
use crate::http::failure::CANCELLED;
use crate::http::request_id::RequestId;
use crate::http::route::Route;
use http::header::USER_AGENT;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Extensions, HeaderValue, StatusCode};
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

pub(super) type OnError = dyn Fn(ErrorContext) + Send + Sync;

/// What is kept of a request's head while it is answered, because somebody wants to know if it fails:
/// references to what came, and nothing that was made of it.
pub(super) struct Witness {
    on_error: Arc<OnError>,
    target: Option<PathAndQuery>,
    user_agent: Option<HeaderValue>,
    id: RequestId,
    media: Media,
    preview: Option<BodyPreview>,
    /// What went wrong, as far as somebody said it.
    message: Option<String>,
    note: Option<ErrorNote>,
}

/// What the layer knows at the end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome<'a> {
    pub(super) method: &'static str,
    pub(super) route: Option<&'a Route>,
    pub(super) status: Option<StatusCode>,
    pub(super) error: &'a str,
    /// Bytes of the request's body, where that is known.
    pub(super) read: Option<u64>,
}

/// A place to keep where a body begins, if it may be shown.
pub(super) fn preview(options: &Options, parts: &mut Parts) -> Option<BodyPreview> {
    if !options.previews || !Media::of(&parts.headers).is_plain_json() {
        return None;
    }
    let preview = BodyPreview::default();
    parts.extensions.insert(preview.clone());
    Some(preview)
}

impl Witness {
    /// None where nobody wants to know.
    pub(super) fn of(options: &Options, parts: &Parts, id: &RequestId) -> Option<Box<Self>> {
        let on_error = Arc::clone(options.on_error.as_ref()?);
        Some(Box::new(Witness {
            on_error,
            target: parts.uri.path_and_query().cloned(),
            user_agent: parts.headers.get(USER_AGENT).cloned(),
            id: id.clone(),
            media: Media::of(&parts.headers),
            preview: parts.extensions.get().cloned(),
            message: None,
            note: None,
        }))
    }

    /// What a handler left in its response.
    pub(super) fn answered(&mut self, extensions: &Extensions) {
        self.note = extensions.get().cloned();
    }

    pub(super) fn panicked(&mut self, payload: &(dyn Any + Send)) {
        self.message = message::of_panic(payload).map(str::to_owned);
    }

    /// What an error of the service says, if that is of a type which says something.
    pub(super) fn failed<E: 'static>(&mut self, error: &E) {
        let any: &dyn Any = error;
        let boxed = any.downcast_ref::<Box<dyn Error + Send + Sync>>();
        let boxed = boxed.map(|boxed| boxed.as_ref() as &(dyn Error + 'static));
        let known = boxed.or(any.downcast_ref::<io::Error>().map(|error| error as _));
        #[cfg(feature = "axum")]
        let known = known.or(any.downcast_ref::<axum::Error>().map(|error| error as _));
        self.message = known.map(message::of);
    }

    /// Tells, in the request's context; a client that went away is no failure. What panics there harms
    /// nobody.
    pub(super) fn tell(&self, context: &Context, outcome: Outcome<'_>) {
        if outcome.error == CANCELLED {
            return;
        }
        let tell = || context.run(|| (self.on_error)(self.context(outcome)));
        let _ = catch_unwind(AssertUnwindSafe(tell));
    }

    fn context(&self, outcome: Outcome<'_>) -> ErrorContext {
        let seen = Seen {
            method: outcome.method,
            route: outcome.route.cloned(),
            target: self.target.as_ref(),
            user_agent: self.user_agent.as_ref(),
            id: Some(self.id.clone()),
            media: self.media.clone(),
            size: outcome.read,
            preview: self.preview.as_ref(),
        };
        let mut context = ErrorContext::seen(&seen).error_type(outcome.error);
        if let Some(status) = outcome.status {
            context = context.status(status);
        }
        if let Some(message) = &self.message {
            context = context.message(message);
        }
        match &self.note {
            Some(note) => note.add_to(context),
            None => context,
        }
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness").field("id", &self.id).finish_non_exhaustive()
    }
}
