//! What follows a piece of work to other tasks and threads: the instance it belongs to, its span, the
//! remote parent and the baggage that came with its request, and the workflow it is part of.

#[cfg_attr(not(feature = "otlp"), path = "around_off.rs")]
mod around;
mod attribute;
mod scoped;
#[cfg(all(test, feature = "otlp", feature = "testing"))]
mod tests;
#[cfg_attr(not(feature = "llm"), path = "workflow_off.rs")]
mod workflow;

pub(crate) use attribute::{Attribute, set_on};
pub use attribute::{AttributeValue, detail};
pub use scoped::Scoped;
#[cfg(feature = "llm")]
pub(crate) use workflow::current as current_workflow;
#[cfg(feature = "llm")]
pub use workflow::{Current, LlmTotals, MAX_ITEM_KINDS, Place};

use crate::metrics::current::{self, Scope};
use around::Around;
use tracing::Span;
use workflow::Carried;

/// Everything that follows a piece of work, to be handed to another task or thread.
///
/// Where the work goes through a channel, or to a thread pool such as rayon's, take the context where the
/// job is made and [`run`](Self::run) the job in it. For futures there are [`carry`], `spawn` and
/// `spawn_blocking`. Its span stays open for as long as a clone of it lives.
///
/// Taking one allocates nothing and costs about as much as cloning two `Arc`s.
///
/// # Examples
///
/// ```
/// use lightship::{Context, counter};
/// use std::sync::mpsc;
///
/// let (jobs, queue) = mpsc::channel::<(Context, u32)>();
/// let worker = std::thread::spawn(move || {
///     for (context, page) in queue {
///         context.run(|| {
///             let _span = tracing::info_span!("page.render", page).entered();
///             counter!("pages.rendered").increment(1);
///         });
///     }
/// });
///
/// let _report = tracing::info_span!("report").entered();
/// jobs.send((Context::current(), 7)).unwrap(); // a child of `report`, in its trace
/// # drop(jobs);
/// # worker.join().unwrap();
/// ```
///
/// With rayon it is the same:
///
/// ```text
/// let context = lightship::Context::current();
/// pages.par_iter().for_each(|page| context.run(|| render(page)));
/// ```
#[derive(Debug, Clone)]
pub struct Context {
    scope: Option<Scope>,
    /// `None` leaves things as they are wherever the work goes.
    work: Option<(Span, Around)>,
    workflow: Carried,
}

impl Context {
    /// The context of the running code.
    pub fn current() -> Self {
        let work = Some((Span::current(), Around::current()));
        Context { scope: current::scope(), work, workflow: Carried::current() }
    }

    /// A scope alone.
    pub(crate) fn of(scope: Scope) -> Self {
        Context { scope: Some(scope), work: None, workflow: Carried::Nothing }
    }

    /// That of the running code, but for the workflow and its span.
    #[cfg(feature = "llm")]
    pub(crate) fn of_workflow(workflow: Current, span: Span) -> Self {
        let work = Some((span, Around::current()));
        let workflow = Carried::This(Some(workflow));
        Context { scope: current::scope(), work, workflow }
    }

    /// Of work that came from elsewhere, with nothing in OpenTelemetry's context or with this one.
    #[cfg(feature = "http")]
    pub(crate) fn of_work(
        scope: Option<Scope>,
        span: Span,
        around: Option<opentelemetry::Context>,
    ) -> Self {
        let work = Some((span, Around::of(around)));
        Context { scope, work, workflow: Carried::Nothing }
    }

    /// The span, if there is work at all.
    #[cfg(feature = "http")]
    pub(crate) fn span(&self) -> Option<&Span> {
        self.work.as_ref().map(|(span, _)| span)
    }

    #[cfg(feature = "http")]
    pub(crate) fn is_scoped(&self) -> bool {
        self.scope.is_some()
    }

    /// Runs `body` in this context, on this thread.
    pub fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        match &self.scope {
            None => self.enter_work(body),
            Some(scope) => current::with_scope(scope, || self.enter_work(body)),
        }
    }

    fn enter_work<R>(&self, body: impl FnOnce() -> R) -> R {
        self.workflow.run(|| match &self.work {
            None => body(),
            Some((span, around)) => around.run(|| span.in_scope(body)),
        })
    }

    /// Lets a future run in this context, on whatever thread it is polled. It ends there, too: what
    /// its destructors record belongs to the context.
    pub fn wrap<F: Future>(self, future: F) -> Scoped<F> {
        Scoped::new(future, self)
    }
}

/// Lets a future that is handed to another task or thread go on in the [`Context`] of the one that hands
/// it over: its span, its trace, its baggage, its workflow, and the scope of a test or an instance.
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
    Context::current().wrap(future)
}

/// `tokio::spawn` for a future that stays in the caller's [`Context`], see [`carry`].
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

/// `tokio::task::spawn_blocking` for work that stays in the caller's [`Context`].
///
/// # Panics
///
/// Outside of a Tokio runtime, as `tokio::task::spawn_blocking` does.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let bytes = lightship::spawn_blocking(|| vec![0_u8; 16]).await.unwrap();
/// assert_eq!(bytes.len(), 16);
/// # }
/// ```
#[cfg(feature = "tokio")]
pub fn spawn_blocking<F, R>(work: F) -> tokio::task::JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let context = Context::current();
    tokio::task::spawn_blocking(move || context.run(work))
}
