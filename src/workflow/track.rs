//! The same metrics for code that measures itself.

use super::current;
use super::metrics::{CostMetrics, Execution, LlmCost, Own, checked, checked_time};
use crate::context;
use crate::tag::{TagRef, TagValue, short};

/// Records how a workflow ended, for code that measures itself: `{service}.workflow_executions`,
/// `.workflow_execution_time` (in milliseconds), `.sections_generated` and `.biomarkers_processed`, with the
/// tags `workflow`, `success` and, where it is given, `error_type`. A [`Workflow`](super::Workflow) records
/// these itself.
///
/// Names and error types are out of a few: more than a hundred become `_other`. A time that is negative or
/// no number is left out and counted ([`DropReason`](crate::DropReason)); the rest is recorded. Takes about
/// a microsecond.
///
/// # Examples
///
/// ```
/// use lightship::track_workflow_execution;
///
/// # let (_, seen) = lightship::testing::capture(|| {
/// track_workflow_execution("medical_report", 5_300.0, 4, 12, true, None);
/// track_workflow_execution("medical_report", 120.0, 0, 12, false, Some("timeout"));
/// # });
/// # let failed = [("error_type", "timeout"), ("success", "false"), ("workflow", "medical_report")];
/// # assert_eq!(seen.counter("workflow_executions", &failed), 1);
/// ```
pub fn track_workflow_execution(
    name: &str,
    duration_ms: f64,
    sections_generated: u64,
    biomarkers_processed: u64,
    success: bool,
    error_type: Option<&str>,
) {
    let Some(own) = Own::here() else { return };
    own.execution(&Execution {
        workflow: name,
        milliseconds: checked_time(duration_ms),
        sections: Some(sections_generated),
        items: &[("biomarkers", biomarkers_processed)],
        success,
        error_type: error_type.map(TagRef::text),
    });
}

/// Records what a call to a language model cost, in US dollars, for code that knows: the histograms
/// `{service}.llm_cost` and `{service}.llm_cost_per_token` and the counter `{service}.llm_cost_usd`, with the
/// tags `model` and `operation`. It counts in the running workflow, too. Calls made with
/// [`llm`](crate::llm) record these themselves.
///
/// Without tokens there is no cost per token. A cost that is negative, infinite or no number is refused and
/// counted ([`DropReason`](crate::DropReason)), and so is one of over 18 million dollars. The counter is kept
/// in whole pico-dollars, so that many small costs add up exactly. Takes about a microsecond.
///
/// # Examples
///
/// ```
/// # let (_, seen) = lightship::testing::capture(|| {
/// lightship::track_llm_cost(0.0065, "gpt-4o", "chat", 1_550);
/// # });
/// # let tags = [("model", "gpt-4o"), ("operation", "chat")];
/// # assert_eq!(seen.usd("llm_cost_usd", &tags), 0.0065);
/// ```
pub fn track_llm_cost(cost: f64, model: &str, operation: &str, token_count: u64) {
    let Some(cost) = checked(cost) else { return };
    LlmCost { cost, model, operation, tokens: token_count }.record();
    if let Some(workflow) = current() {
        workflow.add_priced(cost, token_count);
    }
}

/// Records what a workflow cost, in US dollars, for code that knows: the histograms
/// `{service}.workflow_total_cost` and `{service}.cost_per_section`, with the tag `workflow` within one that
/// runs. The session, if it is not empty, becomes the attribute `session.id` of the current span, as the first
/// eight characters of it. A [`Workflow`](super::Workflow) with calls of known cost records both metrics
/// itself.
///
/// Without sections there is no cost per section. A cost that is negative, infinite or no number is refused
/// and counted ([`DropReason`](crate::DropReason)).
///
/// # Examples
///
/// ```
/// # lightship::testing::capture(|| {
/// lightship::track_workflow_cost(0.042, "5f2b9c1e-77d0", 4);
/// # });
/// ```
pub fn track_workflow_cost(total_cost: f64, session_id: &str, sections_generated: u64) {
    record_workflow_cost(total_cost, session_id, sections_generated, false);
}

/// The same with the session's first eight characters as the tag `session_id` of both metrics.
///
/// **Every session is a series of its own then**, in all backends, and Datadog bills each as a custom
/// metric. At most a hundred are told apart, further ones become `_other`, unless
/// [`cardinality`](crate::Builder::cardinality) says otherwise. For services with few sessions a day.
///
/// # Examples
///
/// ```
/// # let (_, seen) = lightship::testing::capture(|| {
/// lightship::workflow::track_workflow_cost_by_session(0.042, "5f2b9c1e-77d0", 4);
/// # });
/// # assert_eq!(seen.histogram("cost_per_section", &[("session_id", "5f2b9c1e")]).sum, 0.0105);
/// ```
pub fn track_workflow_cost_by_session(total_cost: f64, session_id: &str, sections_generated: u64) {
    record_workflow_cost(total_cost, session_id, sections_generated, true);
}

fn record_workflow_cost(usd: f64, session_id: &str, sections: u64, by_session: bool) {
    let session = (!session_id.is_empty()).then(|| short(session_id));
    if let Some(session) = &session {
        context::detail("session.id", session);
    }
    let Some(total) = checked(usd) else { return };
    let Some(own) = Own::here() else { return };
    let workflow = current();
    own.workflow_cost(&CostMetrics {
        total,
        sections,
        workflow: workflow.as_ref().map(|workflow| workflow.name()),
        session: session.as_ref().filter(|_| by_session).map(TagValue::tag_ref),
    });
}
