//! The one thread that talks to collectors: what is spooled, oldest first, and metrics when due.

use super::answer::{Verdict, Wait};
use super::lines::{Lines, Tried, message};
use super::orders::{Order, Orders};
use super::request::{Outcome, Periodic, Request, Signal};
use super::spool::{Spool, Waiting};
use crate::status::{DropReason, Pipeline};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// As good as for ever; a request has its own timeout.
const UNBOUNDED: Duration = Duration::from_secs(24 * 3_600);

/// Empties the batch processor into the spool, in the time given.
pub(super) type Drain = Box<dyn Fn(Duration) + Send>;

/// The transport thread's own.
pub(super) struct Worker {
    pub(super) orders: Arc<Orders>,
    pub(super) spool: Arc<Spool>,
    pub(super) pipeline: Arc<Pipeline>,
    pub(super) lines: Lines,
    pub(super) metrics: Option<Metrics>,
    pub(super) drain: Drain,
    pub(super) losses: Losses,
}

/// What nobody will ever get: a flush tells of all since the one before, whoever tried to send it.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// Items that were refused, or gone with a panic; what the spool lost it counts itself.
    refused: u64,
    /// As much as the last flush told.
    told: u64,
}

/// Metrics and their rhythm.
#[derive(Debug)]
pub(super) struct Metrics {
    pub(super) periodic: Box<dyn Periodic>,
    pub(super) interval: Duration,
    pub(super) due: Instant,
}

/// How far a round of sending came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    /// Everything was accepted, whole.
    Complete,
    /// Everything was answered, and some of it refused.
    Refused,
    /// Something is left, which may be tried again.
    Later,
    /// Something is left, and nobody is there to take it.
    Nobody,
}

impl Worker {
    pub(super) fn run(mut self) {
        let complete = catch_unwind(AssertUnwindSafe(|| self.work())).unwrap_or_else(|panic| {
            self.pipeline.failed(format!("the transport panicked: {}", message(&*panic)));
            std::mem::forget(panic);
            false
        });
        let left = self.spool.close();
        self.orders.stopped(complete && left == 0);
    }

    /// Works until the end is ordered; whether all of it was accepted.
    fn work(&mut self) -> bool {
        loop {
            match self.orders.next(self.wake_at()) {
                Order::Send => self.send_what_is_due(),
                Order::Flush { request, deadline } => {
                    let complete = self.flush(deadline);
                    // One that the end broke off is answered by the last flush.
                    if complete || self.orders.stop_by().is_none() {
                        self.orders.flushed(request, complete);
                    }
                }
                Order::Stop { deadline } => return self.last_flush(deadline),
            }
        }
    }

    /// When there is something to do that nobody ordered.
    fn wake_at(&self) -> Option<Instant> {
        let now = Instant::now();
        let metrics = self.metrics.as_ref().map(|metrics| {
            self.lines.retry_at(Signal::Metrics).map_or(metrics.due, |at| at.max(metrics.due))
        });
        let spooled = self
            .spool
            .expires_at()
            .map(|expires| self.lines.retry_at(Signal::Traces).unwrap_or(now).min(expires));
        metrics.into_iter().chain(spooled).min()
    }

    fn send_what_is_due(&mut self) {
        self.spool.drop_expired();
        while !self.orders.is_asked() {
            let now = Instant::now();
            let by = now + UNBOUNDED;
            let may = |lines: &Lines, signal| lines.retry_at(signal).is_none_or(|at| at <= now);
            if self.metrics.as_ref().is_some_and(|metrics| metrics.due <= now)
                && may(&self.lines, Signal::Metrics)
            {
                self.send_metrics(by);
                self.keep_the_rhythm();
                continue;
            }
            let oldest = may(&self.lines, Signal::Traces).then(|| self.spool.take(u64::MAX));
            let Some(oldest) = oldest.flatten() else { return };
            self.send_spooled(oldest, by);
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
        let spooled = self.send_spool(self.spool.mark(), deadline);
        let metrics = match deadline > Instant::now() && self.orders.stop_by().is_none() {
            true => self.send_metrics(deadline),
            false => self.metrics.as_ref().map_or(Round::Complete, |_| Round::Later),
        };
        let complete = drained && spooled == Round::Complete && metrics == Round::Complete;
        let losses = self.losses.refused + self.spool.lost();
        complete && std::mem::replace(&mut self.losses.told, losses) == losses
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
            let spooled = self.send_spool(u64::MAX, spans_until);
            let metrics = self.send_collected(&requests, &mut outcomes, deadline);
            complete &= spooled != Round::Refused && metrics != Round::Refused;
            let rounds = [(spooled, Signal::Traces), (metrics, Signal::Metrics)];
            let retries = rounds.iter().filter(|(round, _)| *round == Round::Later);
            let now = Instant::now();
            let next = retries.map(|(_, signal)| self.lines.retry_at(*signal).unwrap_or(now)).min();
            let Some(next) = next.filter(|next| *next < deadline) else { break };
            thread::sleep(next.saturating_duration_since(now));
            spans_until = deadline;
        }
        complete &= outcomes.iter().all(|outcome| *outcome == Outcome::Accepted);
        self.settle(&outcomes);
        complete && self.losses.told == self.losses.refused + self.spool.lost()
    }

    /// Until when spans may take the time of metrics that go elsewhere.
    fn share(&self, deadline: Instant, metrics: &[Request]) -> Instant {
        let now = Instant::now();
        match self.lines.are_apart() && !metrics.is_empty() {
            true => now + deadline.saturating_duration_since(now) / 2,
            false => deadline,
        }
    }

    /// Sends what was spooled up to the mark, as long as it is answered.
    fn send_spool(&mut self, mark: u64, by: Instant) -> Round {
        let mut round = Round::Complete;
        // A flush is broken off by the end, which is a flush of its own.
        let ends_at = self.orders.stop_by();
        loop {
            if Instant::now() >= by || self.orders.stop_by() != ends_at {
                return if self.spool.items() == 0 { round } else { Round::Later };
            }
            let Some(oldest) = self.spool.take(mark) else { return round };
            match self.send_spooled(oldest, by) {
                Round::Complete => {}
                Round::Refused => round = Round::Refused,
                left => return left,
            }
        }
    }

    fn send_spooled(&mut self, mut waiting: Waiting, by: Instant) -> Round {
        let tried = self.lines.send(&waiting.request, by);
        let items = waiting.request.items;
        let Tried::Answered(verdict) = tried else {
            if self.spool.settle(false) {
                self.losses.refused += items;
                self.pipeline.dropped(DropReason::ExportPanic, items);
            }
            return Round::Refused;
        };
        match verdict.outcome() {
            Outcome::Accepted | Outcome::Refused => {
                let accepted = verdict.outcome() == Outcome::Accepted;
                match self.spool.settle(accepted) {
                    true => self.count(&verdict, items),
                    false => Round::Refused,
                }
            }
            Outcome::Unknown => {
                waiting.ambiguous = true;
                self.spool.put_back(waiting);
                Round::Later
            }
            Outcome::NotTaken => {
                self.spool.put_back(waiting);
                left(&verdict)
            }
        }
    }

    /// Collects, sends and settles, until something is not answered.
    fn send_metrics(&mut self, by: Instant) -> Round {
        let Some(requests) = self.collect() else { return Round::Refused };
        let mut outcomes = vec![Outcome::NotTaken; requests.len()];
        let round = self.send_collected(&requests, &mut outcomes, by);
        self.settle(&outcomes);
        round
    }

    /// Sends those of the requests that are still to be sent.
    fn send_collected(
        &mut self,
        requests: &[Request],
        outcomes: &mut [Outcome],
        by: Instant,
    ) -> Round {
        let mut round = Round::Complete;
        for (request, outcome) in requests.iter().zip(outcomes) {
            // What may have been taken in is not sent twice: deltas would count twice.
            if *outcome != Outcome::NotTaken {
                continue;
            }
            if Instant::now() >= by {
                return Round::Later;
            }
            let Tried::Answered(verdict) = self.lines.send(request, by) else {
                *outcome = Outcome::Unknown;
                round = Round::Refused;
                continue;
            };
            *outcome = verdict.outcome();
            match *outcome {
                Outcome::Accepted | Outcome::Refused => {
                    if self.count(&verdict, request.items) == Round::Refused {
                        round = Round::Refused;
                    }
                }
                Outcome::NotTaken | Outcome::Unknown => return left(&verdict),
            }
        }
        round
    }

    fn count(&mut self, verdict: &Verdict, items: u64) -> Round {
        let rejected = match verdict {
            Verdict::Accepted { rejected, .. } => {
                let rejected = items.min(*rejected);
                self.pipeline.delivered(items - rejected);
                rejected
            }
            _ => items,
        };
        self.losses.refused += rejected;
        self.pipeline.dropped(DropReason::Rejected, rejected);
        let whole = matches!(verdict, Verdict::Accepted { rejected: 0, .. });
        if whole { Round::Complete } else { Round::Refused }
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
                self.pipeline.dropped(DropReason::ExportPanic, 1);
                self.pipeline.failed(format!("{what} panicked: {}", message(&*panic)));
                // Dropping it could panic again.
                std::mem::forget(panic);
                None
            }
        }
    }
}

fn left(verdict: &Verdict) -> Round {
    match verdict {
        Verdict::NotTaken { wait: Wait::Nobody, .. } => Round::Nobody,
        _ => Round::Later,
    }
}
