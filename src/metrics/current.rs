//! Which registry a call site writes to: the scope's that it runs in, else the installed one.

use super::registry::Registry;
use crate::status::DropReason;
use std::cell::RefCell;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
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

/// The registry to write to, and whether call sites may remember what they found there.
pub(super) fn registry() -> Option<(Arc<Registry>, Remember)> {
    if let Some(scope) = scope() {
        return Some((scope.registry, Remember::No));
    }
    let installed = State::lock().installed.clone();
    installed.map(|registry| (registry, Remember::Yes))
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
    let _active = Active::new();
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
struct Active;

impl Active {
    fn new() -> Self {
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

/// A future that runs in a scope, on whatever thread it is polled.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Scoped<F> {
    // Pinned on the heap: a projection by hand would need `unsafe`, and a scope is no hot path.
    // Always there until dropped.
    future: Option<Pin<Box<F>>>,
    scope: Option<Scope>,
    _active: Option<Active>,
}

impl<F: Future> Scoped<F> {
    pub(crate) fn new(future: F, scope: Option<Scope>) -> Self {
        let active = scope.is_some().then(Active::new);
        Scoped { future: Some(Box::pin(future)), scope, _active: active }
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Scoped { future: Some(future), scope, .. } = &mut *self else { return Poll::Pending };
        let Some(scope) = scope else { return future.as_mut().poll(context) };
        let _entered = Entered::new(Some(scope.clone()));
        dispatcher::with_default(&scope.dispatch, || future.as_mut().poll(context))
    }
}

/// The future ends in its scope, too: a span that closes there closes its parents by way of the
/// thread's subscriber, and what a destructor records belongs to the scope.
impl<F> Drop for Scoped<F> {
    fn drop(&mut self) {
        let (future, scope) = (self.future.take(), self.scope.take());
        if let Some(scope) = scope {
            let _entered = Entered::new(Some(scope.clone()));
            dispatcher::with_default(&scope.dispatch, || drop(future));
        }
    }
}

/// Lets a future that is handed to another task or thread go on in the scope of the one that hands
/// it over.
///
/// Outside of any scope this is a box around the future and costs nothing more.
///
/// # Examples
///
/// ```
/// use lightship::{counter, testing};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (_, seen) = testing::capture_async(async {
///     let task = lightship::carry(async { counter!("jobs.done").increment(1) });
///     tokio::spawn(task).await.unwrap();
/// })
/// .await;
/// assert_eq!(seen.counter("jobs.done", &[]), 1);
/// # }
/// ```
pub fn carry<F: Future>(future: F) -> Scoped<F> {
    Scoped::new(future, scope())
}

/// `tokio::spawn` for a future that stays in the caller's scope, see [`carry`].
///
/// # Panics
///
/// Outside of a Tokio runtime, as `tokio::spawn` does.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let answer = lightship::spawn(async { 42 }).await.unwrap();
/// assert_eq!(answer, 42);
/// # }
/// ```
#[cfg(feature = "tokio")]
pub fn spawn<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(carry(future))
}
