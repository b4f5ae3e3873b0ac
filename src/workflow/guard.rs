//! Workflows as values: they end when they are told to, or when they are dropped.

use super::run::{Ending, Run};
use crate::context::{Context, Current, LlmTotals, Place, Scoped};
use crate::tag::TagRef;
use std::borrow::Cow;
use std::ops::Deref;
use tracing::Span;
use tracing::span::EnteredSpan;

/// A workflow that runs, whatever thread it is on. Code is part of it within
/// [`in_scope`](Self::in_scope), [`wrap`](Self::wrap), and as long as it is [`entered`](Self::entered).
///
/// One that is dropped without having ended counts as `cancelled`, or as `panic` where that is why. A
/// workflow that is started within another one is a part of that.
///
/// # Examples
///
/// ```
/// use lightship::workflow::Workflow;
///
/// async fn make_report() -> u64 {
///     let report = Workflow::new("medical_report");
///     let sections = report.wrap(write_sections()).await;
///     report.sections(sections);
///     report.succeed();
///     sections
/// }
///
/// async fn write_sections() -> u64 {
///     let section = lightship::spawn(async { 1 }); // a part of it, too
///     section.await.unwrap_or(0)
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let (_, seen) = lightship::testing::capture_async(make_report()).await;
/// # assert_eq!(seen.counter_total("workflow_executions"), 1);
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a workflow that is not kept counts as cancelled at once"]
pub struct Workflow {
    run: Run,
    ended: bool,
    /// Made while the thread panicked already, as destructors may: then a panic can't be told.
    in_panic: bool,
}

impl Workflow {
    /// Starts a workflow; the name is one of a few, for it is a tag.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Workflow { run: Run::start(name.into()), ended: false, in_panic: std::thread::panicking() }
    }

    /// Makes the running code, on this thread, a part of it until it ends; see
    /// [`start`](super::start).
    pub fn entered(self) -> Entered {
        let (place, span) = (self.run.enter(), self.run.span.clone().entered());
        Entered { workflow: self, _span: span, _place: place }
    }

    /// Runs a part of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use lightship::workflow::{self, Workflow};
    ///
    /// let report = Workflow::new("medical_report");
    /// report.in_scope(|| assert!(workflow::current().is_some()));
    /// assert!(workflow::current().is_none());
    /// # report.succeed();
    /// ```
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        let _place = self.run.enter();
        self.run.span.in_scope(body)
    }

    /// Lets a future run as a part of it, on whatever thread it is polled.
    pub fn wrap<F: Future>(&self, future: F) -> Scoped<F> {
        Context::of_workflow(self.run.current.clone(), self.run.span.clone()).wrap(future)
    }

    /// Its span, `invoke_workflow {name}`.
    pub fn span(&self) -> &Span {
        &self.run.span
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.run.current.name()
    }

    /// For tasks and threads of its own making, see [`Current`].
    #[must_use]
    pub fn current(&self) -> Current {
        self.run.current.clone()
    }

    /// How many sections it made: metric `{service}.sections_generated`. What was said last counts;
    /// [`add_sections`](Self::add_sections) adds to it.
    pub fn sections(&self, sections: u64) {
        self.run.current.set_sections(sections);
    }

    /// Adds so many sections to those that it made.
    pub fn add_sections(&self, sections: u64) {
        self.run.current.add_sections(sections);
    }

    /// How many items of a kind, such as `"biomarkers"`, it went through: metric
    /// `{service}.biomarkers_processed`. What was said last counts; eight kinds are told apart, further ones
    /// are left out.
    pub fn items(&self, kind: &'static str, items: u64) {
        self.run.current.set_items(kind, items);
    }

    /// Adds so many items of a kind to those that it went through.
    pub fn add_items(&self, kind: &'static str, items: u64) {
        self.run.current.add_items(kind, items);
    }

    /// What its calls to language models came to up to now.
    #[must_use]
    pub fn llm(&self) -> LlmTotals {
        self.run.current.llm()
    }

    /// Ends it well.
    pub fn succeed(mut self) {
        self.end(Ending::Succeeded);
    }

    /// Ends it badly, for a reason out of a few: what [`ErrorType`](crate::ErrorType) has, never an error's
    /// message. More than a hundred different ones become `_other`.
    ///
    /// # Examples
    ///
    /// ```
    /// # lightship::testing::capture(|| {
    /// let report = lightship::workflow::start("medical_report");
    /// report.fail("no_biomarkers");
    /// # });
    /// ```
    pub fn fail(mut self, error_type: &str) {
        self.end(Ending::Failed(TagRef::text(error_type)));
    }

    fn end(&mut self, ending: Ending<'_>) {
        if !std::mem::replace(&mut self.ended, true) {
            self.run.measure(ending);
            self.run.tell_ending(ending);
        }
    }
}

impl Drop for Workflow {
    fn drop(&mut self) {
        let panics = std::thread::panicking() && !self.in_panic;
        self.end(if panics { Ending::Panicked } else { Ending::Cancelled });
    }
}

/// A workflow that the thread's code is part of, made by [`start`](super::start); it has all that a
/// [`Workflow`] has.
///
/// # Examples
///
/// ```
/// # lightship::testing::capture(|| {
/// let report = lightship::workflow::start("medical_report");
/// report.add_sections(1);
/// report.succeed();
/// # });
/// ```
#[derive(Debug)]
#[must_use = "a workflow that is not kept counts as cancelled at once"]
pub struct Entered {
    // Ends first: what it records belongs into its span.
    workflow: Workflow,
    _span: EnteredSpan,
    _place: Place,
}

impl Entered {
    /// Ends it well, see [`Workflow::succeed`].
    pub fn succeed(mut self) {
        self.workflow.end(Ending::Succeeded);
    }

    /// Ends it badly, see [`Workflow::fail`].
    pub fn fail(mut self, error_type: &str) {
        self.workflow.end(Ending::Failed(TagRef::text(error_type)));
    }
}

impl Deref for Entered {
    type Target = Workflow;

    fn deref(&self) -> &Workflow {
        &self.workflow
    }
}
