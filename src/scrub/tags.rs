//! Tags of a series: what may be registered at all.

use super::{MAX_TAG_CHARS, Policy, clean};
use crate::status::{DropReason, Drops};
use crate::tag::RawTag;

/// Tags that passed the policy: sorted by key, one value a key, bounded, free of control
/// characters. Only [`tags`] makes them, so an unscrubbed series does not compile.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct ScrubbedTags(Box<[ScrubbedTag]>);

/// One tag of [`ScrubbedTags`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ScrubbedTag {
    key: Box<str>,
    value: Box<str>,
}

/// A scrubbed tag that may still count against its key's limit.
#[derive(Debug)]
pub(crate) struct Candidate {
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

/// Scrubs the tags of one series; `guard` may replace a value that is not bounded by the program's own text.
pub(crate) fn tags<'a>(
    raw: impl Iterator<Item = RawTag<'a>>,
    policy: &Policy,
    drops: &Drops,
    mut guard: impl FnMut(&ScrubbedTag) -> Option<&'static str>,
) -> ScrubbedTags {
    let mut candidates: Vec<Candidate> =
        raw.filter_map(|tag| candidate(tag, policy, drops)).collect();
    // Stable, so that of two tags with one key the first written wins.
    candidates.sort_by(|a, b| a.tag.key.cmp(&b.tag.key));
    let before = candidates.len();
    candidates.dedup_by(|later, earlier| later.tag.key == earlier.tag.key);
    drops.add(DropReason::TagDuplicate, (before - candidates.len()) as u64);
    let tags = candidates.into_iter().map(|Candidate { mut tag, bounded }| {
        if let Some(other) = (!bounded).then(|| guard(&tag)).flatten() {
            tag.value = other.into();
        }
        tag
    });
    ScrubbedTags(tags.collect())
}

fn candidate(raw: RawTag<'_>, policy: &Policy, drops: &Drops) -> Option<Candidate> {
    let key = clean(raw.key.trim(), MAX_TAG_CHARS / 2);
    if key.is_empty() {
        drops.add(DropReason::TagChanged, 1);
        return None;
    }
    let rendered = raw.value.render();
    let room = MAX_TAG_CHARS - key.chars().count() - 1;
    let scrubbed = match raw.value.made() {
        None => policy.tag_value(&key, &rendered, room),
        Some(made) => policy.made_tag(&key, made, room),
    };
    let Some(scrubbed) = scrubbed else {
        drops.add(DropReason::TagDenied, 1);
        return None;
    };
    let value = clean(&scrubbed, room);
    // What was made to be something else is not changed by being it.
    let changed = key != raw.key || (value != rendered && raw.value.made().is_none());
    drops.add(DropReason::TagChanged, u64::from(changed));
    let tag = ScrubbedTag { key: key.into(), value: value.into() };
    Some(Candidate { tag, bounded: raw.is_bounded() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::TagValue;

    fn scrub(raw: &[(&str, &str)]) -> (ScrubbedTags, Drops) {
        let drops = Drops::new();
        let raw =
            raw.iter().map(|(key, value)| RawTag { key, value: value.tag_ref(), literal: false });
        let tags = tags(raw, &Policy::shared_default(), &drops, |_| None);
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
        let tags =
            tags(raw.into_iter(), &Policy::shared_default(), &Drops::new(), |_| Some("_other"));
        assert_eq!(pairs(&tags), [("a", "1"), ("b", "_other")]);
    }
}
