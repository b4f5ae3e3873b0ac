//! What the listener's thread, its connections and its owner share.

use super::Limits;
use super::routes::Routes;
use crate::status::Pipeline;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) routes: Routes,
    /// The service's name, fit for a header.
    pub(super) service: String,
    pub(super) pipeline: Arc<Pipeline>,
    pub(super) limits: Limits,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    address: Option<SocketAddr>,
    /// Set by `shutdown`: when the last answer must be out.
    stop: Option<Instant>,
    listening: bool,
    connections: usize,
}

impl Shared {
    pub(super) fn new(
        routes: Routes,
        service: String,
        pipeline: Arc<Pipeline>,
        limits: Limits,
    ) -> Arc<Self> {
        let state = Mutex::new(State { listening: true, ..State::default() });
        Arc::new(Shared { routes, service, pipeline, limits, state, changed: Condvar::new() })
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.state().address
    }

    pub(super) fn set_address(&self, address: Option<SocketAddr>) {
        self.state().address = address;
    }

    /// When the last answer must be out, once `shutdown` was called.
    pub(super) fn stop(&self) -> Option<Instant> {
        self.state().stop
    }

    pub(super) fn stop_by(&self, deadline: Instant) {
        let mut state = self.state();
        state.stop = Some(state.stop.map_or(deadline, |earlier| earlier.min(deadline)));
        self.changed.notify_all();
    }

    /// Sleeps, or wakes up early to stop.
    pub(super) fn pause(&self, time: Duration) {
        let running = |state: &mut State| state.stop.is_none();
        let _woken = self.changed.wait_timeout_while(self.state(), time, running);
    }

    /// Waits until the thread and all connections are gone; whether they are.
    pub(super) fn wait_for_end(&self, time: Duration) -> bool {
        let busy = |state: &mut State| state.listening || state.connections > 0;
        let (mut state, _) = self
            .changed
            .wait_timeout_while(self.state(), time, busy)
            .unwrap_or_else(PoisonError::into_inner);
        !busy(&mut state)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells on drop that the listener's thread is gone, however it ended.
#[derive(Debug)]
pub(super) struct Listening(pub(super) Arc<Shared>);

impl Drop for Listening {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.listening = false;
        state.address = None;
        self.0.changed.notify_all();
    }
}

/// One of the connections at once; given back on drop.
#[derive(Debug)]
pub(super) struct Slot(pub(super) Arc<Shared>);

impl Slot {
    pub(super) fn take(shared: &Arc<Shared>) -> Option<Self> {
        let mut state = shared.state();
        if state.connections >= shared.limits.connections {
            return None;
        }
        state.connections += 1;
        drop(state);
        Some(Slot(Arc::clone(shared)))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.state().connections -= 1;
        self.0.changed.notify_all();
    }
}
