//! The workflow that code is part of, as it goes along with a context.

use crate::money::Cost;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many kinds of items a workflow tells apart; further ones are not counted.
pub const MAX_ITEM_KINDS: usize = 8;

/// The workflow that some code is part of: a cheap clone, for tasks and threads that say what they did for
/// it. [`workflow::current`](crate::workflow::current) finds it.
///
/// What is said after the workflow's end is not shown any more, but still counts in the workflows around
/// it.
///
/// # Examples
///
/// ```
/// use lightship::llm::Cost;
/// use lightship::workflow;
///
/// let report = workflow::start("medical_report");
/// let current = workflow::current().unwrap();
/// let section = std::thread::spawn(move || {
///     current.add_llm(Cost::from_usd(0.002), 1_200, 350);
///     current.add_sections(1);
/// });
/// section.join().unwrap();
/// assert_eq!(report.llm().cost.to_string(), "$0.002");
/// # report.succeed();
/// ```
#[derive(Clone)]
pub struct Current(Arc<Running>);

struct Running {
    name: Cow<'static, str>,
    /// The workflow that this one is part of.
    around: Option<Current>,
    calls: AtomicU64,
    unpriced: AtomicU64,
    tokens: AtomicU64,
    input: AtomicU64,
    output: AtomicU64,
    pico_usd: AtomicU64,
    progress: Mutex<Progress>,
}

/// What a workflow says of its results.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    pub(crate) sections: Option<u64>,
    pub(crate) items: Vec<(&'static str, u64)>,
}

/// What the calls to language models within a workflow came to, see
/// [`Current::llm`](crate::workflow::Current::llm).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LlmTotals {
    /// How many calls there were.
    pub calls: u64,
    /// How many of them have no known cost; it is missing in `cost` then.
    pub unpriced_calls: u64,
    /// All tokens, those among them of which nobody said whether they went in or came out.
    pub tokens: u64,
    /// Tokens that went in, those of caches among them.
    pub input_tokens: u64,
    /// Tokens that came out, those of reasoning among them.
    pub output_tokens: u64,
    /// What the calls of known cost came to, an estimate.
    pub cost: Cost,
}

impl Current {
    /// A workflow within this one, if there is one.
    pub(crate) fn begin(name: Cow<'static, str>, around: Option<Current>) -> Self {
        Current(Arc::new(Running {
            name,
            around,
            calls: AtomicU64::new(0),
            unpriced: AtomicU64::new(0),
            tokens: AtomicU64::new(0),
            input: AtomicU64::new(0),
            output: AtomicU64::new(0),
            pico_usd: AtomicU64::new(0),
            progress: Mutex::default(),
        }))
    }

    /// The workflow's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Adds a call to a language model: its cost, none if that is not known, and its tokens. It counts
    /// once in this workflow, and once in each of those around it.
    ///
    /// Calls made with [`llm`](crate::llm) do so themselves. Takes a few atomic additions for each workflow;
    /// sums stay where they can't grow any more.
    pub fn add_llm(&self, cost: Option<Cost>, input_tokens: u64, output_tokens: u64) {
        for Current(running) in self.chain() {
            add(&running.calls, 1);
            add(&running.tokens, input_tokens.saturating_add(output_tokens));
            add(&running.input, input_tokens);
            add(&running.output, output_tokens);
            match cost {
                Some(cost) => add(&running.pico_usd, cost.pico_usd()),
                None => add(&running.unpriced, 1),
            }
        }
    }

    /// The same for a call of which only all tokens together are known.
    pub(crate) fn add_priced(&self, cost: Cost, tokens: u64) {
        for Current(running) in self.chain() {
            add(&running.calls, 1);
            add(&running.tokens, tokens);
            add(&running.pico_usd, cost.pico_usd());
        }
    }

    /// Adds so many sections to those that the workflow made; takes a short lock.
    pub fn add_sections(&self, sections: u64) {
        let mut progress = self.progress();
        let total = progress.sections.unwrap_or(0).saturating_add(sections);
        progress.sections = Some(total);
    }

    /// Adds so many items of a kind, such as `"biomarkers"`, to those that the workflow went through; takes a
    /// short lock. Eight kinds are told apart, further ones are left out.
    pub fn add_items(&self, kind: &'static str, items: u64) {
        self.update_items(kind, |total| total.saturating_add(items));
    }

    /// What its calls to language models came to up to now, those of workflows within it among them.
    #[must_use]
    pub fn llm(&self) -> LlmTotals {
        let Running { calls, unpriced, tokens, input, output, pico_usd, .. } = &*self.0;
        let read = |total: &AtomicU64| total.load(Ordering::Relaxed);
        LlmTotals {
            calls: read(calls),
            unpriced_calls: read(unpriced),
            tokens: read(tokens),
            input_tokens: read(input),
            output_tokens: read(output),
            cost: Cost::from_pico_usd(read(pico_usd)),
        }
    }

    /// This workflow, then those around it, the nearest first.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &Current> {
        std::iter::successors(Some(self), |Current(running)| running.around.as_ref())
    }

    pub(crate) fn set_sections(&self, sections: u64) {
        self.progress().sections = Some(sections);
    }

    pub(crate) fn set_items(&self, kind: &'static str, items: u64) {
        self.update_items(kind, |_| items);
    }

    /// What was said of its results.
    pub(crate) fn results(&self) -> Progress {
        self.progress().clone()
    }

    fn update_items(&self, kind: &'static str, update: impl FnOnce(u64) -> u64) {
        let mut progress = self.progress();
        let items = &mut progress.items;
        match items.iter().position(|(known, _)| *known == kind) {
            Some(at) => items[at].1 = update(items[at].1),
            None if items.len() < MAX_ITEM_KINDS => items.push((kind, update(0))),
            None => {}
        }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.0.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Current").field(&self.name()).finish()
    }
}

/// One after the other, for a chain of many would go as deep as it is long.
impl Drop for Running {
    fn drop(&mut self) {
        let mut next = self.around.take();
        while let Some(Current(running)) = next {
            next = Arc::into_inner(running).and_then(|mut last| last.around.take());
        }
    }
}

fn add(total: &AtomicU64, more: u64) {
    let sum = |total: u64| Some(total.saturating_add(more));
    // What always has a sum is always updated.
    let _ = total.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum);
}

thread_local! {
    /// What the thread is part of, the innermost last. A place says that there is none where work from
    /// outside of any workflow runs within one. By id, for guards may end in any order.
    static PLACES: RefCell<Vec<(u64, Option<Current>)>> = const { RefCell::new(Vec::new()) };
    static NEXT_ID: Cell<u64> = const { Cell::new(0) };
}

/// The workflow that the running code is part of.
pub(crate) fn current() -> Option<Current> {
    let innermost = |places: &RefCell<Vec<(u64, Option<Current>)>>| {
        places.borrow().last().and_then(|(_, workflow)| workflow.clone())
    };
    PLACES.try_with(innermost).ok().flatten()
}

fn is_outside() -> bool {
    PLACES
        .try_with(|places| places.borrow().last().is_none_or(|(_, one)| one.is_none()))
        .unwrap_or(true)
}

/// The thread's being part of a workflow, or of none, until it is dropped.
#[derive(Debug)]
#[doc(hidden)]
pub struct Place {
    id: u64,
    /// It is of this thread.
    _not_send: PhantomData<*const ()>,
}

impl Place {
    pub(crate) fn enter(workflow: Option<Current>) -> Self {
        let id = NEXT_ID.get();
        NEXT_ID.set(id.wrapping_add(1));
        // In a thread that is being torn down there is no workflow.
        let _ = PLACES.try_with(|places| places.borrow_mut().push((id, workflow)));
        Place { id, _not_send: PhantomData }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let left = PLACES.try_with(|places| {
            let mut places = places.borrow_mut();
            let at = places.iter().rposition(|(id, _)| *id == self.id);
            at.map(|at| places.remove(at))
        });
        // Not before the places can be looked at again.
        drop(left);
    }
}

/// What a context has of it.
#[derive(Debug, Clone)]
pub(super) enum Carried {
    /// Wherever the work goes, that place's workflow is its.
    Nothing,
    This(Option<Current>),
}

impl Carried {
    pub(super) fn current() -> Self {
        Carried::This(current())
    }

    /// Runs `body` as a part of it, on this thread.
    pub(super) fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        match self {
            Carried::Nothing => body(),
            Carried::This(None) if is_outside() => body(),
            Carried::This(workflow) => {
                let _place = Place::enter(workflow.clone());
                body()
            }
        }
    }
}
