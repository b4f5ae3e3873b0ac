//! The thread that flushes: every interval, when asked, and a last time.

use super::flush::{Flusher, Outcome};
use super::orders::{Order, Orders};
use crate::scrub::Sink;
use crate::status::{DropReason, Pipeline};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Between two tries for an agent that does not keep up.
const PAUSE: Duration = Duration::from_millis(5);
/// The longest text of a panic, in characters.
const MAX_SAID_CHARS: usize = 200;

/// The flushing thread's own.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) orders: Arc<Orders>,
    pub(super) flusher: Flusher,
    pub(super) pipeline: Arc<Pipeline>,
    pub(super) interval: Duration,
}

impl Worker {
    pub(super) fn run(mut self) {
        let mut due = Instant::now() + self.interval;
        loop {
            match self.orders.next(due, self.interval) {
                Order::Flush { request, deadline, asked } => {
                    let complete = self.flush(deadline, asked, true);
                    // One that the end broke off is answered by the last flush.
                    if complete || !self.orders.is_stopping() {
                        self.orders.flushed(request, complete);
                    }
                }
                Order::Preview => {
                    let lines = self.contain(Flusher::preview).unwrap_or_default();
                    self.orders.previewed(lines);
                }
                Order::Stop { deadline } => {
                    let complete = self.flush(deadline, true, false);
                    let left_behind = self.contain(|flusher| flusher.abandon(complete));
                    return self.orders.stopped(left_behind);
                }
            }
            // Keeps the rhythm, and leaves out what is over already.
            let now = Instant::now();
            while due <= now {
                due += self.interval;
            }
        }
    }

    /// Flushes; where somebody waits for it, again and again while the agent is only slow.
    fn flush(&mut self, deadline: Instant, asked: bool, interruptible: bool) -> bool {
        loop {
            match self.contain(|flusher| flusher.flush(deadline, asked)) {
                Some(Outcome::Complete) => return true,
                // Nobody is there, and there is nothing to tell them.
                Some(Outcome::Down) => {
                    return asked && self.contain(Flusher::is_idle) == Some(true);
                }
                Some(Outcome::Slow) if asked && Instant::now() < deadline => {}
                Some(Outcome::Slow) | None => return false,
            }
            if interruptible && self.orders.is_stopping() {
                return false;
            }
            thread::sleep(PAUSE);
        }
    }

    /// A gauge's callback is the host's code: its panic ends here.
    fn contain<T>(&mut self, call: impl FnOnce(&mut Flusher) -> T) -> Option<T> {
        match catch_unwind(AssertUnwindSafe(|| call(&mut self.flusher))) {
            Ok(result) => Some(result),
            Err(panic) => {
                self.pipeline.dropped(DropReason::CallbackPanic, 1);
                let policy = self.flusher.constants.policy();
                let said = policy.text(message(&*panic), MAX_SAID_CHARS, Sink::Texts);
                self.pipeline.failed(format!("a flush panicked: {said}"));
                // Dropping it could panic again.
                std::mem::forget(panic);
                None
            }
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}
