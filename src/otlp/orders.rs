//! What the transport's thread and its callers say to each other.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the end leaves of the caller's time, to be able to tell how it went.
const MARGIN: Duration = Duration::from_millis(50);

/// Orders to the thread, and its answers.
#[derive(Debug, Default)]
pub(super) struct Orders {
    state: Mutex<State>,
    /// For the thread: there is something to do.
    ordered: Condvar,
    /// For callers: something was done.
    done: Condvar,
}

/// Flushes are numbered by who asked: one that began after a request answers it.
#[derive(Debug, Default)]
struct State {
    /// The spool got something since the thread last looked.
    news: bool,
    asked: u64,
    begun: u64,
    finished: u64,
    /// The last request that a flush answered by having everything accepted.
    complete: u64,
    flush_by: Option<Instant>,
    stop_by: Option<Instant>,
    /// Until when what was under way as the end was ordered may go on.
    break_off_by: Option<Instant>,
    /// The thread's last word: whether everything was accepted.
    ended: Option<bool>,
}

/// What the thread does next.
#[derive(Debug)]
pub(super) enum Order {
    /// Nobody waits: what is there, if its time has come.
    Send,
    Flush {
        request: u64,
        deadline: Instant,
    },
    Stop {
        deadline: Instant,
    },
}

impl Orders {
    /// Tells the thread that there is something in the spool.
    pub(super) fn wake(&self) {
        self.lock().news = true;
        self.ordered.notify_all();
    }

    /// Orders a flush; the number is for [`Orders::wait_for_flush`].
    pub(super) fn flush(&self, deadline: Instant) -> u64 {
        let mut state = self.lock();
        state.asked += 1;
        state.flush_by = Some(state.flush_by.map_or(deadline, |by| by.max(deadline)));
        self.ordered.notify_all();
        state.asked
    }

    /// Orders the end; the first to do so says until when.
    pub(super) fn stop(&self, deadline: Instant) {
        let mut state = self.lock();
        let now = Instant::now();
        let left = deadline.saturating_duration_since(now);
        let by = deadline.checked_sub(MARGIN.min(left / 10)).unwrap_or(deadline);
        state.stop_by.get_or_insert(by);
        state.break_off_by.get_or_insert(now + left / 2);
        self.ordered.notify_all();
    }

    /// Whether that flush had everything accepted; `false` if it is not over at the deadline.
    pub(super) fn wait_for_flush(&self, request: u64, deadline: Instant) -> bool {
        let done = |state: &State| state.finished >= request || state.ended.is_some();
        self.wait(deadline, done).complete >= request
    }

    /// Whether everything was accepted; `None` if the thread has not ended at the deadline.
    pub(super) fn wait_for_end(&self, deadline: Instant) -> Option<bool> {
        self.wait(deadline, |state| state.ended.is_some()).ended
    }

    fn wait(&self, deadline: Instant, is_done: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = self.done.wait_timeout_while(self.lock(), left, |state| !is_done(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Waits for something to do, or until `due`.
    pub(super) fn next(&self, due: Option<Instant>) -> Order {
        let mut state = self.lock();
        loop {
            if let Some(deadline) = state.stop_by {
                return Order::Stop { deadline };
            }
            if state.asked > state.begun {
                state.begun = state.asked;
                let deadline = state.flush_by.take().unwrap_or_else(Instant::now);
                return Order::Flush { request: state.begun, deadline };
            }
            let left = due.map(|due| due.saturating_duration_since(Instant::now()));
            if std::mem::take(&mut state.news) || left.is_some_and(|left| left.is_zero()) {
                return Order::Send;
            }
            state = match left {
                Some(left) => {
                    let waited = self.ordered.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.ordered.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Whether somebody waits for more than the thread does by itself.
    pub(super) fn is_asked(&self) -> bool {
        let state = self.lock();
        state.asked > state.begun || state.stop_by.is_some()
    }

    /// When the thread must have ended, once that is ordered.
    pub(super) fn stop_by(&self) -> Option<Instant> {
        self.lock().stop_by
    }

    /// Until when a request may go on that was under way then: what hangs must not take the time
    /// of what would not.
    pub(super) fn break_off_by(&self) -> Option<Instant> {
        self.lock().break_off_by
    }

    pub(super) fn flushed(&self, request: u64, complete: bool) {
        let mut state = self.lock();
        state.finished = request;
        if complete {
            state.complete = request;
        }
        self.done.notify_all();
    }

    /// The thread's last word, which answers for every flush that the end broke off.
    pub(super) fn stopped(&self, complete: bool) {
        let mut state = self.lock();
        if complete {
            state.complete = state.asked;
        }
        state.ended = Some(complete);
        self.done.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
