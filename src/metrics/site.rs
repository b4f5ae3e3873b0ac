//! Call sites: what a macro leaves behind in the program so that its next call is quick.

use super::cache;
use super::cells::{CounterCell, GaugeCell, HistogramCell, Leaked, SetCell};
use super::current::{self, Remember};
use super::early::Early;
use super::reading::Kind;
use super::registry::CellRef;
use crate::tag::{RawTag, TagHasher};
use std::sync::atomic::{AtomicU32, Ordering};

/// What a handle writes to.
pub trait Cell: Send + Sync + Sized + 'static {
    /// Stands for a cell that was not looked up yet; never written to.
    #[doc(hidden)]
    const DEAD: &'static Self;

    #[doc(hidden)]
    fn generation(&self) -> u32;

    #[doc(hidden)]
    fn of(cell: CellRef) -> &'static Self;
}

macro_rules! cells {
    ($($cell:ident: $variant:ident),*) => {
        $(impl Cell for $cell {
            const DEAD: &'static Self = $cell::DEAD;

            #[inline(always)]
            fn generation(&self) -> u32 {
                self.generation
            }

            fn of(cell: CellRef) -> &'static Self {
                match cell {
                    CellRef::$variant(cell) => cell,
                    // The registry answers with the kind that it was asked for.
                    _ => Self::DEAD,
                }
            }
        })*
    };
}

cells!(CounterCell: Counter, GaugeCell: Gauge, HistogramCell: Histogram, SetCell: Set);

/// What a handle points to.
#[derive(Debug)]
pub enum Target<C: Cell> {
    /// A cell: write.
    Live(&'static C),
    /// Nothing was installed when the handle was made; ask again.
    Site(&'static Site<C>),
    /// The same, for tags that were not literals.
    Early(&'static Early<C>),
    /// As before, but too many such handles were made: nothing is recorded.
    Lost,
}

impl<C: Cell> Clone for Target<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Cell> Copy for Target<C> {}

impl<C: Cell> Target<C> {
    /// The cell to write to; none while nothing is installed, which is counted.
    #[inline(always)]
    pub(crate) fn cell(self) -> Option<&'static C> {
        match self {
            Target::Live(cell) => Some(cell),
            _ => self.cell_late(),
        }
    }

    /// Out of line, so that the usual case stays one comparison; while nothing is installed this
    /// is all that a call costs, so it asks no lock.
    #[inline(never)]
    fn cell_late(self) -> Option<&'static C> {
        let found = match self {
            _ if current::nothing_installed() => None,
            Target::Live(cell) => Some(cell),
            Target::Site(site) => match site.target() {
                Target::Live(cell) => Some(cell),
                _ => None,
            },
            Target::Early(early) => early.cell(),
            Target::Lost => return current::count_lost_handle(),
        };
        if found.is_none() {
            CounterCell::count_before_init();
        }
        found
    }
}

/// A call site whose name and tags are all literals.
#[derive(Debug)]
pub struct Site<C: Cell> {
    cell: Leaked<C>,
    kind: Kind,
    name: &'static str,
    tags: &'static [(&'static str, &'static str)],
}

impl<C: Cell> Site<C> {
    #[doc(hidden)]
    pub const fn new(
        kind: Kind,
        name: &'static str,
        tags: &'static [(&'static str, &'static str)],
    ) -> Self {
        Site { cell: Leaked::new(C::DEAD), kind, name, tags }
    }

    /// The cell of this site, in the registry that counts here and now.
    #[inline(always)]
    pub fn target(&'static self) -> Target<C> {
        let cell = self.cell.get();
        match current::is_live(cell.generation()) {
            true => Target::Live(cell),
            // Asked here, for it is all that a call does as long as it is so.
            false if current::nothing_installed() => Target::Site(self),
            false => self.look_up(),
        }
    }

    #[cold]
    #[inline(never)]
    fn look_up(&'static self) -> Target<C> {
        let Some((registry, remember)) = current::registry() else { return Target::Site(self) };
        let known = self.cell.get();
        if remember == Remember::Yes && known.generation() == registry.generation() {
            return Target::Live(known);
        }
        let tags = self.tags.iter().map(|(key, value)| RawTag::new(key, *value, true));
        let cell = C::of(registry.resolve(self.kind, self.name, tags));
        if remember == Remember::Yes {
            self.cell.set(cell);
        }
        Target::Live(cell)
    }
}

/// A call site with a name or tags that are only known when it runs.
#[derive(Debug)]
pub struct DynamicSite {
    /// Which of a thread's caches belongs to this site; 0 until the first call.
    id: AtomicU32,
    kind: Kind,
}

static NEXT_SITE: AtomicU32 = AtomicU32::new(1);

impl DynamicSite {
    #[doc(hidden)]
    pub const fn new(kind: Kind) -> Self {
        DynamicSite { id: AtomicU32::new(0), kind }
    }

    /// For a site where the name and all keys are literals: values alone tell series apart.
    // Where it is inlined, the kinds of the values are known.
    #[inline(always)]
    pub fn by_values<C: Cell, const N: usize>(
        &'static self,
        name: &'static str,
        tags: &[RawTag<'_>; N],
    ) -> Target<C> {
        let mut hasher = TagHasher::new();
        for tag in tags {
            tag.feed_value(&mut hasher);
        }
        self.target(name, tags, hasher)
    }

    /// For a site where the name or a key is not a literal either.
    pub fn by_all<C: Cell>(&'static self, name: &str, tags: &[RawTag<'_>]) -> Target<C> {
        let mut hasher = TagHasher::new();
        hasher.write(name.as_bytes());
        for tag in tags {
            hasher.write(tag.key.as_bytes());
            tag.feed_value(&mut hasher);
        }
        self.target(name, tags, hasher)
    }

    /// The same for sites with a name each, whose series differ by nothing else: tags are looked at
    /// once.
    #[cfg(feature = "http")]
    pub(crate) fn several<C: Cell, const N: usize>(
        sites: [(&'static Self, &'static str); N],
        tags: &[RawTag<'_>],
    ) -> [Target<C>; N] {
        let mut hasher = TagHasher::new();
        for tag in tags {
            hasher.write(tag.key.as_bytes());
            tag.feed_value(&mut hasher);
        }
        sites.map(|(site, name)| site.target(name, tags, hasher))
    }

    #[inline(always)]
    fn target<C: Cell>(&self, name: &str, tags: &[RawTag<'_>], hasher: TagHasher) -> Target<C> {
        let hash = hasher.finish();
        match cache::get::<C>(self.id.load(Ordering::Relaxed), hash) {
            Some(cell) if current::is_live(cell.generation()) => Target::Live(cell),
            _ => self.look_up(name, tags, hash),
        }
    }

    #[cold]
    #[inline(never)]
    fn look_up<C: Cell>(
        &self,
        name: &str,
        tags: &[RawTag<'_>],
        hash: crate::tag::TagHash,
    ) -> Target<C> {
        let Some((registry, remember)) = current::registry() else {
            return Early::register(self.kind, name, tags);
        };
        let id = self.id();
        if remember == Remember::Yes
            && let Some(cell) = cache::get::<C>(id, hash)
            && cell.generation() == registry.generation()
        {
            return Target::Live(cell);
        }
        let cell = C::of(registry.resolve(self.kind, name, tags.iter().copied()));
        if remember == Remember::Yes {
            cache::put(id, hash, cell);
        }
        Target::Live(cell)
    }

    fn id(&self) -> u32 {
        let id = self.id.load(Ordering::Relaxed);
        if id != 0 {
            return id;
        }
        let new = NEXT_SITE.fetch_add(1, Ordering::Relaxed);
        match self.id.compare_exchange(0, new, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => new,
            Err(theirs) => theirs,
        }
    }
}

/// Whether the source text of an expression is a string literal: the macros ask at compile time,
/// for such a value can't take more values than the program has lines.
#[doc(hidden)]
pub const fn is_literal(source: &str) -> bool {
    let bytes = source.as_bytes();
    let end = bytes.len();
    if end < 2 || bytes[0] != b'"' || bytes[end - 1] != b'"' {
        return false;
    }
    let mut at = 1;
    while at < end - 1 {
        match bytes[at] {
            b'"' => return false,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at == end - 1
}

#[cfg(test)]
mod tests {
    use super::is_literal;

    #[test]
    fn literals_are_told_by_their_source() {
        for source in [r#""a""#, r#""""#, r#""a\"b""#, r#""\\""#] {
            assert!(is_literal(source), "{source}");
        }
        for source in ["a", r#""a".len()"#, r#""a" + "b""#, r#"concat!("a")"#, r#"""#, r#""\""#] {
            assert!(!is_literal(source), "{source}");
        }
    }
}
