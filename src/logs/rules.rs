//! What the lines of one instance are scrubbed by.

use super::fields::Class;
use super::limits::{MAX_LOG_MESSAGE_CHARS, MAX_LOG_VALUE_CHARS};
use crate::scrub::{KeyClass, Policy, REDACTED, Sink, Value};
use crate::status::{DropReason, Drops};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const DENIED: Class = Class::Top(KeyClass::Denied);

/// A policy, and where is counted what it takes away.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) policy: Arc<Policy>,
    pub(super) drops: &'static Drops,
    id: u64,
}

/// A field that a line shows: its name, and what becomes of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    pub(super) name: &'static str,
    pub(super) class: Class,
}

impl Rules {
    pub(super) fn new(policy: Arc<Policy>, drops: &'static Drops) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Rules { policy, drops, id: NEXT.fetch_add(1, Ordering::Relaxed) }
    }

    /// No other rules of this process have it, nor had it: an address may come again.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Whether a field is left out; counts those.
    pub(super) fn leaves_out(&self, name: &str, class: Class) -> bool {
        match class {
            Class::Found => drop(self.name(name)),
            Class::Top(KeyClass::Unlisted) => self.count(name, KeyClass::Unlisted),
            _ => return false,
        }
        self.drops.add(DropReason::TagDenied, 1);
        true
    }

    /// Whether a field's value must not be shown; counts those.
    pub(super) fn denies(&self, Shown { name, class }: Shown) -> bool {
        // What was made of a session may be shown, which the value alone can tell.
        let denies = class == DENIED && !self.policy.is_session(name);
        if denies {
            self.count(name, KeyClass::Denied);
            self.drops.add(DropReason::TagDenied, 1);
        }
        denies
    }

    /// What of a value may be shown.
    pub(super) fn scrub<'t>(&self, field: Shown, text: &'t str) -> Cow<'t, str> {
        let Shown { name, class } = field;
        match class {
            Class::Top(class) | Class::Nested(class) => {
                let chars = field.max_chars();
                match self.policy.attribute(name, class, text, chars, Sink::Logs) {
                    Value::Kept(text) => {
                        let denied = class == KeyClass::Denied && text == REDACTED;
                        self.drops.add(DropReason::TagDenied, u64::from(denied));
                        text
                    }
                    Value::Dropped => Cow::Borrowed(""),
                }
            }
            _ => self.policy.text(text, field.max_chars(), Sink::Logs),
        }
    }

    /// What of a name may be shown: of a field, a span, a target.
    pub(super) fn name<'t>(&self, name: &'t str) -> Cow<'t, str> {
        self.policy.text(name, crate::scrub::MAX_NAME_CHARS, Sink::Logs)
    }

    /// Whether there is nothing in a name that must not be shown; counts nothing.
    pub(super) fn is_clean(&self, name: &str) -> bool {
        self.policy.is_clean(name, crate::scrub::MAX_NAME_CHARS)
    }

    fn count(&self, name: &str, class: KeyClass) {
        let _ = self.policy.attribute(name, class, "", MAX_LOG_VALUE_CHARS, Sink::Logs);
    }
}

impl Shown {
    pub(super) fn max_chars(self) -> usize {
        match self.class {
            Class::Message => MAX_LOG_MESSAGE_CHARS,
            _ => MAX_LOG_VALUE_CHARS,
        }
    }

    /// Whether what is shown is a name for the value, or nothing of it unless it was made to be shown.
    pub(super) fn is_pseudonym(self) -> bool {
        matches!(
            self.class,
            Class::Top(KeyClass::Pseudonym) | Class::Nested(KeyClass::Pseudonym) | DENIED
        )
    }
}
