//! Handles with dynamic tags that are made before `install`: remembered, and resolved later.

use super::current;
use super::reading::Kind;
use super::site::{Cell, Target};
use crate::tag::{OwnedTag, RawTag, TagValue};
use std::any::Any;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

/// How many different handles with dynamic tags, made before `install`, start to work then; further
/// ones record nothing.
pub const MAX_EARLY: usize = 1_024;

/// A series that nobody could register yet.
#[derive(Debug)]
pub struct Early<C: Cell> {
    key: EarlyKey,
    cell: OnceLock<&'static C>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct EarlyKey {
    kind: Kind,
    name: String,
    /// Key, value, and whether the value is bounded.
    tags: Vec<(String, OwnedTag, bool)>,
}

/// What was asked for so far, so that asking again takes no more memory.
static KNOWN: LazyLock<Mutex<HashMap<EarlyKey, &'static (dyn Any + Send + Sync)>>> =
    LazyLock::new(Mutex::default);

impl<C: Cell> Early<C> {
    pub(super) fn register(kind: Kind, name: &str, tags: &[RawTag<'_>]) -> Target<C> {
        let tag =
            |tag: &RawTag<'_>| (tag.key.to_owned(), OwnedTag::of_ref(tag.value), tag.is_bounded());
        let key = EarlyKey { kind, name: name.to_owned(), tags: tags.iter().map(tag).collect() };
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let early = match known.get(&key) {
            Some(early) => *early,
            None if known.len() >= MAX_EARLY => return Target::Lost,
            None => {
                let early: &'static Early<C> =
                    Box::leak(Box::new(Early { key: key.clone(), cell: OnceLock::new() }));
                known.insert(key, early);
                early
            }
        };
        // The kind is part of the key, and each kind has one type of cell.
        early.downcast_ref::<Early<C>>().map_or(Target::Lost, Target::Early)
    }
}

impl<C: Cell> Early<C> {
    /// The cell, from the first time on that there is a registry to ask.
    pub(super) fn cell(&self) -> Option<&'static C> {
        if let Some(cell) = self.cell.get() {
            return Some(cell);
        }
        let (registry, _) = current::registry()?;
        let EarlyKey { kind, name, tags } = &self.key;
        let tags = tags.iter().map(|(key, value, literal)| RawTag {
            key,
            value: value.tag_ref(),
            literal: *literal,
        });
        let cell = C::of(registry.resolve(*kind, name, tags));
        Some(self.cell.get_or_init(|| cell))
    }
}

#[cfg(test)]
mod tests {
    use super::super::cells::CounterCell;
    use super::super::registry::Registry;
    use super::*;
    use crate::config::settings::MetricsSettings;
    use crate::status::{DropReason, Drops};

    #[test]
    fn a_handle_that_could_not_be_remembered_counts_its_calls() {
        static DROPS: Drops = Drops::new();
        let settings = MetricsSettings::default();
        let registry = Registry::new(&settings, &DROPS);
        current::with_registry(&registry, || {
            assert!(Target::<CounterCell>::Lost.cell().is_none());
            assert!(Target::<CounterCell>::Lost.cell().is_none());
        });
        assert_eq!(DROPS.get(DropReason::EarlyHandleLimit), 2);
    }
}
