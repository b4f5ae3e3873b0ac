//! Metrics that are called after the service.

use crate::metrics::{
    Counter, CounterCell, DynamicSite, Histogram, HistogramCell, Kind, current, service_prefix,
};
use crate::money::Cost;
use crate::status::DropReason;
use crate::tag::{RawTag, TagRef};

static COUNTS: DynamicSite = DynamicSite::new(Kind::Counter);
static COSTS: DynamicSite = DynamicSite::new(Kind::Cost);
static VALUES: DynamicSite = DynamicSite::new(Kind::Histogram);

/// The metrics of the service that the running code belongs to.
pub(crate) struct Own {
    /// With its dot; empty for a service without a name.
    prefix: String,
}

/// What is recorded of a workflow at its end.
#[derive(Debug)]
pub(super) struct Execution<'a> {
    pub(super) workflow: &'a str,
    pub(super) milliseconds: Option<f64>,
    pub(super) sections: Option<u64>,
    pub(super) items: &'a [(&'static str, u64)],
    pub(super) success: bool,
    pub(super) error_type: Option<TagRef<'a>>,
}

/// What a workflow cost.
#[derive(Debug)]
pub(super) struct CostMetrics<'a> {
    pub(super) total: Cost,
    pub(super) sections: u64,
    pub(super) workflow: Option<&'a str>,
    pub(super) session: Option<TagRef<'a>>,
}

/// What a call to a language model cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LlmCost<'a> {
    pub(crate) cost: Cost,
    pub(crate) model: &'a str,
    pub(crate) operation: &'a str,
    /// All tokens of the call together.
    pub(crate) tokens: u64,
}

impl LlmCost<'_> {
    /// Records `{service}.llm_cost`, `.llm_cost_per_token` where there were tokens, and `.llm_cost_usd`.
    pub(crate) fn record(&self) {
        let Some(own) = Own::here() else { return };
        let tags = [text("model", self.model), text("operation", self.operation)];
        own.value("llm_cost", self.cost.usd(), &tags);
        if self.tokens > 0 {
            own.value("llm_cost_per_token", self.cost.usd() / self.tokens as f64, &tags);
        }
        let usd = COSTS.by_all::<CounterCell>(&own.name("llm_cost_usd"), &tags);
        Counter(usd).increment(self.cost.pico_usd());
    }
}

impl Own {
    /// None where there is nobody to record to, which counts as one call that is lost.
    pub(crate) fn here() -> Option<Self> {
        let prefix = service_prefix();
        if prefix.is_none() {
            CounterCell::count_before_init();
        }
        prefix.map(|prefix| Own { prefix })
    }

    pub(super) fn execution(&self, of: &Execution<'_>) {
        let success = RawTag::new("success", if of.success { "true" } else { "false" }, true);
        let error_type =
            of.error_type.map(|value| RawTag { key: "error_type", value, literal: false });
        let mut tags = vec![text("workflow", of.workflow), success];
        tags.extend(error_type);
        Counter(COUNTS.by_all::<CounterCell>(&self.name("workflow_executions"), &tags))
            .increment(1);
        if let Some(milliseconds) = of.milliseconds {
            self.value("workflow_execution_time", milliseconds, &tags);
        }
        if let Some(sections) = of.sections {
            self.value("sections_generated", sections as f64, &tags);
        }
        for (kind, items) in of.items {
            self.value(&format!("{kind}_processed"), *items as f64, &tags);
        }
    }

    pub(super) fn workflow_cost(&self, of: &CostMetrics<'_>) {
        let session = of.session.map(|value| RawTag { key: "session_id", value, literal: false });
        let workflow = of.workflow.map(|name| text("workflow", name));
        let tags: Vec<RawTag<'_>> = workflow.into_iter().chain(session).collect();
        self.value("workflow_total_cost", of.total.usd(), &tags);
        if of.sections > 0 {
            self.value("cost_per_section", of.total.usd() / of.sections as f64, &tags);
        }
    }

    fn value(&self, name: &str, value: f64, tags: &[RawTag<'_>]) {
        Histogram(VALUES.by_all::<HistogramCell>(&self.name(name), tags)).record(value);
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

fn text<'t>(key: &'static str, value: &'t str) -> RawTag<'t> {
    RawTag::new(key, value, false)
}

/// A cost in dollars as somebody gave it; what is none is counted.
pub(super) fn checked(usd: f64) -> Option<Cost> {
    let cost = Cost::from_usd(usd);
    if cost.is_none() {
        let reason = if usd.is_finite() { DropReason::InvalidCost } else { DropReason::NotFinite };
        current::count_dropped(reason);
    }
    cost
}

/// The same for a time.
pub(super) fn checked_time(milliseconds: f64) -> Option<f64> {
    let wrong = match milliseconds {
        time if !time.is_finite() => DropReason::NotFinite,
        time if time < 0.0 => DropReason::NegativeDuration,
        time => return Some(time),
    };
    current::count_dropped(wrong);
    None
}
