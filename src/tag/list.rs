//! Tags that are put together where what is known differs from time to time.

use super::{RawTag, TagRef};

/// No more are taken; no metric of ours has as many.
const MOST: usize = 9;

/// A few tags, which allocate nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TagList<'t> {
    tags: [RawTag<'t>; MOST],
    count: usize,
}

impl Default for TagList<'_> {
    fn default() -> Self {
        TagList { tags: [RawTag::new("", "", true); MOST], count: 0 }
    }
}

impl<'t> TagList<'t> {
    /// Adds a tag, if there is a value.
    pub(crate) fn add(&mut self, key: &'static str, value: Option<TagRef<'t>>) {
        if let (Some(value), Some(tag)) = (value, self.tags.get_mut(self.count)) {
            *tag = RawTag { key, value, literal: false };
            self.count += 1;
        }
    }

    pub(crate) fn as_slice(&self) -> &[RawTag<'t>] {
        self.tags.get(..self.count).unwrap_or_default()
    }
}
