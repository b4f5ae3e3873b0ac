//! What a subscriber serves right now. A process has one global subscriber for good, but one
//! `Telemetry` after the other, so what the subscriber does can be exchanged.

use super::active::Active;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// While nothing is served.
const NOTHING: u64 = 0;
/// Never the same for two switches or two settings of one, so that a thread needs no more than this
/// to know whether what it remembers is right.
static NEXT_GENERATION: AtomicU64 = AtomicU64::new(NOTHING + 1);

thread_local! {
    static REMEMBERED: RefCell<(u64, Option<Arc<Active>>)> = const { RefCell::new((NOTHING, None)) };
}

/// Holds an [`Active`], or nothing; a look at it costs no lock once a thread knows it.
#[derive(Debug, Default)]
pub(super) struct Switch {
    generation: AtomicU64,
    active: RwLock<Option<Arc<Active>>>,
}

impl Switch {
    pub(super) fn set(&self, active: Arc<Active>) {
        let mut held = self.active.write().unwrap_or_else(PoisonError::into_inner);
        self.put(&mut held, active);
    }

    /// Like `set`, where `from` is what is served.
    pub(super) fn exchange(&self, from: &Arc<Active>, to: Arc<Active>) {
        let mut held = self.active.write().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|held| Arc::ptr_eq(held, from)) {
            self.put(&mut held, to);
        }
    }

    fn put(&self, held: &mut Option<Arc<Active>>, active: Arc<Active>) {
        *held = Some(active);
        let generation = NEXT_GENERATION.fetch_add(1, Ordering::Relaxed);
        self.generation.store(generation, Ordering::Release);
    }

    /// Shows `body` what is served; none if nothing is. `body` may come here again.
    #[inline]
    pub(super) fn with<R>(&self, body: impl FnOnce(&Active) -> R) -> Option<R> {
        let generation = self.generation.load(Ordering::Acquire);
        if generation == NOTHING {
            return None;
        }
        let mut body = Some(body);
        let seen = REMEMBERED.try_with(|remembered| {
            let fresh =
                remembered.borrow().0 == generation || self.remember(remembered, generation);
            let remembered = remembered.borrow();
            match (fresh, &remembered.1, body.take()) {
                (true, Some(active), Some(body)) => Some(body(active)),
                (_, _, unused) => {
                    body = unused;
                    None
                }
            }
        });
        match seen {
            Ok(Some(result)) => Some(result),
            // The thread is ending, or `body` of an older generation is running on it.
            _ => self.held().zip(body).map(|(active, body)| body(&active)),
        }
    }

    /// Whether the thread could remember what is served.
    #[cold]
    fn remember(&self, remembered: &RefCell<(u64, Option<Arc<Active>>)>, generation: u64) -> bool {
        let active = self.held();
        let Ok(mut remembered) = remembered.try_borrow_mut() else { return false };
        let former = std::mem::replace(&mut *remembered, (generation, active));
        // Its drop may run foreign code.
        drop(remembered);
        drop(former);
        true
    }

    fn held(&self) -> Option<Arc<Active>> {
        self.active.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::SpansSettings;
    use crate::filter::Filter;
    use crate::status::Drops;
    use tracing::level_filters::LevelFilter;

    fn active(level: LevelFilter) -> Arc<Active> {
        let filter = Filter::at_least(level);
        static DROPS: Drops = Drops::new();
        let settings = SpansSettings { filter, ..SpansSettings::default() };
        Arc::new(Active::new(settings, None, None, &DROPS))
    }

    fn level(switch: &Switch) -> Option<LevelFilter> {
        switch.with(Active::max_level)
    }

    #[test]
    fn every_thread_sees_what_was_set_last() {
        let switch = Switch::default();
        assert_eq!(level(&switch), None);
        for one in [LevelFilter::INFO, LevelFilter::DEBUG] {
            switch.set(active(one));
            assert_eq!(level(&switch), Some(one));
            std::thread::scope(|threads| {
                threads.spawn(|| assert_eq!(level(&switch), Some(one)));
            });
        }
        let other = Switch::default();
        other.set(active(LevelFilter::WARN));
        assert_eq!((level(&switch), level(&other)).0, Some(LevelFilter::DEBUG));
        assert_eq!(level(&other), Some(LevelFilter::WARN));
    }

    #[test]
    fn who_looks_may_look_again_while_it_changes() {
        let switch = Switch::default();
        switch.set(active(LevelFilter::INFO));
        let inside = switch.with(|outer| {
            switch.set(active(LevelFilter::TRACE));
            (outer.max_level(), level(&switch), level(&switch))
        });
        let trace = Some(LevelFilter::TRACE);
        assert_eq!(inside, Some((LevelFilter::INFO, trace, trace)));
        assert_eq!(level(&switch), trace);
    }

    #[test]
    fn an_end_that_comes_late_ends_nothing_else() {
        let switch = Switch::default();
        let (first, second) = (active(LevelFilter::INFO), active(LevelFilter::WARN));
        switch.set(Arc::clone(&first));
        switch.set(second);
        switch.exchange(&first, active(LevelFilter::OFF));
        assert_eq!(level(&switch), Some(LevelFilter::WARN));
    }
}
