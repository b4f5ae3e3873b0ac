//! Workflows: pieces of work with a name, of several calls to language models and what is between them,
//! such as the making of a report.
//!
//! A workflow has a span (`invoke_workflow {name}`, by OpenTelemetry's conventions for generative AI) and
//! metrics at its end. What the calls within it cost is summed up, once for each workflow: a workflow
//! within another counts in itself and in the one around it. That goes along into tasks and threads with
//! `lightship::spawn`, [`carry`](crate::carry) and [`Context`](crate::Context), as spans do.
//!
//! # Which form to take
//!
//! - [`macro@workflow`](macro@crate::workflow) on a function, sync or async: what it returns says how the
//!   workflow ended.
//! - [`start`], a guard for code that does not await.
//! - [`Workflow::new`], which may go from thread to thread, with [`Workflow::wrap`] for futures.
//!
//! # Metrics
//!
//! They are called after the service, here `{service}`; in a `testing::capture`, where nobody
//! gave it a name, they have no prefix.
//!
//! | metric | kind | tags |
//! |---|---|---|
//! | `{service}.workflow_executions` | counter | `workflow`, `success`, `error_type` |
//! | `{service}.workflow_execution_time` | histogram, milliseconds | the same |
//! | `{service}.sections_generated` | histogram | the same; if sections were told |
//! | `{service}.{items}_processed`, such as `biomarkers_processed` | histogram | the same; if items were told |
//! | `{service}.workflow_total_cost` | histogram, US dollars | `workflow`; if there were calls of known cost |
//! | `{service}.cost_per_section` | histogram, US dollars | `workflow`; if there were sections besides |
//!
//! `error_type` is there for workflows alone that did not succeed: what [`fail`](Workflow::fail) was given,
//! `cancelled` or `panic`. A workflow's total has those of workflows within it: sum over one `workflow`, not
//! over all of them. What everything cost is `{service}.llm_cost_usd`.
//!
//! # The span
//!
//! `gen_ai.operation.name`, `gen_ai.workflow.name`, and at the end `workflow.sections`, `workflow.items`,
//! `workflow.llm.calls`, `.unpriced_calls`, `.tokens`, `.input_tokens`, `.output_tokens`, `.cost_usd`, `outcome` and
//! `error.type`. None of the sums is named `gen_ai.usage.*`: backends that add those up over a trace would
//! count calls twice.
//!
//! # Costs
//!
//! Starting and ending one takes a span, its metrics and a few allocations. Where no workflow runs,
//! nothing is paid but a look at a number of the thread where a context is taken.

mod guard;
mod metrics;
mod run;
#[cfg(all(test, feature = "testing"))]
mod tests;
mod track;

pub use crate::context::{Current, LlmTotals};
pub use guard::{Entered, Workflow};
pub(crate) use metrics::LlmCost;
pub(crate) use run::{Ending, Run};
pub use track::{
    track_llm_cost, track_workflow_cost, track_workflow_cost_by_session, track_workflow_execution,
};

/// The bounds of workflows.
pub(crate) mod limits {
    pub use crate::context::MAX_ITEM_KINDS;
}

use crate::context;
use std::borrow::Cow;

/// Starts a workflow that the running code, on this thread, is part of until the guard ends.
///
/// The same as [`Workflow::new`] and [`entered`](Workflow::entered). The name is one of a few: it is a tag.
///
/// Like tracing's guard of an entered span, it must not be held over an `await` where other tasks run on
/// the same thread: they would be taken for parts of the workflow. It can't go to another thread, so most
/// executors refuse such a future. There, [`macro@workflow`](macro@crate::workflow) and [`Workflow::wrap`]
/// do the same.
///
/// # Examples
///
/// ```
/// use lightship::workflow;
///
/// fn make_report(patient: u32) -> Result<u64, std::fmt::Error> {
///     let report = workflow::start("medical_report");
///     report.items("biomarkers", 12);
///     let sections = write_sections(patient)?; // an early return counts as cancelled
///     report.sections(sections);
///     report.succeed();
///     Ok(sections)
/// }
/// # fn write_sections(_: u32) -> Result<u64, std::fmt::Error> { Ok(4) }
/// # let (_, seen) = lightship::testing::capture(|| make_report(1).unwrap());
/// # let tags = [("success", "true"), ("workflow", "medical_report")];
/// # assert_eq!(seen.counter("workflow_executions", &tags), 1);
/// # assert_eq!(seen.histogram("biomarkers_processed", &tags).sum, 12.0);
/// ```
pub fn start(name: impl Into<Cow<'static, str>>) -> Entered {
    Workflow::new(name).entered()
}

/// The workflow that the running code is part of, if it is part of one; takes some nanoseconds.
///
/// # Examples
///
/// ```
/// use lightship::workflow;
///
/// assert!(workflow::current().is_none());
/// let report = workflow::start("medical_report");
/// assert_eq!(workflow::current().unwrap().name(), "medical_report");
/// # report.succeed();
/// ```
#[must_use]
pub fn current() -> Option<Current> {
    context::current_workflow()
}
