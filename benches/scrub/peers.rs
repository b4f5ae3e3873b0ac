//! Who scrubs: ours, and what else there is.

use crate::{datadog, logfire};
use lightship::Redaction;
use std::borrow::Cow;

/// Somebody who scrubs a value that stands under a key, which is empty for a body.
pub(crate) struct Side {
    pub(crate) name: &'static str,
    scrub: Box<Scrub>,
}

type Scrub = dyn for<'t> Fn(&str, &'t str) -> Cow<'t, str>;

impl Side {
    fn new(
        name: &'static str,
        scrub: impl for<'t> Fn(&str, &'t str) -> Cow<'t, str> + 'static,
    ) -> Self {
        Side { name, scrub: Box::new(scrub) }
    }

    pub(crate) fn scrub<'t>(&self, key: &str, text: &'t str) -> Cow<'t, str> {
        (self.scrub)(key, text)
    }
}

/// Ours first.
pub(crate) fn sides() -> Vec<Side> {
    let redactor = Redaction::default().build().expect("the default rules hold");
    let ours = Side::new("lightship", move |key, text| match key {
        "" => redactor.text(text),
        key => redactor.attribute(key, text),
    });
    let logfire = logfire::Patterns::new();
    let logfire = Side::new("logfire's", move |key, text| logfire.scrub(key, text));
    let leakguard = leakguard::Redactor::new();
    let leakguard = Side::new("leakguard", move |_, text| Cow::Owned(leakguard.clean(text)));
    let rtb = Side::new("rtb-redact", |key, text| {
        // Of keys it knows the headers' alone.
        let header = key.strip_prefix("http.request.header.").unwrap_or(key);
        match rtb_redact::is_sensitive_header(header) {
            true => Cow::Owned(rtb_redact::redact_header_value(text)),
            false => rtb_redact::string(text),
        }
    });
    let datadog = datadog::Query::new();
    let datadog = Side::new("Datadog's", move |_, text| datadog.scrub(text));
    vec![ours, logfire, leakguard, rtb, datadog]
}
