//! What every form of a workflow is made of: a span, a clock, and what is carried along.

use super::metrics::{CostMetrics, Execution, Own};
use crate::context::{Current, LlmTotals, Place, current_workflow};
use crate::tag::TagRef;
use std::borrow::Cow;
use std::time::Instant;
use tracing::{Span, field::Empty, info_span};

/// A workflow that runs. Who has it says how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) current: Current,
    pub(crate) span: Span,
    start: Instant,
}

/// How a workflow ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending<'a> {
    Succeeded,
    Failed(TagRef<'a>),
    Cancelled,
    Panicked,
}

impl Run {
    /// Within the workflow of the running code, if that is part of one.
    pub(crate) fn start(name: Cow<'static, str>) -> Self {
        let span = info_span!(
            target: "lightship::workflow",
            "workflow",
            otel.name = format_args!("invoke_workflow {name}"),
            otel.status_code = Empty,
            otel.status_description = Empty,
            gen_ai.operation.name = "invoke_workflow",
            gen_ai.workflow.name = &*name,
            workflow.sections = Empty,
            workflow.items = Empty,
            workflow.llm.calls = Empty,
            workflow.llm.unpriced_calls = Empty,
            workflow.llm.tokens = Empty,
            workflow.llm.input_tokens = Empty,
            workflow.llm.output_tokens = Empty,
            workflow.llm.cost_usd = Empty,
            outcome = Empty,
            error.type = Empty,
        );
        Run { current: Current::begin(name, current_workflow()), span, start: Instant::now() }
    }

    /// Makes the thread a part of it. The span is entered apart.
    pub(crate) fn enter(&self) -> Place {
        Place::enter(Some(self.current.clone()))
    }

    /// Records what it came to: the metrics, and the span's attributes but for how it ended.
    pub(crate) fn measure(&self, ending: Ending<'_>) {
        let elapsed = self.start.elapsed();
        let (results, llm) = (self.current.results(), self.current.llm());
        self.tell_results(results.sections, &results.items, llm);
        let Some(own) = Own::here() else { return };
        own.execution(&Execution {
            workflow: self.current.name(),
            milliseconds: Some(elapsed.as_secs_f64() * 1_000.0),
            sections: results.sections,
            items: &results.items,
            success: matches!(ending, Ending::Succeeded),
            error_type: ending.error_type(),
        });
        if llm.calls > llm.unpriced_calls {
            own.workflow_cost(&CostMetrics {
                total: llm.cost,
                sections: results.sections.unwrap_or(0),
                workflow: Some(self.current.name()),
                session: None,
            });
        }
    }

    /// Tells the span how it ended.
    pub(crate) fn tell_ending(&self, ending: Ending<'_>) {
        let Some(error_type) = ending.error_type() else { return };
        let outcome = match ending {
            Ending::Cancelled => "cancelled",
            Ending::Panicked => "panic",
            Ending::Succeeded | Ending::Failed(_) => "error",
        };
        self.span.record("outcome", outcome);
        self.span.record("error.type", &*error_type.render());
        if !matches!(ending, Ending::Cancelled) {
            self.span.record("otel.status_code", "error");
        }
    }

    fn tell_results(&self, sections: Option<u64>, items: &[(&'static str, u64)], llm: LlmTotals) {
        if self.span.is_disabled() {
            return;
        }
        let tell = |key: &'static str, number: u64| {
            self.span.record(key, i64::try_from(number).unwrap_or(i64::MAX));
        };
        if let Some(sections) = sections {
            tell("workflow.sections", sections);
        }
        if !items.is_empty() {
            let all = items.iter().fold(0_u64, |sum, (_, items)| sum.saturating_add(*items));
            tell("workflow.items", all);
        }
        if llm.calls == 0 {
            return;
        }
        tell("workflow.llm.calls", llm.calls);
        tell("workflow.llm.tokens", llm.tokens);
        tell("workflow.llm.input_tokens", llm.input_tokens);
        tell("workflow.llm.output_tokens", llm.output_tokens);
        if llm.unpriced_calls > 0 {
            tell("workflow.llm.unpriced_calls", llm.unpriced_calls);
        }
        if llm.calls > llm.unpriced_calls {
            self.span.record("workflow.llm.cost_usd", llm.cost.usd());
        }
    }
}

impl<'a> Ending<'a> {
    fn error_type(self) -> Option<TagRef<'a>> {
        match self {
            Ending::Succeeded => None,
            Ending::Failed(error_type) => Some(error_type),
            Ending::Cancelled => Some(TagRef::one_of("cancelled")),
            Ending::Panicked => Some(TagRef::one_of("panic")),
        }
    }
}
