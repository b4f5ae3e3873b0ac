//! Which registry a call site writes to: the scope's that it runs in, else the installed one.

use super::registry::Registry;
#[cfg(any(feature = "http", feature = "llm"))]
use crate::scrub::Policy;
use crate::status::DropReason;
use std::cell::RefCell;
#[cfg(feature = "llm")]
use std::sync::Weak;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tracing::dispatcher::{self, Dispatch};

/// The generation whose cells a call site may write to without asking: the installed registry's,
/// and 0 while there is none or while any scope is active.
static LIVE: AtomicU32 = AtomicU32::new(0);
/// Whether there is nobody at all to write to.
static NOTHING: AtomicBool = AtomicBool::new(true);
static STATE: Mutex<State> = Mutex::new(State { installed: None, scopes: 0 });

struct State {
    installed: Option<Arc<Registry>>,
    scopes: usize,
}

thread_local! {
    static SCOPE: RefCell<Option<Scope>> = const { RefCell::new(None) };
}

/// Where what a piece of code records goes, in place of what is installed.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    pub(crate) registry: Arc<Registry>,
    /// For spans and events.
    pub(crate) dispatch: Dispatch,
}

/// Whether a cell of this generation is the one to write to, without looking any further.
#[inline(always)]
pub(super) fn is_live(generation: u32) -> bool {
    generation == LIVE.load(Ordering::Relaxed)
}

/// Whether there is neither an installed registry nor a scope anywhere.
#[inline(always)]
pub(crate) fn nothing_installed() -> bool {
    NOTHING.load(Ordering::Relaxed)
}

/// What is installed, for whoever does something once for each; the same for all scopes, and none
/// where there is nobody to write to.
#[cfg(feature = "http")]
pub(crate) fn generation() -> Option<u32> {
    (!nothing_installed()).then(|| LIVE.load(Ordering::Relaxed))
}

/// The rules of the telemetry that the running code belongs to, or the default ones.
#[cfg(any(feature = "http", feature = "llm"))]
pub(crate) fn policy() -> Arc<Policy> {
    let found = registry().map(|(registry, _)| Arc::clone(registry.policy()));
    found.unwrap_or_else(Policy::shared_default)
}

/// The registry to write to, and whether call sites may remember what they found there.
pub(super) fn registry() -> Option<(Arc<Registry>, Remember)> {
    if let Some(scope) = scope() {
        return Some((scope.registry, Remember::No));
    }
    let installed = State::lock().installed.clone();
    installed.map(|registry| (registry, Remember::Yes))
}

/// Counts what was not even recorded.
#[cfg(feature = "llm")]
pub(crate) fn count_dropped(reason: DropReason) {
    if let Some((registry, _)) = registry() {
        registry.drops().add(reason, 1);
    }
}

/// Writes a line to whom the telemetry of the running code tells of itself.
#[cfg(feature = "llm")]
pub(crate) fn notify(line: &str) {
    if let Some((registry, _)) = registry() {
        registry.notify(line);
    }
}

/// Has what `make` makes run before every reading of the registry that counts here and now, unless that was
/// done before under this name.
#[cfg(feature = "llm")]
pub(crate) fn before_reading_once<F: FnMut() + Send + 'static>(
    name: &'static str,
    make: impl FnOnce(Weak<Registry>) -> F,
) {
    if let Some((registry, _)) = registry()
        && registry.is_first(name)
    {
        registry.before_reading(make(Arc::downgrade(&registry)));
    }
}

/// Counts one call of a handle that there was no room to remember.
pub(super) fn count_lost_handle<C>() -> Option<&'static C> {
    if let Some((registry, _)) = registry() {
        registry.drops().add(DropReason::EarlyHandleLimit, 1);
    }
    None
}

/// Whether a call site may keep a cell for its next call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remember {
    Yes,
    No,
}

/// Makes `registry` the one that call sites write to.
pub(crate) fn install(registry: Arc<Registry>) {
    let mut state = State::lock();
    state.installed = Some(registry);
    state.publish();
}

/// Ends the installation of `registry`; what is recorded from now on is counted as `before_init`.
pub(crate) fn uninstall(registry: &Arc<Registry>) {
    let mut state = State::lock();
    if state.installed.as_ref().is_some_and(|installed| Arc::ptr_eq(installed, registry)) {
        state.installed = None;
        state.publish();
    }
}

/// The scope that the running code is in.
pub(crate) fn scope() -> Option<Scope> {
    SCOPE.try_with(|scope| scope.borrow().clone()).ok().flatten()
}

/// Runs `body` in a scope, on this thread.
pub(crate) fn with_scope<R>(scope: &Scope, body: impl FnOnce() -> R) -> R {
    let active = Active::new();
    with_active_scope(scope, &active, body)
}

/// The same for whoever comes again and again, and keeps the scope active in between.
pub(crate) fn with_active_scope<R>(scope: &Scope, _: &Active, body: impl FnOnce() -> R) -> R {
    let _entered = Entered::new(Some(scope.clone()));
    dispatcher::with_default(&scope.dispatch, body)
}

impl State {
    fn lock() -> MutexGuard<'static, State> {
        STATE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self) {
        let generation = match &self.installed {
            Some(registry) if self.scopes == 0 => registry.generation(),
            _ => 0,
        };
        LIVE.store(generation, Ordering::Relaxed);
        NOTHING.store(self.installed.is_none() && self.scopes == 0, Ordering::Relaxed);
    }
}

/// The same for metrics alone.
#[cfg(test)]
pub(crate) fn with_registry<R>(registry: &Arc<Registry>, body: impl FnOnce() -> R) -> R {
    let dispatch = dispatcher::get_default(Dispatch::clone);
    with_scope(&Scope { registry: Arc::clone(registry), dispatch }, body)
}

/// Sends all call sites the slow way for as long as it lives.
#[derive(Debug)]
pub(crate) struct Active;

impl Active {
    pub(crate) fn new() -> Self {
        let mut state = State::lock();
        state.scopes += 1;
        state.publish();
        Active
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        let mut state = State::lock();
        state.scopes -= 1;
        state.publish();
    }
}

/// Puts the thread's former scope back when dropped, also by a panic.
struct Entered(Option<Scope>);

impl Entered {
    fn new(scope: Option<Scope>) -> Self {
        Entered(SCOPE.with(|entered| entered.replace(scope)))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let former = self.0.take();
        let _ = SCOPE.try_with(|scope| scope.replace(former));
    }
}
