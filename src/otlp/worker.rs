//! The one thread that talks to collectors: what is spooled, oldest first, and metrics when due.

use super::orders::Order;
use super::request::{Outcome, Periodic, Request, Signal};
use super::sender::{Round, Sender};
use crate::status::DropReason;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

/// As good as for ever; a request has its own timeout.
const UNBOUNDED: Duration = Duration::from_secs(24 * 3_600);

/// Empties the batch processor into the spool, in the time given.
pub(super) type Drain = Box<dyn Fn(Duration) + Send>;

/// The transport thread's own.
pub(super) struct Worker {
    pub(super) sender: Sender,
    pub(super) metrics: Option<Metrics>,
    pub(super) drain: Drain,
    /// The losses that the last flush told of: the next one answers for all since, whoever tried to
    /// send them.
    pub(super) told: u64,
}

/// Metrics and their rhythm.
#[derive(Debug)]
pub(super) struct Metrics {
    pub(super) periodic: Box<dyn Periodic>,
    pub(super) interval: Duration,
    pub(super) due: Instant,
}

impl Worker {
    pub(super) fn run(mut self) {
        let complete = catch_unwind(AssertUnwindSafe(|| self.work())).unwrap_or_else(|panic| {
            self.sender.lines.panicked("the transport", panic);
            false
        });
        let left = self.sender.spool.close();
        self.sender.orders.stopped(complete && left == 0);
    }

    /// Works until the end is ordered; whether all of it was accepted.
    fn work(&mut self) -> bool {
        loop {
            match self.sender.orders.next(self.wake_at()) {
                Order::Send => self.send_what_is_due(),
                Order::Flush { request, deadline } => {
                    let complete = self.flush(deadline);
                    // One that the end broke off is answered by the last flush.
                    if complete || self.sender.orders.stop_by().is_none() {
                        self.sender.orders.flushed(request, complete);
                    }
                }
                Order::Stop { deadline } => return self.last_flush(deadline),
            }
        }
    }

    /// When there is something to do that nobody ordered.
    fn wake_at(&self) -> Option<Instant> {
        let now = Instant::now();
        let Sender { lines, spool, .. } = &self.sender;
        let metrics = self.metrics.as_ref().map(|metrics| {
            lines.retry_at(Signal::Metrics).map_or(metrics.due, |at| at.max(metrics.due))
        });
        let spooled = spool
            .expires_at()
            .map(|expires| lines.retry_at(Signal::Traces).unwrap_or(now).min(expires));
        metrics.into_iter().chain(spooled).min()
    }

    fn send_what_is_due(&mut self) {
        self.sender.spool.drop_expired();
        while !self.sender.orders.is_asked() {
            let now = Instant::now();
            let by = now + UNBOUNDED;
            if self.metrics.as_ref().is_some_and(|metrics| metrics.due <= now)
                && self.sender.may_try(Signal::Metrics)
            {
                self.send_metrics(by);
                self.keep_the_rhythm();
                continue;
            }
            if !self.sender.may_try(Signal::Traces) {
                return;
            }
            let Some(oldest) = self.sender.spool.take(u64::MAX) else { return };
            self.sender.send_spooled(oldest, by);
        }
    }

    fn keep_the_rhythm(&mut self) {
        if let Some(metrics) = &mut self.metrics {
            // Leaves out what is over already.
            let behind = Instant::now().saturating_duration_since(metrics.due).as_nanos();
            let beats = behind / metrics.interval.as_nanos().max(1) + 1;
            metrics.due += metrics.interval.saturating_mul(u32::try_from(beats).unwrap_or(1));
        }
    }

    /// What somebody waits for: everything there is, each collector tried at once and, if it does
    /// not take it, not again. Whether all was accepted, and nothing lost since the flush before.
    fn flush(&mut self, deadline: Instant) -> bool {
        let drained = self.drain(deadline);
        let spooled = self.sender.send_spool(self.sender.spool.mark(), deadline);
        let metrics = match deadline > Instant::now() && self.sender.orders.stop_by().is_none() {
            true => self.send_metrics(deadline),
            false => self.metrics.as_ref().map_or(Round::Complete, |_| Round::Later),
        };
        let complete = drained && spooled == Round::Complete && metrics == Round::Complete;
        let losses = self.sender.losses();
        let lossless = std::mem::replace(&mut self.told, losses) == losses;
        complete && lossless
    }

    /// Everything, again and again while somebody is there and time is left.
    fn last_flush(&mut self, deadline: Instant) -> bool {
        let mut complete = self.drain(deadline);
        let collected = if deadline > Instant::now() { self.collect() } else { None };
        complete &= collected.is_some();
        let requests = collected.unwrap_or_default();
        let mut outcomes = vec![Outcome::NotTaken; requests.len()];
        let mut spans_until = self.share(deadline, &requests);
        loop {
            let spooled = self.sender.send_spool(u64::MAX, spans_until);
            let metrics = self.sender.send_collected(&requests, &mut outcomes, deadline);
            complete &= spooled != Round::Refused && metrics != Round::Refused;
            let rounds = [(spooled, Signal::Traces), (metrics, Signal::Metrics)];
            let retries = rounds.iter().filter(|(round, _)| *round == Round::Later);
            let now = Instant::now();
            let next =
                retries.map(|(_, signal)| self.sender.lines.retry_at(*signal).unwrap_or(now)).min();
            let Some(next) = next.filter(|next| *next < deadline) else { break };
            thread::sleep(next.saturating_duration_since(now));
            spans_until = deadline;
        }
        complete &= outcomes.iter().all(|outcome| *outcome == Outcome::Accepted);
        self.settle(&outcomes);
        complete && self.told == self.sender.losses()
    }

    /// Until when spans may take the time of metrics that go elsewhere.
    fn share(&self, deadline: Instant, metrics: &[Request]) -> Instant {
        let now = Instant::now();
        match self.sender.lines.are_apart() && !metrics.is_empty() {
            true => now + deadline.saturating_duration_since(now) / 2,
            false => deadline,
        }
    }

    /// Collects, sends and settles, until something is not answered.
    fn send_metrics(&mut self, by: Instant) -> Round {
        let Some(requests) = self.collect() else { return Round::Refused };
        let mut outcomes = vec![Outcome::NotTaken; requests.len()];
        let round = self.sender.send_collected(&requests, &mut outcomes, by);
        self.settle(&outcomes);
        round
    }

    /// `false` if there was no time for it, or it panicked.
    fn drain(&self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        !left.is_zero() && self.contain("emptying the span queue", || (self.drain)(left)).is_some()
    }

    /// Nothing where there are no metrics; `None` if it panicked.
    fn collect(&mut self) -> Option<Vec<Request>> {
        let Some(mut metrics) = self.metrics.take() else { return Some(Vec::new()) };
        let requests = self.contain("collecting metrics", || metrics.periodic.collect());
        self.metrics = Some(metrics);
        requests
    }

    fn settle(&mut self, outcomes: &[Outcome]) {
        let Some(mut metrics) = self.metrics.take() else { return };
        self.contain("settling metrics", || metrics.periodic.settle(outcomes));
        self.metrics = Some(metrics);
    }

    /// A gauge's callback is the host's code, and so are parts of the encoding: their panics end
    /// here.
    fn contain<T>(&self, what: &str, call: impl FnOnce() -> T) -> Option<T> {
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(result) => Some(result),
            Err(panic) => {
                self.sender.pipeline.dropped(DropReason::ExportPanic, 1);
                self.sender.lines.panicked(what, panic);
                None
            }
        }
    }
}
