//! What the flushing thread and its callers say to each other.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// As good as for ever.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3_600);
/// What the last flush leaves of the caller's time, to be able to tell how it went.
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
    asked: u64,
    begun: u64,
    finished: u64,
    /// The last request that a flush answered by sending everything.
    complete: u64,
    flush_by: Option<Instant>,
    preview: Preview,
    stop_by: Option<Instant>,
    ended: Option<Ended>,
}

#[derive(Debug, Default)]
enum Preview {
    #[default]
    None,
    Wanted,
    Ready(Vec<String>),
}

/// The thread's last word.
#[derive(Debug, Clone, Copy)]
struct Ended {
    /// Points that no flush will send any more, unless counting them failed.
    left_behind: Option<u64>,
}

/// What the thread does next.
#[derive(Debug)]
pub(super) enum Order {
    /// Somebody waits for it where `asked`; else the interval is over.
    Flush {
        request: u64,
        deadline: Instant,
        asked: bool,
    },
    Preview,
    Stop {
        deadline: Instant,
    },
}

impl Orders {
    /// Asks for a flush and waits for it; whether everything that was pending was accepted.
    pub(super) fn flush(&self, timeout: Duration) -> bool {
        let deadline = after(timeout);
        let mut state = self.lock();
        state.asked += 1;
        let request = state.asked;
        state.flush_by = Some(state.flush_by.map_or(deadline, |by| by.max(deadline)));
        self.ordered.notify_all();
        let state =
            self.wait(state, deadline, |state| state.finished >= request || state.ended.is_some());
        state.complete >= request
    }

    /// Asks for the lines of the next flush; none if they are not there in time.
    pub(super) fn preview(&self, timeout: Duration) -> Vec<String> {
        let mut state = self.lock();
        state.preview = Preview::Wanted;
        self.ordered.notify_all();
        let mut state = self.wait(state, after(timeout), |state| {
            !matches!(state.preview, Preview::Wanted) || state.ended.is_some()
        });
        match std::mem::take(&mut state.preview) {
            Preview::Ready(lines) => lines,
            Preview::None | Preview::Wanted => Vec::new(),
        }
    }

    /// Asks for the last flush and waits for it, but not beyond the timeout; returns the points
    /// that stayed behind, if that is known.
    pub(super) fn stop(&self, timeout: Duration) -> Option<u64> {
        let mut state = self.lock();
        if state.stop_by.is_none() {
            state.stop_by = Some(after(timeout - MARGIN.min(timeout / 10)));
            self.ordered.notify_all();
        }
        let state = self.wait(state, after(timeout), |state| state.ended.is_some());
        state.ended?.left_behind
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        deadline: Instant,
        is_done: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = self.done.wait_timeout_while(state, left, |state| !is_done(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Waits for something to do, or until `due`.
    pub(super) fn next(&self, due: Instant, interval: Duration) -> Order {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            if let Some(deadline) = state.stop_by {
                return Order::Stop { deadline };
            }
            if matches!(state.preview, Preview::Wanted) {
                return Order::Preview;
            }
            let asked = state.asked > state.begun;
            if asked || now >= due {
                state.begun = state.asked;
                let deadline = state.flush_by.take().unwrap_or(now + interval);
                return Order::Flush { request: state.begun, deadline, asked };
            }
            let left = due.saturating_duration_since(now);
            let waited = self.ordered.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.lock().stop_by.is_some()
    }

    pub(super) fn flushed(&self, request: u64, complete: bool) {
        let mut state = self.lock();
        state.finished = request;
        if complete {
            state.complete = request;
        }
        self.done.notify_all();
    }

    pub(super) fn previewed(&self, lines: Vec<String>) {
        self.lock().preview = Preview::Ready(lines);
        self.done.notify_all();
    }

    pub(super) fn stopped(&self, left_behind: Option<u64>) {
        let mut state = self.lock();
        if left_behind == Some(0) {
            state.complete = state.asked;
        }
        state.ended = Some(Ended { left_behind });
        self.done.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn after(timeout: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(timeout.min(LONGEST)).unwrap_or(now)
}
