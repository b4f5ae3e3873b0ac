//! Sending what there is, request by request, and counting what became of it.

use super::answer::{Verdict, Wait};
use super::lines::{Lines, Tried};
use super::orders::Orders;
use super::request::{Outcome, Request, Signal};
use super::spool::{Spool, Waiting};
use crate::status::{DropReason, Pipeline};
use std::sync::Arc;
use std::time::Instant;

/// Everything between the spool and the lines.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) orders: Arc<Orders>,
    pub(super) spool: Arc<Spool>,
    pub(super) pipeline: Arc<Pipeline>,
    pub(super) lines: Lines,
    /// Items that were refused, or are gone with a panic.
    refused: u64,
}

/// How far a round of sending came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Round {
    /// Everything was accepted, whole.
    Complete,
    /// Everything was answered, and some of it refused.
    Refused,
    /// Something is left, which may be tried again.
    Later,
    /// Something is left, and nobody is there to take it.
    Nobody,
}

impl Sender {
    pub(super) fn new(spool: Arc<Spool>, pipeline: Arc<Pipeline>, lines: Lines) -> Self {
        let orders = Arc::clone(spool.orders());
        Sender { orders, spool, pipeline, lines, refused: 0 }
    }

    /// Items that nobody will ever get, so far.
    pub(super) fn losses(&self) -> u64 {
        self.refused + self.spool.lost()
    }

    /// Whether the signal's collector is not to be left alone for now.
    pub(super) fn may_try(&self, signal: Signal) -> bool {
        self.lines.retry_at(signal).is_none_or(|at| at <= Instant::now())
    }

    /// Sends what was spooled up to the mark, as long as it is answered.
    pub(super) fn send_spool(&mut self, mark: u64, by: Instant) -> Round {
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

    pub(super) fn send_spooled(&mut self, mut waiting: Waiting, by: Instant) -> Round {
        let tried = self.lines.send(&waiting.request, by);
        let items = waiting.request.items;
        let Tried::Answered(verdict) = tried else {
            if self.spool.settle(false) {
                self.refused += items;
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

    /// Sends those of the requests that are still to be sent.
    pub(super) fn send_collected(
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
        self.refused += rejected;
        self.pipeline.dropped(DropReason::Rejected, rejected);
        let whole = matches!(verdict, Verdict::Accepted { rejected: 0, .. });
        if whole { Round::Complete } else { Round::Refused }
    }
}

fn left(verdict: &Verdict) -> Round {
    match verdict {
        Verdict::NotTaken { wait: Wait::Nobody, .. } => Round::Nobody,
        _ => Round::Later,
    }
}
