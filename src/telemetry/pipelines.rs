//! The pipelines of one `Telemetry`, to be asked together.

use super::report::{PipelineReport, Report};
use crate::metrics::{CounterCell, Registry};
use crate::scrub::Policy;
use crate::status::{
    DropReason, Notices, Pipeline, PipelineState, PipelineStatus, RedactionCount, Status,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Who is asked for the status, and for the report at the end.
#[derive(Debug)]
pub(crate) struct Pipelines {
    service: String,
    registry: Arc<Registry>,
    policy: Arc<Policy>,
    facade: Arc<Pipeline>,
    pub(crate) otlp: Arc<Pipeline>,
    pub(crate) dogstatsd: Arc<Pipeline>,
    pub(crate) prometheus: Arc<Pipeline>,
    pub(crate) logs: Arc<Pipeline>,
    /// The process that all of this runs in: a forked child has none of the threads.
    pid: u32,
    ended: AtomicBool,
}

/// How a flush or a shutdown ended for one pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// Whether all that it had was accepted.
    pub(crate) complete: bool,
    /// How much still waits.
    pub(crate) kept: u64,
}

impl End {
    /// Of a pipeline that keeps nothing of its own.
    pub(crate) fn of(complete: bool) -> Self {
        End { complete, kept: 0 }
    }
}

impl Pipelines {
    /// `facade` counts what the registry drops.
    pub(crate) fn new(
        service: &str,
        registry: Arc<Registry>,
        policy: Arc<Policy>,
        facade: Arc<Pipeline>,
        notices: &Notices,
    ) -> Self {
        facade.delivered(0);
        Pipelines {
            service: service.to_owned(),
            registry,
            policy,
            facade,
            otlp: Pipeline::new("otlp", notices.clone()),
            dogstatsd: Pipeline::new("dogstatsd", notices.clone()),
            prometheus: Pipeline::new("prometheus", notices.clone()),
            logs: Pipeline::new("logs", notices.clone()),
            pid: std::process::id(),
            ended: AtomicBool::new(false),
        }
    }

    pub(crate) fn is_forked(&self) -> bool {
        self.pid != std::process::id()
    }

    /// Whether the threads are there: not shut down, and not those of a parent process.
    pub(crate) fn is_running(&self) -> bool {
        !self.is_forked() && !self.ended.load(Ordering::Acquire)
    }

    pub(crate) fn service(&self) -> &str {
        &self.service
    }

    pub(crate) fn status(&self) -> Status {
        let mut facade = self.facade.status();
        facade.dropped.extend(self.registry.refused());
        facade.dropped.push((DropReason::BeforeInit, CounterCell::before_init()));
        facade.dropped.retain(|(_, count)| *count > 0);
        let mut pipelines = vec![facade];
        pipelines.extend(self.backends().map(|pipeline| pipeline.status()));
        if self.is_forked() {
            let reason = "forked: this process needs an init of its own";
            pipelines.iter_mut().for_each(|pipeline| {
                pipeline.state = PipelineState::Disabled { reason: reason.to_owned() };
            });
        }
        let redactions = self.policy.redactions().into_iter();
        let redactions =
            redactions.map(|(kind, sink, count)| RedactionCount { kind, sink, count }).collect();
        let service = self.service.clone();
        Status { service, pipelines, redactions, overflows: self.registry.overflows() }
    }

    /// The rules in force.
    pub(crate) fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// What became of everything; `end` tells of a pipeline whether all was accepted, and how much
    /// waits.
    pub(crate) fn report(&self, end: impl Fn(&str) -> End) -> Report {
        let one = |pipeline: PipelineStatus| PipelineReport {
            complete: end(pipeline.name).complete,
            kept: end(pipeline.name).kept,
            unknown: pipeline.dropped_for(DropReason::Unknown),
            lost: pipeline.dropped.iter().filter(|(r, _)| r.is_loss()).map(|(_, n)| n).sum(),
            name: pipeline.name,
            sent: pipeline.sent,
        };
        Report { pipelines: self.status().pipelines.into_iter().map(one).collect() }
    }

    pub(crate) fn end(&self, reason: &str) {
        self.ended.store(true, Ordering::Release);
        self.facade.disable_if_running(reason);
        self.backends().for_each(|pipeline| pipeline.disable_if_running(reason));
    }

    fn backends(&self) -> impl Iterator<Item = &Arc<Pipeline>> {
        [&self.otlp, &self.dogstatsd, &self.prometheus, &self.logs].into_iter()
    }
}
