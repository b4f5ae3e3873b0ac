//! A value on its way through the policy.

use super::is_same;
use crate::scrub::{self, KeyClass, Policy, REDACTED, Sink};
use crate::tag;
use opentelemetry::{Array, StringValue, Value};

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    Same,
    Changed,
    /// Its attribute must go.
    Gone,
}

/// Replaces what must not leave the process, and cuts every text of the value.
pub(super) fn scrub(
    value: &mut Value,
    (key, class): (&str, KeyClass),
    max_chars: usize,
    policy: &Policy,
) -> Fate {
    match class {
        // Whatever its type, and however much of it there is.
        KeyClass::Denied | KeyClass::Unlisted => {
            // What was made of a session may be shown.
            let text = if let Value::String(text) = &*value { text.as_str() } else { "" };
            let kept = policy.attribute(key, class, text, max_chars, Sink::Spans);
            return match kept {
                scrub::Value::Kept(text) => {
                    let fate = if text == REDACTED { Fate::Changed } else { Fate::Same };
                    *value = Value::String(text.into_owned().into());
                    fate
                }
                scrub::Value::Dropped => Fate::Gone,
            };
        }
        // A number can be somebody as well.
        KeyClass::Pseudonym => write_out(value),
        KeyClass::Allowed | KeyClass::Plain(_) | KeyClass::Ip => {}
    }
    let text = |text: &mut StringValue| {
        let scrubbed = policy.attribute(key, class, text.as_str(), max_chars, Sink::Spans);
        let scrub::Value::Kept(scrubbed) = scrubbed else { return Fate::Gone };
        if is_same(&scrubbed, text.as_str()) {
            return Fate::Same;
        }
        // What was made to be something else is not changed by being it.
        let fate = if tag::has_marks(text.as_str()) { Fate::Same } else { Fate::Changed };
        *text = scrubbed.into_owned().into();
        fate
    };
    match value {
        Value::String(one) => text(one),
        Value::Array(Array::String(all)) => all.iter_mut().map(text).max().unwrap_or(Fate::Same),
        _ => Fate::Same,
    }
}

/// Makes texts of numbers.
fn write_out(value: &mut Value) {
    fn texts<T: ToString>(list: &[T]) -> Value {
        Value::Array(Array::String(list.iter().map(|one| one.to_string().into()).collect()))
    }
    *value = match &*value {
        Value::String(_) | Value::Array(Array::String(_)) => return,
        Value::Array(Array::I64(list)) => texts(list),
        Value::Array(Array::F64(list)) => texts(list),
        Value::Array(Array::Bool(list)) => texts(list),
        one => Value::String(one.as_str().into_owned().into()),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::Redaction;

    fn scrubbed(class: KeyClass, mut value: Value) -> (Value, Fate, Vec<(&'static str, u64)>) {
        let policy = Redaction::default().compile(None);
        let fate = scrub(&mut value, ("user.id", class), 20, &policy);
        let counts = policy.redactions().into_iter().map(|(kind, _, count)| (kind, count));
        (value, fate, counts.collect())
    }

    fn every_type() -> [Value; 8] {
        [
            Value::from("ada"),
            Value::from(17),
            Value::from(0.5),
            Value::from(true),
            Value::Array(Array::String(vec!["ada".into(), "bob".into()])),
            Value::Array(Array::I64(vec![17, 18])),
            Value::Array(Array::F64(vec![0.5])),
            Value::Array(Array::Bool(vec![true])),
        ]
    }

    #[test]
    fn a_denied_value_is_replaced_whole_and_an_unlisted_one_goes() {
        for value in every_type() {
            let (after, fate, counts) = scrubbed(KeyClass::Denied, value.clone());
            assert_eq!((after, fate), (Value::from("[REDACTED]"), Fate::Changed));
            assert_eq!(counts, [("denied_key", 1)]);
            let (_, fate, counts) = scrubbed(KeyClass::Unlisted, value);
            assert_eq!((fate, counts), (Fate::Gone, vec![("unlisted_key", 1)]));
        }
    }

    #[test]
    fn everybody_has_a_pseudonym_numbers_and_those_in_lists_too() {
        let policy = Policy::shared_default();
        let name = |value: &str| format!("h1:{}", policy.pseudonym("user.id", value).as_str());
        let list = |all: &[&str]| Array::String(all.iter().map(|one| name(one).into()).collect());
        let expected = [
            Value::from(name("ada")),
            Value::from(name("17")),
            Value::from(name("0.5")),
            Value::from(name("true")),
            Value::Array(list(&["ada", "bob"])),
            Value::Array(list(&["17", "18"])),
            Value::Array(list(&["0.5"])),
            Value::Array(list(&["true"])),
        ];
        for (value, expected) in every_type().into_iter().zip(expected) {
            let (after, fate, _) = scrubbed(KeyClass::Pseudonym, value);
            assert_eq!((&after, fate), (&expected, Fate::Changed));
            // Who has a name keeps it.
            let (again, fate, counts) = scrubbed(KeyClass::Pseudonym, after);
            assert_eq!((again, fate, counts), (expected, Fate::Same, Vec::new()));
        }
    }

    #[test]
    fn what_nothing_is_wrong_with_is_cut_at_most() {
        let long = || Value::Array(Array::String(vec!["x".repeat(21).into(), "y".into()]));
        let plain = Policy::shared_default().class("http.route");
        for class in [KeyClass::Allowed, plain, KeyClass::Ip] {
            for value in every_type() {
                assert_eq!(scrubbed(class, value.clone()), (value, Fate::Same, Vec::new()));
            }
            let (after, fate, _) = scrubbed(class, long());
            let cut = Array::String(vec!["x".repeat(20).into(), "y".into()]);
            assert_eq!((after, fate), (Value::Array(cut), Fate::Changed));
        }
    }
}
