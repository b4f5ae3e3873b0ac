//! What a request is about, in words that don't change from one to the next.

use std::borrow::Cow;

/// What a request is about: how its span is named, and whether it is sent again.
///
/// Names and templates are written to metrics and must be few: no ids in them.
///
/// # Examples
///
/// ```
/// use lightship::http::Operation;
///
/// // A span `GET /users/{id}`, for the second attempt.
/// let operation = Operation::new().template("/users/{id}").resend_count(1);
/// // A span `HTTP POST /classify`.
/// let other = Operation::new().name("HTTP POST /classify");
/// # let _ = (operation, other);
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "an operation does nothing until a request has it"]
pub struct Operation {
    name: Option<Cow<'static, str>>,
    template: Option<Cow<'static, str>>,
    resend_count: u32,
}

impl Operation {
    /// Nothing in particular: the span is named by its method.
    pub fn new() -> Self {
        Self::default()
    }

    /// The whole name of the span.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The path with its parameters' names in the place of values, such as `/users/{id}`: it stands
    /// behind the method in the span's name, and is `url.template` on span and metrics.
    pub fn template(mut self, template: impl Into<Cow<'static, str>>) -> Self {
        self.template = Some(template.into());
        self
    }

    /// How often the request was sent before; 0 the first time.
    pub fn resend_count(mut self, count: u32) -> Self {
        self.resend_count = count;
        self
    }

    pub(super) fn whole_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(super) fn url_template(&self) -> Option<&str> {
        self.template.as_deref()
    }

    /// None the first time.
    pub(super) fn resent(&self) -> Option<i64> {
        (self.resend_count > 0).then_some(i64::from(self.resend_count))
    }
}
