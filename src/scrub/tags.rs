//! Tags of a series: what may be registered at all.

use super::policy::{BEYOND_CUT, REDACTED_TAG};
use super::{MAX_TAG_CHARS, Policy, Sink, clean, cut};
use crate::status::{DropReason, Drops};
use crate::tag::RawTag;
use std::borrow::Cow;

/// Tags that passed the policy and the guard: sorted by key, one value a key, bounded, free of control
/// characters. Only [`Candidates`] become these, so an unscrubbed series does not compile.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct ScrubbedTags(Box<[ScrubbedTag]>);

/// One tag of [`ScrubbedTags`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ScrubbedTag {
    key: Box<str>,
    value: Box<str>,
}

/// Tags that passed the policy alone: their values may still count against their keys' limits. Only
/// [`candidates`] makes them.
#[derive(Debug)]
pub(crate) struct Candidates(Vec<Candidate>);

#[derive(Debug)]
struct Candidate {
    tag: ScrubbedTag,
    bounded: bool,
}

impl ScrubbedTag {
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn value(&self) -> &str {
        &self.value
    }
}

impl ScrubbedTags {
    /// The mark of a metric's overflow series.
    pub(crate) fn overflow() -> Self {
        let tag = ScrubbedTag { key: "lightship_overflow".into(), value: "true".into() };
        ScrubbedTags(Box::new([tag]))
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|tag| (&*tag.key, &*tag.value))
    }
}

impl Candidates {
    /// The tags of a series. `guard` sees each value that is not bounded by the program's own text, and
    /// may have another one take its place.
    pub(crate) fn guarded(
        self,
        mut guard: impl FnMut(&ScrubbedTag) -> Option<&'static str>,
    ) -> ScrubbedTags {
        let tags = self.0.into_iter().map(|Candidate { mut tag, bounded }| {
            if let Some(other) = (!bounded).then(|| guard(&tag)).flatten() {
                tag.value = other.into();
            }
            tag
        });
        ScrubbedTags(tags.collect())
    }
}

/// Scrubs the tags of one series. Asks the user's detectors, which may take their time: no lock may be
/// held.
pub(crate) fn candidates<'a>(
    raw: impl Iterator<Item = RawTag<'a>>,
    policy: &Policy,
    drops: &Drops,
) -> Candidates {
    let mut candidates: Vec<Candidate> =
        raw.filter_map(|tag| candidate(tag, policy, drops)).collect();
    // Stable, so that of two tags with one key the first written wins.
    candidates.sort_by(|a, b| a.tag.key.cmp(&b.tag.key));
    let before = candidates.len();
    candidates.dedup_by(|later, earlier| later.tag.key == earlier.tag.key);
    drops.add(DropReason::TagDuplicate, (before - candidates.len()) as u64);
    Candidates(candidates)
}

/// Scrubs tags that no limit is for.
pub(crate) fn tags<'a>(
    raw: impl Iterator<Item = RawTag<'a>>,
    policy: &Policy,
    drops: &Drops,
) -> ScrubbedTags {
    candidates(raw, policy, drops).guarded(|_| None)
}

fn candidate(raw: RawTag<'_>, policy: &Policy, drops: &Drops) -> Option<Candidate> {
    // Judged before it is cut.
    let whole_key = clean(raw.key.trim(), MAX_TAG_CHARS / 2 + BEYOND_CUT);
    let key = cut(&whole_key, MAX_TAG_CHARS / 2);
    if key.is_empty() {
        drops.add(DropReason::TagChanged, 1);
        return None;
    }
    let rendered = raw.value.render();
    let room = MAX_TAG_CHARS - key.chars().count() - 1;
    let denied = || drops.add(DropReason::TagDenied, 1);
    if !policy.is_key_clean(&whole_key, Sink::Metrics) {
        denied();
        return None;
    }
    let made = raw.value.made();
    let scrubbed = match made {
        None => policy.tag_value(&whole_key, &rendered, room),
        Some(made) => policy.made_tag(&whole_key, made, room),
    };
    let Some(scrubbed) = scrubbed else {
        denied();
        return None;
    };
    let value = match clean(&scrubbed, room) {
        Cow::Borrowed(value) => Cow::Borrowed(value),
        // What stood between the parts of something hid it from the detectors.
        Cow::Owned(_) => {
            let shown = clean(&rendered, room + BEYOND_CUT);
            let judged = match made {
                None => policy.tag_value(&whole_key, &shown, room),
                Some(made) => policy.made_tag(&whole_key, made.with_text(&shown), room),
            };
            let Some(judged) = judged else {
                denied();
                return None;
            };
            Cow::Owned(judged.into_owned())
        }
    };
    // What was made to be something else is not changed by being it.
    let changed = key != raw.key || (value != rendered && made.is_none());
    drops.add(DropReason::TagChanged, u64::from(changed));
    // Of what is no longer there, there is but one.
    let bounded = raw.is_bounded() || value == REDACTED_TAG;
    Some(Candidate { tag: ScrubbedTag { key: key.into(), value: value.into() }, bounded })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::{Detector, Redaction};
    use crate::tag::TagValue;

    fn scrub(raw: &[(&str, &str)]) -> (ScrubbedTags, Drops) {
        let drops = Drops::new();
        let raw =
            raw.iter().map(|(key, value)| RawTag { key, value: value.tag_ref(), literal: false });
        let tags = tags(raw, &Policy::shared_default(), &drops);
        (tags, drops)
    }

    fn pairs(tags: &ScrubbedTags) -> Vec<(&str, &str)> {
        tags.iter().collect()
    }

    #[test]
    fn tags_are_sorted_and_the_first_of_a_key_wins() {
        let (tags, drops) = scrub(&[("b", "1"), ("a", "2"), ("b", "3")]);
        assert_eq!(pairs(&tags), [("a", "2"), ("b", "1")]);
        assert_eq!(drops.get(DropReason::TagDuplicate), 1);
    }

    #[test]
    fn a_password_never_gets_in() {
        let (tags, drops) = scrub(&[("db.password", "hunter2"), ("apiKey", "x"), ("route", "/a")]);
        assert_eq!(pairs(&tags), [("route", "/a")]);
        assert_eq!(drops.get(DropReason::TagDenied), 2);
    }

    #[test]
    fn hostile_text_is_cut_and_cleaned_and_counted() {
        let long = "é".repeat(10_000);
        let (tags, drops) = scrub(&[("k\ney", "a\r\nb"), ("long", &long), ("", "x")]);
        let tags = pairs(&tags);
        assert_eq!(tags[0], ("k_ey", "a__b"));
        assert_eq!(tags[1].1.chars().count(), MAX_TAG_CHARS - "long:".len());
        assert_eq!(tags.len(), 2);
        assert_eq!(drops.get(DropReason::TagChanged), 3);
    }

    #[test]
    fn the_guard_sees_dynamic_values_alone() {
        let raw = [
            RawTag { key: "a", value: "1".tag_ref(), literal: true },
            RawTag { key: "b", value: "2".tag_ref(), literal: false },
        ];
        let tags = candidates(raw.into_iter(), &Policy::shared_default(), &Drops::new());
        assert_eq!(pairs(&tags.guarded(|_| Some("_other"))), [("a", "1"), ("b", "_other")]);
    }

    #[test]
    fn what_is_found_takes_the_whole_value_or_the_whole_tag() {
        let staff = Detector::prefixed("staff", "staff_", 4);
        let policy = Redaction::default().detector(staff).compile(None);
        let drops = Drops::new();
        let long = format!("{}.staff_0001", "k".repeat(MAX_TAG_CHARS / 2 - 3));
        let raw = [
            ("who", "of staff_0001"),
            ("of.staff_0001", "1"),
            (&long, "1"),
            // What stands between its parts would only be replaced afterwards.
            ("hidden", "of staff\u{1}0001"),
            ("ok", "x"),
        ];
        let raw = raw.map(|(key, value)| RawTag { key, value: value.tag_ref(), literal: false });
        let tags = candidates(raw.into_iter(), &policy, &drops);
        // Neither is the replacement one of many values.
        let tags = tags.guarded(|tag| (tag.key() == "who").then_some("_other"));
        assert_eq!(pairs(&tags), [("hidden", "redacted"), ("ok", "x"), ("who", "redacted")]);
        assert_eq!(drops.get(DropReason::TagDenied), 2);
        assert_eq!(policy.redactions(), [("staff", "metrics", 4)]);
    }
}
