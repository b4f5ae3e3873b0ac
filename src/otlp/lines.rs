//! The lines to the collectors: one for both signals where they go to the same place.

use super::answer::{Verdict, Wait};
use super::backoff::{Breaker, Pace};
use super::orders::Orders;
use super::request::{Request, Signal};
use super::wire::{self, Patience, Wire};
use crate::config::settings::{OtlpEndpoint, OtlpSettings, OtlpTarget};
use crate::scrub::{Policy, Sink};
use crate::status::Pipeline;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

/// The longest text of a panic, in characters.
const MAX_SAID_CHARS: usize = 200;

/// Where each signal goes.
#[derive(Debug)]
pub(super) struct Lines {
    lines: Vec<Line>,
    traces: Option<Route>,
    metrics: Option<Route>,
    orders: Arc<Orders>,
    pipeline: Arc<Pipeline>,
    policy: Arc<Policy>,
}

#[derive(Debug, Clone)]
struct Route {
    line: usize,
    path: String,
}

#[derive(Debug)]
struct Line {
    target: OtlpTarget,
    /// Made when first used: reading the system's certificates takes a while.
    wire: Option<Box<dyn Wire>>,
    breaker: Breaker,
    /// What the collector remarked last, so that it is told once.
    remarked: Option<String>,
}

/// What became of one try.
#[derive(Debug)]
pub(super) enum Tried {
    Answered(Verdict),
    /// No wire leads there, or sending panicked: the request is gone.
    Panicked,
}

impl Lines {
    pub(super) fn new(
        settings: &OtlpSettings,
        orders: Arc<Orders>,
        pipeline: Arc<Pipeline>,
        policy: Arc<Policy>,
        pace: Pace,
    ) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        let mut route = |target: &OtlpTarget| {
            let (place, path) = without_path(target);
            let known = lines.iter().position(|line| without_path(&line.target).0 == place);
            let line = known.unwrap_or_else(|| {
                let breaker = Breaker::new(pace);
                let target = target.clone();
                lines.push(Line { target, wire: None, breaker, remarked: None });
                lines.len() - 1
            });
            Route { line, path }
        };
        let traces = settings.traces.as_ref().map(&mut route);
        let metrics = settings.metrics.as_ref().map(|metrics| route(&metrics.target));
        Lines { lines, traces, metrics, orders, pipeline, policy }
    }

    /// Sends one request, and waits for the answer until `by` at the latest.
    pub(super) fn send(&mut self, request: &Request, by: Instant) -> Tried {
        let Some(Route { line, path }) = self.route(request.signal).cloned() else {
            return Tried::Panicked;
        };
        let Some(line) = self.lines.get_mut(line) else { return Tried::Panicked };
        let by = by.min(Instant::now() + line.target.timeout);
        let patience = Patience::new(by, Arc::clone(&self.orders));
        let wire = line.wire.get_or_insert_with(|| wire::to(&line.target));
        match catch_unwind(AssertUnwindSafe(|| wire.send(request, &path, &patience))) {
            Ok(verdict) => {
                line.note(&verdict, &self.pipeline);
                Tried::Answered(verdict)
            }
            Err(panic) => {
                line.breaker.failed(Instant::now(), None);
                // Dropping it could panic again.
                std::mem::forget(line.wire.take());
                self.panicked("sending", panic);
                Tried::Panicked
            }
        }
    }

    /// Tells of a panic what may be told; the host's code may have said anything.
    pub(super) fn panicked(&self, what: &str, panic: Box<dyn Any + Send>) {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
        let said = self.policy.text(said.unwrap_or("no message"), MAX_SAID_CHARS, Sink::Texts);
        self.pipeline.failed(format!("{what} panicked: {said}"));
        // Dropping it could panic again.
        std::mem::forget(panic);
    }

    /// When the signal's collector is to be tried again; `None` for at once.
    pub(super) fn retry_at(&self, signal: Signal) -> Option<Instant> {
        self.lines.get(self.route(signal)?.line)?.breaker.retry_at()
    }

    /// Whether what happens to one signal says nothing of the other.
    pub(super) fn are_apart(&self) -> bool {
        self.lines.len() > 1
    }

    fn route(&self, signal: Signal) -> Option<&Route> {
        match signal {
            Signal::Traces => self.traces.as_ref(),
            Signal::Metrics => self.metrics.as_ref(),
        }
    }
}

impl Line {
    fn note(&mut self, verdict: &Verdict, pipeline: &Pipeline) {
        let now = Instant::now();
        match verdict {
            Verdict::NotTaken { wait: Wait::For(wait), .. } => {
                self.breaker.failed(now, Some(*wait));
            }
            Verdict::NotTaken { .. } | Verdict::Unknown { .. } => self.breaker.failed(now, None),
            Verdict::Accepted { .. } | Verdict::Refused { .. } => self.breaker.answered(),
        }
        match verdict {
            Verdict::Accepted { rejected, remark } => {
                // What is lost is told each time, what is only remarked once.
                let is_news = remark.is_some() && *remark != self.remarked;
                if let Some(remark) = remark.clone().filter(|_| *rejected > 0 || is_news) {
                    pipeline.failed(self.with_doubt(&remark));
                    self.remarked = Some(remark);
                }
            }
            Verdict::Refused { reason }
            | Verdict::NotTaken { reason, .. }
            | Verdict::Unknown { reason } => pipeline.failed(self.with_doubt(reason)),
        }
    }

    fn with_doubt(&self, reason: &str) -> String {
        match &self.target.doubt {
            Some(doubt) => format!("{reason}; {doubt}"),
            None => reason.to_owned(),
        }
    }
}

/// What a wire is made for, and the rest.
fn without_path(target: &OtlpTarget) -> (OtlpTarget, String) {
    let mut target = OtlpTarget { doubt: None, ..target.clone() };
    let (OtlpEndpoint::Tcp { path, .. } | OtlpEndpoint::Unix { path, .. }) = &mut target.endpoint;
    let path = std::mem::take(path);
    (target, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::spool::Spool;
    use crate::status::Notices;

    #[test]
    fn what_a_panic_said_is_scrubbed_before_it_is_told() {
        let address = concat!("ada.lovelace", "@", "example.org");
        let pipeline = Pipeline::new("otlp", Notices::new(|_| {}));
        let orders = Arc::clone(Spool::new(Arc::clone(&pipeline)).orders());
        let settings = OtlpSettings { traces: None, metrics: None };
        let policy = Policy::shared_default();
        let lines = Lines::new(&settings, orders, Arc::clone(&pipeline), policy, Pace::DEFAULT);
        lines.panicked("sending", Box::new(format!("no gauge for {address}")));
        let told = pipeline.status().last_error.unwrap();
        assert_eq!(told, "sending panicked: no gauge for [REDACTED:email]");
        lines.panicked("sending", Box::new(17));
        assert_eq!(pipeline.status().last_error.unwrap(), "sending panicked: no message");
    }
}
