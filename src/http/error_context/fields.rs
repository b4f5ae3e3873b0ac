//! The values of an error's context, each of which passed the policy.

use crate::scrub::{self, KeyClass, Policy, Sink, Value};
use std::fmt::{self, Write};
use std::sync::Arc;

/// The characters of an id that are shown.
const SHORT_CHARS: usize = 8;
/// The longest id that is looked at.
const MAX_ID_CHARS: usize = 256;

macro_rules! fields {
    ($($field:ident => $key:literal, $max_chars:literal;)*) => {
        /// What can be known.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Field {
            $($field,)*
        }

        impl Field {
            const ALL: [Field; COUNT] = [$(Field::$field,)*];

            pub(super) fn key(self) -> &'static str {
                match self {
                    $(Field::$field => $key,)*
                }
            }

            fn max_chars(self) -> usize {
                match self {
                    $(Field::$field => $max_chars,)*
                }
            }
        }
    };
}

const COUNT: usize = 12;

fields! {
    Method => "http.request.method", 20;
    Route => "http.route", 200;
    Query => "url.query", 1_024;
    UserAgent => "user_agent.original", 256;
    RequestId => "http.request.header.x-request-id", 128;
    // No `user.id`, which the policy makes a hash of.
    User => "user.short_id", 200;
    Status => "http.response.status_code", 20;
    ErrorType => "error.type", 200;
    Message => "exception.message", 200;
    MediaType => "http.request.header.content-type", 100;
    BodySize => "http.request.body.size", 20;
    Body => "http.request.body.preview", 4_096;
}

#[derive(Clone)]
pub(super) struct Fields {
    policy: Arc<Policy>,
    values: [Option<Box<str>>; COUNT],
}

impl Field {
    fn is_number(self) -> bool {
        matches!(self, Field::Status | Field::BodySize)
    }
}

impl Fields {
    pub(super) fn new(policy: Arc<Policy>) -> Self {
        Fields { policy, values: Default::default() }
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Takes a text, as far as the policy lets it through.
    pub(super) fn set(&mut self, field: Field, raw: &str) {
        let (key, max_chars) = (field.key(), field.max_chars());
        let judged =
            self.policy.attribute(key, self.policy.class(key), raw, max_chars, Sink::Texts);
        self.values[field as usize] = match judged {
            Value::Kept(text) => Some(scrub::text(&text, max_chars).into()),
            Value::Dropped => None,
        };
    }

    /// An id in which anything was found is no id that may be shown in part.
    pub(super) fn set_user(&mut self, id: &str) {
        let key = Field::User.key();
        let class = self.policy.class(key);
        let judged = self.policy.attribute(key, class, id, MAX_ID_CHARS, Sink::Texts);
        let shown = match &judged {
            Value::Kept(text) if **text == *scrub::cut(id, MAX_ID_CHARS) => {
                Some(scrub::cut(id, SHORT_CHARS))
            }
            Value::Kept(_) => Some(scrub::REDACTED),
            Value::Dropped => None,
        };
        let shown = shown.map(|shown| scrub::text(shown, SHORT_CHARS.max(scrub::REDACTED.len())));
        self.values[Field::User as usize] = shown.map(Into::into);
    }

    pub(super) fn set_number(&mut self, field: Field, number: u64) {
        let may_leave =
            matches!(self.policy.class(field.key()), KeyClass::Allowed | KeyClass::Plain(_));
        self.values[field as usize] = may_leave.then(|| number.to_string().into());
    }

    /// Takes a preview that was scrubbed by the keys in it; the key of it all counts as well.
    pub(super) fn set_body(&mut self, preview: &str) {
        self.values[Field::Body as usize] = match self.policy.class(Field::Body.key()) {
            KeyClass::Denied => Some(scrub::REDACTED.into()),
            KeyClass::Unlisted => None,
            _ => Some(preview.into()),
        };
    }

    pub(super) fn clear(&mut self, field: Field) {
        self.values[field as usize] = None;
    }

    fn text(&self, field: Field) -> Option<&str> {
        self.values[field as usize].as_deref()
    }

    fn number(&self, field: Field) -> Option<u64> {
        self.text(field)?.parse().ok()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Field, &str)> {
        Field::ALL.into_iter().filter_map(|field| Some((field, self.text(field)?)))
    }

    /// A macro must be told the names in full.
    pub(super) fn log(&self) {
        tracing::error!(
            target: crate::http::TARGET,
            { http.request.method = self.text(Field::Method),
            http.route = self.text(Field::Route),
            url.query = self.text(Field::Query),
            user_agent.original = self.text(Field::UserAgent),
            "http.request.header.x-request-id" = self.text(Field::RequestId),
            user.short_id = self.text(Field::User),
            http.response.status_code = self.number(Field::Status),
            error.type = self.text(Field::ErrorType),
            exception.message = self.text(Field::Message),
            "http.request.header.content-type" = self.text(Field::MediaType),
            http.request.body.size = self.number(Field::BodySize),
            http.request.body.preview = self.text(Field::Body) },
            "request failed"
        );
    }

    pub(super) fn record(&self) {
        for (field, value) in self.iter() {
            match self.number(field).filter(|_| field.is_number()) {
                Some(number) => crate::detail(field.key(), number),
                None => crate::detail(field.key(), value),
            }
        }
    }

    pub(super) fn write_json(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = '{';
        for (field, value) in self.iter() {
            write!(f, "{between}\"{}\":", field.key())?;
            match field.is_number() {
                true => f.write_str(value)?,
                false => {
                    f.write_char('"')?;
                    crate::logs::escape_json(f, value);
                    f.write_char('"')?;
                }
            }
            between = ',';
        }
        f.write_str(if between == '{' { "{}" } else { "}" })
    }
}
