//! Names in a line that are no fields: of spans, and targets.

use crate::logs::current;
use crate::logs::fields::Classes;
use crate::logs::rules::Rules;
use std::borrow::Cow;
use tracing::{Event, Metadata};

/// What of an event's target may be shown. Those of the program itself were judged with their places; a
/// record of the `log` crate, of which `normalized` tells, may have anything for one.
pub(super) fn target<'t>(
    event: &Event<'_>,
    normalized: Option<&'t Metadata<'_>>,
    rules: &Rules,
) -> Cow<'t, str> {
    match normalized {
        Some(real) => rules.name(real.target()),
        None => shown(event.metadata().target(), current::get().classes, rules),
    }
}

/// What of a span's name may be shown.
pub(super) fn span(span: &'static Metadata<'static>, rules: &Rules) -> Cow<'static, str> {
    shown(span.name(), Classes::of(span, false, rules), rules)
}

/// Whether a span's name may be shown as it is.
pub(super) fn is_clean(span: &'static Metadata<'static>, rules: &Rules) -> bool {
    !Classes::of(span, false, rules).is_name_found()
}

fn shown<'t>(name: &'t str, classes: Classes, rules: &Rules) -> Cow<'t, str> {
    match classes.is_name_found() {
        true => rules.name(name),
        false => Cow::Borrowed(name),
    }
}
