//! Checks of texts, switches and numbers.

use super::findings::{Wrong, quoted};
use crate::scrub::{self, Objection, Policy};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

/// The longest name, version, environment or tag value, in characters.
pub(super) const MAX_TEXT_CHARS: usize = 200;
/// The longest tag key, in characters.
pub(super) const MAX_KEY_CHARS: usize = scrub::MAX_TAG_CHARS / 2;

/// A name, version, environment or tag value.
pub(super) fn text(raw: &str) -> Result<String, Wrong> {
    bounded(raw, MAX_TEXT_CHARS)
}

/// A tag's key, which must not name a secret.
pub(super) fn key(raw: &str, policy: &Policy) -> Result<String, Wrong> {
    let key = bounded(raw, MAX_KEY_CHARS)?;
    match policy.constant(&key, "", MAX_TEXT_CHARS) {
        Ok(_) => Ok(key),
        Err(objection) => Err(objected(&key, objection)),
    }
}

/// A tag of everything, as the rules let it out.
pub(super) fn pair(key: &str, value: &str, policy: &Policy) -> Result<(String, String), Wrong> {
    let (key, value) = (
        bounded(key, MAX_KEY_CHARS)?,
        text(value).map_err(|wrong| wrong.of(format!("the value of {}", quoted(key))))?,
    );
    match policy.constant(&key, &value, MAX_TEXT_CHARS) {
        Ok(kept) => Ok((key, kept.into_owned())),
        Err(objection) => Err(objected(&key, objection)),
    }
}

/// The name of the service, or its environment.
pub(super) fn name(raw: &str, policy: &Policy) -> Result<String, Wrong> {
    identity(raw, false, policy)
}

/// The version of the service, which may look like an address.
pub(super) fn version(raw: &str, policy: &Policy) -> Result<String, Wrong> {
    identity(raw, true, policy)
}

fn identity(raw: &str, is_version: bool, policy: &Policy) -> Result<String, Wrong> {
    let name = text(raw)?;
    match policy.identity(&name, is_version) {
        Ok(()) => Ok(name),
        Err(Objection::InValue(kind) | Objection::InKey(kind) | Objection::Key(kind)) => {
            let found = format!("the rules find `{kind}` in it");
            Err(Wrong::new(found, "choose one that names nobody and nothing secret"))
        }
    }
}

/// What the rules find is not shown.
fn objected(key: &str, objection: Objection) -> Wrong {
    let (found, wanted) = match objection {
        Objection::Key(does) => (
            format!("the key {} {does}", quoted(key)),
            "leave it out, or choose a key that says what the value is",
        ),
        Objection::InKey(kind) => {
            (format!("the rules find `{kind}` in the key"), "choose another key")
        }
        Objection::InValue(kind) => (
            format!("the rules find `{kind}` in the value of {}", quoted(key)),
            "leave it out, or choose a value that names nobody and nothing secret",
        ),
    };
    Wrong::new(found, wanted)
}

fn bounded(raw: &str, max_chars: usize) -> Result<String, Wrong> {
    let trimmed = raw.trim();
    let wanted = || format!("write 1 to {max_chars} printable characters");
    if trimmed.is_empty() {
        return Err(Wrong::new("the text is empty", wanted()));
    }
    let length = trimmed.chars().count();
    if length > max_chars {
        return Err(Wrong::new(format!("{} has {length} characters", quoted(trimmed)), wanted()));
    }
    match scrub::text(trimmed, max_chars) {
        clean if clean == trimmed => Ok(clean.into_owned()),
        _ => Err(Wrong::new(format!("{} has control characters", quoted(trimmed)), wanted())),
    }
}

/// A switch as Datadog's libraries take them.
pub(super) fn switch(raw: &str) -> Result<bool, Wrong> {
    match raw.to_ascii_lowercase().as_str() {
        "true" | "1" | "t" | "yes" | "on" => Ok(true),
        "false" | "0" | "f" | "no" | "off" => Ok(false),
        _ => Err(Wrong::new(format!("{} is not a switch", quoted(raw)), "write `true` or `false`")),
    }
}

/// A switch of OpenTelemetry's, which only `true` turns on.
pub(super) fn strict_switch(raw: &str) -> Result<bool, Wrong> {
    match raw.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Wrong::new(
            format!("{} is neither `true` nor `false`", quoted(raw)),
            "only `true` turns it on",
        )),
    }
}

/// A word out of a few.
pub(super) fn one_of(raw: &str, words: &[&'static str]) -> Result<&'static str, Wrong> {
    let known = words.iter().find(|word| word.eq_ignore_ascii_case(raw));
    known.copied().ok_or_else(|| {
        Wrong::new(
            format!("{} is not known", quoted(raw)),
            format!("write one of {}", words.join(", ")),
        )
    })
}

/// A whole number within bounds; `parse` alone would take `+1` too.
pub(super) fn number<N>(raw: &str, bounds: &RangeInclusive<N>) -> Result<N, Wrong>
where
    N: FromStr + PartialOrd + Display,
{
    let number = raw.bytes().all(|byte| byte.is_ascii_digit()).then(|| raw.parse().ok()).flatten();
    within(number, bounds).ok_or_else(|| {
        let found = format!("{} is not a number within bounds", quoted(raw));
        Wrong::new(found, format!("write {} to {}", bounds.start(), bounds.end()))
    })
}

/// A number from code.
pub(super) fn bounded_number<N>(number: N, bounds: &RangeInclusive<N>) -> Result<N, Wrong>
where
    N: Copy + PartialOrd + Display,
{
    within(Some(number), bounds).ok_or_else(|| {
        let found = format!("{number} is out of bounds");
        Wrong::new(found, format!("take {} to {}", bounds.start(), bounds.end()))
    })
}

/// A time in milliseconds.
pub(super) fn millis(raw: &str, bounds: &RangeInclusive<Duration>) -> Result<Duration, Wrong> {
    let in_millis = |bound: &Duration| u64::try_from(bound.as_millis()).unwrap_or(u64::MAX);
    let bounds = in_millis(bounds.start())..=in_millis(bounds.end());
    let in_milliseconds =
        |Wrong { found, wanted }| Wrong { found, wanted: format!("{wanted}, in milliseconds") };
    number(raw, &bounds).map(Duration::from_millis).map_err(in_milliseconds)
}

/// A time from code.
pub(super) fn bounded_time(
    time: Duration,
    bounds: &RangeInclusive<Duration>,
) -> Result<Duration, Wrong> {
    within(Some(time), bounds).ok_or_else(|| {
        let found = format!("{time:?} is out of bounds");
        Wrong::new(found, format!("take {:?} to {:?}", bounds.start(), bounds.end()))
    })
}

fn within<N: PartialOrd>(number: Option<N>, bounds: &RangeInclusive<N>) -> Option<N> {
    number.filter(|number| bounds.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_bounded_and_one_line() {
        assert_eq!(text(" upload "), Ok("upload".into()));
        assert_eq!(text(&"é".repeat(200)).unwrap().chars().count(), 200);
        for wrong in ["", " \t\n", "a\nb", "a\u{2028}b", "\0x", &"é".repeat(201)] {
            let Wrong { found, .. } = text(wrong).unwrap_err();
            assert!(!found.contains('\n'), "{found}");
        }
    }

    #[test]
    fn keys_are_shorter_and_name_no_secret() {
        let policy = Policy::shared_default();
        assert_eq!(key("team", &policy), Ok("team".into()));
        assert!(key("db.password", &policy).unwrap_err().found.contains("secret"));
        assert!(key(&"k".repeat(MAX_KEY_CHARS + 1), &policy).is_err());
    }

    #[test]
    fn switches_take_the_usual_words() {
        assert_eq!([switch("TRUE"), switch("1"), switch("yes")], [Ok(true), Ok(true), Ok(true)]);
        assert_eq!(
            [switch("False"), switch("0"), switch("off")],
            [Ok(false), Ok(false), Ok(false)]
        );
        assert!(switch("maybe").is_err());
        assert_eq!(strict_switch("True"), Ok(true));
        assert!(strict_switch("1").is_err());
    }

    #[test]
    fn words_are_found_in_any_case() {
        assert_eq!(one_of("LOW", &["none", "low"]), Ok("low"));
        assert!(one_of("lo", &["none", "low"]).unwrap_err().wanted.contains("none, low"));
    }

    #[test]
    fn numbers_are_digits_within_bounds() {
        assert_eq!([number("1", &(1..=3)), number("003", &(1..=3))], [Ok(1), Ok(3)]);
        for raw in ["0", "4", "", "+1", "-1", "1.0", "1e0", " 1", "99999999999999999999999999"] {
            let Wrong { found, wanted } = number(raw, &(1_u32..=3)).unwrap_err();
            assert_eq!(found, format!("`{}` is not a number within bounds", raw.trim()));
            assert_eq!(wanted, "write 1 to 3");
        }
        assert!(bounded_number(f64::NAN, &(0.0..=1.0)).is_err());
    }

    #[test]
    fn times_in_variables_are_milliseconds() {
        let bounds = Duration::from_millis(1)..=Duration::from_secs(2);
        assert_eq!(millis("2000", &bounds), Ok(Duration::from_secs(2)));
        assert_eq!(millis("2001", &bounds).unwrap_err().wanted, "write 1 to 2000, in milliseconds");
        assert!(millis("1s", &bounds).is_err());
        assert!(bounded_time(Duration::from_micros(999), &bounds).is_err());
    }
}
